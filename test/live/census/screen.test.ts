/** C on the live screen takes a census of this machine beside the trace, and the page "every page" shows it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { carriedCensus } from '../../../src/session/census/carried-census.js';
import { requireRoot } from '../../helpers/live.js';
import { replayedFile } from '../../helpers/replayed.js';
import { bundleProgram, TerminalProgram } from '../../helpers/terminal.js';

let program: { file: string; remove: () => void };
let running: TerminalProgram | null = null;
beforeAll(async () => {
  requireRoot();
  program = await bundleProgram('src/main.ts', { threads: true });
});
afterEach(() => {
  running?.kill();
  running = null;
});
const directory = mkdtempSync(join(tmpdir(), 'unfreed-census-screen-'));
afterAll(() => {
  program.remove();
  rmSync(directory, { recursive: true });
});

/** Bytes of a figure such as '12.4 GiB'. */
function bytesOf(text: string): number {
  const [, size, unit] = /^([\d.]+) (B|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  return Number(size) * 1024 ** ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit);
}

it('has slab and page tables as /proc/meminfo has them, and a page of a class; the trace goes on, and its recording has both', async () => {
  const path = join(directory, 'screen.unfreed');
  running = new TerminalProgram([program.file, 'live', '--collector', 'bpf', '--record', path], 120, 40);
  const terminal = running;
  await terminal.see('events, ');
  terminal.press('5');
  await terminal.see('change since the start');
  terminal.press('C');
  await terminal.see('counted in');
  const row = (name: string): string => terminal.lines().find((line) => line.startsWith(name)) ?? '';
  const meminfo = new Map(
    readFileSync('/proc/meminfo', 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.split(':')[0], Number(/(\d+)/.exec(line)?.[1]) * 1024]),
  );
  for (const [name, of] of [
    ['slab ', 'Slab'],
    ['page tables ', 'PageTables'],
  ] as const) {
    const seen = bytesOf(row(name).slice(27, 36).trim());
    // Other processes come and go meanwhile.
    expect(seen / (meminfo.get(of) ?? 0), name).toBeGreaterThan(0.7);
    expect(seen / (meminfo.get(of) ?? 0), name).toBeLessThan(1.4);
  }
  expect(row('not in meminfo')).toMatch(/^not in meminfo {1,12}[\d,]+ +[\d.]+ \w+ +±0 /);
  const events = (): string => / ([\d.]+[kMG]?) events/.exec(terminal.text())?.[1] ?? '';
  const before = events();
  await terminal.see(() => events() !== before);
  terminal.press('enter');
  await terminal.see('of all pages');
  // A second census: now there are changes.
  terminal.press('escape');
  await terminal.see('CLASS');
  terminal.press('C');
  await terminal.see('changes since the first');
  terminal.press('q');
  await terminal.drawn();
  expect((await terminal.exit).exitCode).toBe(0);
  const { pipeline } = await replayedFile(path);
  const carried = pipeline.looks.map((look) => carriedCensus(look)).filter((census) => census !== null);
  expect(carried).toHaveLength(2);
  expect(pipeline.census?.sinceSeconds).toBeGreaterThan(0);
});
