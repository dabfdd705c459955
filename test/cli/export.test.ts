import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { exportFormat } from '../../src/cli/options/output-name.js';
import { buildProgram } from '../../src/cli/program.js';
import { encodePprof } from '../../src/export/pprof.js';
import { EXPORT_FORMATS } from '../../src/session/export-formats.js';
import { HELD_PIPES, realReport } from '../helpers/real-report.js';
import { scratch } from '../helpers/scratch.js';

const file = scratch();
afterEach(() => {
  vi.restoreAllMocks();
});

const headings = (text: string): number => text.match(/^### /gm)?.length ?? 0;

async function run(...args: string[]): Promise<void> {
  await buildProgram('1.2.3').parseAsync(['export', HELD_PIPES, ...args], { from: 'user' });
}

/** Runs `unfreed export` and returns its standard output. */
async function printed(...args: string[]): Promise<string> {
  const parts: (string | Uint8Array)[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    parts.push(part);
    return true;
  });
  await run(...args);
  return parts.map((part) => Buffer.from(part).toString('latin1')).join('');
}

test('the name of the output says the format, in any case; --format goes before it', () => {
  const names: [string, string][] = [
    ['x.pb.gz', 'pprof'],
    ['x.pprof', 'pprof'],
    ['x.speedscope.json', 'speedscope'],
    ['x.firefox.json', 'firefox'],
    ['x.json', 'json'],
    ['dir.svg/x.HTML', 'html'],
    ['x.svg', 'svg'],
    ['x.csv', 'csv'],
    ['x.folded', 'folded'],
    ['x.md', 'markdown'],
  ];
  for (const [name, format] of names) expect(exportFormat(undefined, name), name).toBe(format);
  expect(new Set(names.map(([, format]) => format))).toEqual(new Set(EXPORT_FORMATS));
  expect(exportFormat('csv', 'x.html')).toBe('csv');
  expect([exportFormat(undefined, undefined), exportFormat(undefined, '-')]).toEqual(['json', 'json']);
});

test('a name that does not say it is wrong usage, which lists those that do, before anything is read', async () => {
  const error = await run('-o', file('x.txt')).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exitCode: 2 });
  expect((error as UserError).nextSteps.join(' ')).toMatch(/\.pb\.gz .*\.folded.*--format json\|csv\|/);
});

test('a profile is gzipped, with neither time nor name in its header; the same report gives the same bytes', async () => {
  await run('-o', file('a.pb.gz'));
  await run('-o', file('b.pb.gz'));
  const bytes = readFileSync(file('a.pb.gz'));
  expect([...bytes.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  expect(bytes.equals(readFileSync(file('b.pb.gz')))).toBe(true);
  expect(gunzipSync(bytes).equals(Buffer.from(encodePprof(await realReport(2 ** 31 - 1))))).toBe(true);
});

test('a profile is not written to a terminal', async () => {
  const { isTTY } = process.stdout;
  try {
    process.stdout.isTTY = true;
    await expect(run('--format', 'pprof')).rejects.toMatchObject({ exitCode: 2, message: /not for a terminal/ });
  } finally {
    process.stdout.isTTY = isTTY;
  }
});

test('markdown has five call paths unless told otherwise, the others all; all formats go to standard output', async () => {
  expect(headings(await printed('--format', 'markdown'))).toBe(5);
  expect(headings(await printed('--format', 'markdown', '-n', '7'))).toBe(7);
  expect((await printed('--format', 'csv')).trim().split('\r\n').length).toBeGreaterThan(100);
  const starts: Record<string, RegExp> = {
    json: /^\{\n {2}"format": "unfreed-report"/,
    firefox: /^\{"meta":\{"interval":/,
    speedscope: /^\{"\$schema":"https:\/\/www\.speedscope\.app/,
    html: /^<!doctype html>/,
    svg: /^<svg /,
    folded: /^entry_SYSCALL/,
  };
  for (const [format, start] of Object.entries(starts)) expect(await printed('--format', format)).toMatch(start);
});

test('a place that cannot be written is said, and is no bug', async () => {
  writeFileSync(file('plain'), '');
  await expect(run('-o', file('plain/x.svg'))).rejects.toMatchObject({
    exitCode: 1,
    message: /^cannot write .*plain\/x\.svg/,
  });
});
