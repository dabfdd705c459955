import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandTree } from '../../../src/cli/completion/command-tree.js';
import { bashCompletion } from '../../../src/cli/completion/completion-bash.js';
import { fishCompletion } from '../../../src/cli/completion/completion-fish.js';
import { zshCompletion } from '../../../src/cli/completion/completion-zsh.js';
import { buildProgram } from '../../../src/cli/program.js';
import { scratch } from '../../helpers/scratch.js';

const tree = commandTree(buildProgram('1.2.3'));
const file = scratch();

/**
 * Returns the shell's complaints about the script; null if the shell is not installed, which is no
 * failure.
 */
function complaintsOf(shell: string, script: string): string | null {
  const run = spawnSync(shell, ['-n', file(`completion.${shell}`, script)], { encoding: 'utf8' });
  return run.error === undefined ? run.stderr + (run.status === 0 ? '' : `status ${run.status}`) : null;
}

/** Returns the completions that bash offers for the last of these words. */
function bashOffers(words: string[], cwd: string): string[] {
  const script = `${bashCompletion(tree)}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_unfreed
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync('bash', ['--norc', '-c', script, 'bash', 'unfreed', ...words], { encoding: 'utf8', cwd });
  expect(run.stderr).toBe('');
  return run.stdout.trim().split('\n');
}

test('the tree has every command, with words for choices and lists', () => {
  const names = tree.commands.map((command) => command.name);
  expect(names).toEqual(expect.arrayContaining(['live', 'record', 'replay', 'top', 'export', 'doctor', 'man']));
  expect(names).toContain('help');
  const options = tree.commands.find((command) => command.name === 'export')?.options ?? [];
  const option = (long: string) => options.find((each) => each.long === long);
  expect(option('--format')).toMatchObject({ value: 'name', list: false });
  expect(option('--format')?.words).toContain('speedscope');
  expect(option('--allocator')).toMatchObject({
    words: ['page', 'slab', 'percpu', 'vmalloc', 'heap', 'map', 'reserved'],
    list: true,
  });
  expect(option('--category')?.words).toContain('page-tables');
  expect(option('--output')).toMatchObject({ short: '-o', value: 'file' });
  expect(option('--include-self')).toMatchObject({ value: null, words: [] });
});

test('bash, zsh and fish read their scripts', () => {
  expect(complaintsOf('bash', bashCompletion(tree))).toBe('');
  for (const [shell, script] of [['zsh', zshCompletion(tree)] as const, ['fish', fishCompletion(tree)] as const]) {
    expect(complaintsOf(shell, script) ?? '').toBe('');
  }
});

test('bash offers commands, options, values, lists and files, each where it may stand', () => {
  const directory = file('a recording.unfreed', '').replace(/\/[^/]*$/, '');
  const offers = (...words: string[]): string[] => bashOffers(words, directory);
  expect(offers('re')).toEqual(['record', 'replay', 'repair']);
  expect(offers('help', 'to')).toEqual(['top']);
  expect(offers('export', '--format', 's')).toEqual(['speedscope', 'svg']);
  expect(offers('export', '--format', '=', 'sv')).toEqual(['svg']);
  expect(offers('top', '--allocator', 'page,s')).toEqual(['page,slab']);
  expect(offers('top', '--inc')).toEqual(['--include-self']);
  expect(offers('replay', 'a ')).toEqual(['a recording.unfreed']);
  expect(offers('export', '-o', 'a')).toEqual(['a recording.unfreed']);
  expect(offers('diff', 'a ')).toEqual(['a recording.unfreed']);
  expect(offers('diff', 'a recording.unfreed', 'a ')).toEqual(['a recording.unfreed']);
  expect(zshCompletion(tree)).toMatch(/'1:before:_files' \\\n +'2:after:_files'/);
  expect(offers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(offers('record', '-o', 'x', '--', 'mkdi')).toContain('mkdir');
  expect(offers('top', '-n', '')).toEqual(['']);
});
