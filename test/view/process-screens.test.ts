/** The whole program in a real terminal, over a trace of a process: its size in the head, its rows, blocks, and faults over time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { threadStacks } from '../helpers/process-stream.js';
import { bundleProgram, TerminalProgram } from '../helpers/terminal.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-process-'));
const TRACE = join(directory, 'heap.stream');

let program: { file: string; remove: () => void };
let running: TerminalProgram | null = null;

beforeAll(async () => {
  writeFileSync(TRACE, threadStacks(30, true));
  program = await bundleProgram('src/main.ts', { threads: true });
});
afterAll(() => {
  program.remove();
  rmSync(directory, { recursive: true });
});
afterEach(() => {
  running?.kill();
  running = null;
});

test.each([
  [80, 24],
  [160, 50],
])('the screen of a process, at %ix%i', async (columns, rows) => {
  running = new TerminalProgram([program.file, 'replay', TRACE], columns, rows);
  const terminal = running;
  const text = (): string => terminal.lines().join('\n');
  const seen = async (...patterns: readonly RegExp[]): Promise<void> => {
    await terminal.see(() => patterns.every((pattern) => pattern.test(text())));
    // Nothing of the machine is in such a trace. The keys below name what they hide.
    expect(terminal.lines().slice(0, -1).join('\n')).not.toMatch(/meminfo|MEMINFO|\bRAM\b|Slab:/);
    for (const line of terminal.lines()) expect(line.length).toBeLessThanOrEqual(columns);
  };
  await seen(
    /^server 4711 {2}VmSize 4\.79 MiB \(\+2\.34 MiB\) {2}RSS 1\.02 MiB \(\+240 KiB\)/m,
    /▲ server 4711 holds 2\.34 MiB of mappings of spawn_worker/,
    /1 2\.34 MiB .*growing .*server 4711 +mappings of/,
    /2 1\.88 MiB .*growing .*server 4711 +heap memory of/,
    /3 1\.00 MiB .*before .*server 4711 +\[heap\], from/,
  );
  terminal.press('enter');
  await seen(
    /#1 spawn_worker {2}map {2}growing {2}mapped/,
    /in 600 pages, 60 ranges, RSS 240 KiB/,
    /▸ spawn_worker\+0x10/,
  );
  terminal.press('G');
  await seen(/0x7e0000[0-9a-f]{6} +40\.0 KiB +\d+s +4711 server/);
  terminal.press('backspace');
  terminal.press('5');
  await seen(
    / PID PROCESS +VMSIZE/,
    /4711 server +4\.79 MiB \+2\.34 MiB/,
    /TIME +minflt\/s majflt\/s +VSZ +RSS/,
    /30\.0s +40\.00 +0\.00 4\.79 MiB/,
  );
  terminal.press('4');
  await seen(/a trace of processes has none/);
  terminal.press('3');
  await seen(/1 +\d+(?:\.\d+)? MiB .*4711 server/);
  terminal.press('enter');
  await seen(/Who › server 4711/, /RSS 1\.02 MiB: anonymous 840 KiB, files 200 KiB/, /explain VmSize to the page/);
});
