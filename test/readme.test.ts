/**
 * The commands of README.md, run as a reader would: in a copy of the working tree without what is built or installed, with
 * `unfreed` linked to its program. Needs root, as tracing does, and the package registry.
 */
import { execFileSync, spawn as spawnProcess, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from './helpers/patience.js';
import { scratch } from './helpers/scratch.js';
import { Glass } from './helpers/terminal.js';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const place = scratch();

/** Commands that no test can run as they stand, each with the reason. All others are run. */
const NOT_RUN: [RegExp, string][] = [
  [/^npm (?:test|run test)\b/, 'runs the tests, of which this is one'],
  [/^npm run bench/, 'takes many minutes, and figures are no part of this'],
  [/^npm link\b/, 'would change the machine; the test makes the same link in a folder of its own'],
  [/^(?:scp|ssh|sudo|lsof|ss|df|git)\b/, 'needs another machine or repository, or is not ours'],
  [/^\.\/unfreed-collect\b/, 'runs elsewhere, from another folder; test/live/collector-alone.test.ts runs it'],
];
/** Recordings that the text speaks of and that no command before makes: each is a copy of one that it does make. */
const OTHER_RECORDINGS = ['before', 'after', 'before.unfreed', 'after.unfreed'];
const PROGRAMS = /^(?:npm|scp|ssh|sudo|git|\.\/[\w./-]+|unfreed(?: [a-z-]|$))/;

/** The commands of the README's blocks, and of the cells of its tables, in their order. */
function commandsOf(text: string): string[] {
  const commands: string[] = [];
  let inFence = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) inFence = !inFence;
    else if (inFence || line.startsWith('    ')) commands.push(line.trim().replace(/^[$#] /, ''));
    else if (line.startsWith('| ')) commands.push(...[...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code));
  }
  const own = commands.map((command) => command.replace(/\s+#\s.*$/, '')).filter((command) => PROGRAMS.test(command));
  return [...new Set(own)];
}

const COMMANDS = commandsOf(README);
const reasonOf = (command: string): string | null => NOT_RUN.find(([names]) => names.test(command))?.[1] ?? null;
const RUN = COMMANDS.filter((command) => reasonOf(command) === null);
const isScreen = (command: string): boolean => /^(?:npm start|unfreed)(?: (?:live|replay)\b.*)?$/.test(command);

/** The command with a second where it would trace longer, or without end. */
function shortened(command: string): string {
  if (isScreen(command) || !/\b(?:record|top|export)\b/.test(command)) return command;
  const once = command.replace(/--duration \S+/, '--duration 1s');
  const isLive = /\brecord\b/.test(command) || !/\b(?:top|export) (?:\S+ )*?[^-\s]\S*\.unfreed/.test(command);
  return once === command && isLive && !command.includes('--duration') ? `${command} --duration 1s` : once;
}

/** The process that the text calls PID. */
const sleeper = spawnProcess('sleep', ['1000'], { stdio: 'ignore' });
afterAll(() => sleeper.kill());

/** The command with a process in the place of PID. */
function named(command: string): string {
  return command.replaceAll(/\bPID\b/g, String(sleeper.pid));
}

let clone = '';
let env: Record<string, string> = {};

beforeAll(() => {
  expect(process.getuid?.(), 'tracing needs root').toBe(0);
  clone = place('clone');
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const name of files.toString().split('\0')) {
    if (name === '' || !existsSync(join(ROOT, name))) continue;
    mkdirSync(join(clone, name, '..'), { recursive: true });
    cpSync(join(ROOT, name), join(clone, name), { verbatimSymlinks: true });
  }
  // A support bundle, as the text speaks of one: the least that can be judged.
  mkdirSync(join(clone, 'sos/proc'), { recursive: true });
  writeFileSync(join(clone, 'sos/proc/meminfo'), readFileSync('/proc/meminfo'));
  execFileSync('tar', ['-C', clone, '-cJf', join(clone, 'sos.tar.xz'), 'sos']);
  const bin = place('bin');
  const temporary = place('tmp');
  for (const directory of [bin, temporary]) mkdirSync(directory);
  symlinkSync(join(clone, 'dist/main.js'), join(bin, 'unfreed'));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:npm_|VITEST|NODE_|CI$)/.test(name));
  env = {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    TMPDIR: temporary,
    TERM: 'xterm-256color',
  };
});

/** Runs a command behind a terminal, waits for the screen's tabs, and quits. Returns the exit code and what was seen. */
async function runScreen(command: string): Promise<{ code: number; seen: string }> {
  const glass = new Glass(120, 35);
  const child = spawn('bash', ['-c', named(command)], { cols: 120, rows: 35, cwd: clone, env });
  child.onData((data) => glass.term.write(data));
  let code: number | null = null;
  child.onExit(({ exitCode }) => (code = exitCode));
  try {
    await until(`the screen of ${command}`, () => code !== null || glass.text().includes('1 Findings'));
    const seen = glass.text();
    child.write('q');
    await until(`the end of ${command}`, () => code !== null);
    return { code: code ?? -1, seen };
  } finally {
    if (code === null) child.kill('SIGKILL');
  }
}

describe('the commands of README.md', () => {
  test('are found: those that start, record, rank, export and compare', () => {
    for (const name of [
      'npm start',
      'unfreed record',
      'unfreed top',
      'unfreed export',
      'unfreed diff',
      'unfreed live',
    ]) {
      expect(
        COMMANDS.some((command) => command.startsWith(name)),
        name,
      ).toBe(true);
    }
    expect(commandsOf('    unfreed  replay  host  Linux\n    npm start   # why\n`unfreed top`')).toEqual(['npm start']);
  });

  test('a clone sets itself up with the first of them', () => {
    const setup = spawnSync('npm', ['run', 'setup'], { cwd: clone, env, encoding: 'utf8' });
    expect(setup.status, setup.stderr).toBe(0);
    const main = join(clone, 'dist/main.js');
    expect(existsSync(main)).toBe(true);
    // npm link does the same.
    chmodSync(main, 0o755);
    expect(spawnSync('unfreed', ['--version'], { cwd: clone, env }).status).toBe(0);
    // A slow registry on a busy machine.
  }, 900_000);

  test.each(RUN)('%s', async (command) => {
    const made = [...README.matchAll(/-o (\S+\.unfreed)/g)].map(([, name]) => join(clone, name)).find(existsSync);
    for (const name of OTHER_RECORDINGS) {
      const path = join(clone, name);
      if (made !== undefined && !existsSync(path)) copyFileSync(made, path);
    }
    if (isScreen(command)) {
      const { code, seen } = await runScreen(command);
      expect(seen).toContain('1 Findings');
      expect(code, seen).toBe(0);
      return;
    }
    const ran = spawnSync('bash', ['-c', shortened(command)], { cwd: clone, env, encoding: 'utf8' });
    // 3 is an answer of triage: something is abnormal.
    const wanted = command.startsWith('unfreed triage') ? [0, 3] : [0];
    expect(wanted, `${shortened(command)}\n${ran.stderr}`).toContain(ran.status);
    const output = / -o (\S+)/.exec(command)?.[1];
    if (output !== undefined) expect(existsSync(join(clone, output))).toBe(true);
  });
});
