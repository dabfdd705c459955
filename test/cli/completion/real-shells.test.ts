/** What a user gets who presses Tab in bash, zsh or fish. A shell that is not installed is no failure. */
import { spawnSync } from 'node:child_process';
import { spawn } from '@lydell/node-pty';
import { describe, test } from 'vitest';
import { commandTree } from '../../../src/cli/completion/command-tree.js';
import { bashCompletion } from '../../../src/cli/completion/completion-bash.js';
import { fishCompletion } from '../../../src/cli/completion/completion-fish.js';
import { zshCompletion } from '../../../src/cli/completion/completion-zsh.js';
import { buildProgram } from '../../../src/cli/program.js';
import { until } from '../../helpers/patience.js';
import { scratch } from '../../helpers/scratch.js';
import { Glass } from '../../helpers/terminal.js';

const tree = commandTree(buildProgram('1.2.3'));
const file = scratch();

interface Shell {
  name: string;
  program: string;
  args: string[];
  script: string;
  /** What is typed first; SCRIPT is the path of the script. */
  start: string;
}

const BASH = { program: 'bash', args: ['--norc', '--noprofile'], script: bashCompletion(tree) };
/** Without it bash lists several choices at the second Tab only. */
const LIST_AT_ONCE = 'bind "set show-all-if-ambiguous on"; ';
const SHELLS: Shell[] = [
  { name: 'bash', ...BASH, start: LIST_AT_ONCE + 'source SCRIPT' },
  // Some people take = out, so that paths behind it are completed.
  {
    name: 'bash with = in a word',
    ...BASH,
    start: LIST_AT_ONCE + 'COMP_WORDBREAKS=${COMP_WORDBREAKS//=/}; source SCRIPT',
  },
  {
    name: 'zsh',
    program: 'zsh',
    args: ['-f'],
    script: zshCompletion(tree),
    start: 'autoload -Uz compinit; compinit -u -D; source SCRIPT',
  },
  { name: 'fish', program: 'fish', args: ['--no-config'], script: fishCompletion(tree), start: 'source SCRIPT' },
];

/** What is typed before Tab, and what must then be on the screen: the whole line, or the choices. */
const LINES: [string, string[]][] = [
  ['unfreed top --group=s', ['site', 'stack']],
  ['unfreed top --group s', ['site', 'stack']],
  ['unfreed export --format=sv', ['unfreed export --format=svg']],
  ['unfreed export --format sv', ['unfreed export --format svg']],
  ['unfreed top --allocator=page,s', ['unfreed top --allocator=page,slab']],
  ['unfreed export --output=a-rec', ['unfreed export --output=a-recording.unfreed']],
  ['unfreed live --collector=bpft', ['unfreed live --collector=bpftrace']],
];

describe.each(SHELLS)('$name', ({ program, args, script, start }) => {
  const isInstalled = spawnSync(program, ['--version']).error === undefined;

  test.runIf(isInstalled)('completes the value of an option, beside = and apart from it', async () => {
    const cwd = file('a-recording.unfreed', '').replace(/\/[^/]*$/, '');
    const path = file(`script-${program}`, script);
    for (const [typed, wanted] of LINES) {
      const glass = new Glass(120, 30);
      const env = { ...process.env, HOME: cwd, PS1: '$ ', TERM: 'xterm', HISTFILE: '/dev/null' };
      const child = spawn(program, args, { cols: 120, rows: 30, cwd, env });
      child.onData((data) => glass.term.write(data));
      // fish asks the terminal what it is.
      glass.term.onData((answer) => child.write(answer));
      try {
        child.write(`${start.replace('SCRIPT', path)}; echo rea''dy\r`);
        await until('the shell to have read the script', () => glass.lines().includes('ready'));
        child.write('clear\r');
        await until('an empty screen', () => !glass.text().includes('ready'));
        child.write(`${typed}\t`);
        const isShown = (text: string): boolean => glass.lines().some((line) => line.includes(text));
        await until(`${typed} completed to ${wanted.join(' and ')}`, () => wanted.every(isShown));
      } finally {
        child.kill('SIGKILL');
      }
    }
  });
});
