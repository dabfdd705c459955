/** --ascii: plain characters on standard output, and nowhere else. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { setAscii } from '../../src/cli/options/look.js';
import { buildProgram } from '../../src/cli/program.js';
import { HELD_PIPES } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';

const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  setAscii(false);
});

async function printed(...args: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += Buffer.from(part).toString('utf8');
    return true;
  });
  await buildProgram('1.2.3').parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  return text;
}

const ASCII = /^[\n\x20-\x7e]*$/;
const TOP = ['top', HELD_PIPES, '-n', '2'];
const DIFF = ['diff', HELD_PIPES, '--from', '2s', '-n', '2'];

it('top and diff print ASCII with --ascii, before and after the command, and with LC_ALL=C', async () => {
  for (const args of [TOP, DIFF]) {
    vi.stubEnv('LC_ALL', 'C.UTF-8');
    const usual = await printed(...args);
    expect(usual).toContain('… ');
    expect(usual).not.toContain('\x1b');
    for (const asked of [
      [...args, '--ascii'],
      ['--ascii', ...args],
    ]) {
      const plain = await printed(...asked);
      expect(plain).toMatch(ASCII);
      expect(plain.split('\n')).toHaveLength(usual.split('\n').length);
    }
    // --ascii of one command is not that of the next.
    expect(await printed(...args)).toBe(usual);
    vi.stubEnv('LC_ALL', 'C');
    expect(await printed(...args)).toMatch(ASCII);
  }
});

it('files and other formats stay as they are', async () => {
  const [usual, plain] = [file('usual.txt', ''), file('plain.txt', '')];
  await printed(...DIFF, '--format', 'text', '--force', '-o', usual);
  await printed(...DIFF, '--format', 'text', '--force', '-o', plain, '--ascii');
  expect(readFileSync(plain, 'utf8')).toBe(readFileSync(usual, 'utf8'));
  expect(readFileSync(plain, 'utf8')).toContain('…');
  for (const args of [
    ['diff', HELD_PIPES, '--from', '2s', '--format', 'json'],
    ['info', HELD_PIPES, '--json'],
  ]) {
    expect(await printed(...args, '--ascii')).toBe(await printed(...args));
  }
});

it('top is in colour on a terminal alone', async () => {
  const { isTTY, columns } = process.stdout;
  try {
    Object.assign(process.stdout, { isTTY: true, columns: 100 });
    vi.stubEnv('TERM', 'xterm');
    vi.stubEnv('NO_COLOR', '');
    expect(await printed(...TOP)).toContain('\x1b[1m6.55 MiB\x1b[0m');
    vi.stubEnv('NO_COLOR', '1');
    expect(await printed(...TOP)).not.toContain('\x1b');
    vi.stubEnv('NO_COLOR', '');
    vi.stubEnv('TERM', 'dumb');
    expect(await printed(...TOP)).toMatch(ASCII);
  } finally {
    Object.assign(process.stdout, { isTTY, columns });
  }
});
