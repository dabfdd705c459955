/**
 * The whole program in a real terminal, over a bundled recording: each view and each key, exact
 * screens. A changed screen is reviewed like code; `npm run golden` rewrites them.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectGolden, wantedGolden } from '../helpers/golden.js';
import { HANG_MS } from '../helpers/patience.js';
import { cases } from '../helpers/seeds.js';
import { bundleProgram, TerminalProgram } from '../helpers/terminal.js';

const RECORDING = join(import.meta.dirname, '../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed');

let program: { file: string; remove: () => void };
let running: TerminalProgram | null = null;

beforeAll(async () => {
  program = await bundleProgram('src/main.ts', { threads: true });
});
afterAll(() => program.remove());
afterEach(() => {
  running?.kill();
  running = null;
});

async function replay(columns: number, rows: number, ...flags: string[]): Promise<TerminalProgram> {
  running = new TerminalProgram(
    [program.file, 'replay', RECORDING, '--sort', 'bytes', '--group', 'stack', ...flags],
    columns,
    rows,
  );
  await running.see(() => /\bended$/.test(running?.lines()[0] ?? '') && running?.lines().at(-1) !== '');
  return running;
}

/** While goldens are rewritten, a screen is taken once it has not changed for this long. */
const REWRITE_QUIET_MS = 1500;

async function expectScreen(terminal: TerminalProgram, name: string): Promise<void> {
  const path = `view/replay-${name}.txt`;
  const wanted = wantedGolden(path)?.slice(0, -1) ?? null;
  expectGolden(path, `${await terminal.settled(wanted === null ? REWRITE_QUIET_MS : HANG_MS, wanted)}\n`);
}

/** Keys that are pressed one after the other, and the name of the golden screen after them. */
const STORY: readonly (readonly [keys: readonly string[], name: string])[] = [
  [[], 'stacks'],
  [['down', 'down', 'enter'], 'detail'],
  [['G'], 'detail-end'],
  [['backspace', 'b', 'b', 'b'], 'by-module'],
  [['b', 'b', 'b', 'b', 'g'], 'by-category'],
  [['down', 'enter'], 'category-slab'],
  [['backspace', 'g', 'B', 'up', 'up', 'up', 'up', 'up', 'up', 'up', 'enter', 'u'], 'unaccounted'],
  [['u', 'tab'], 'tree'],
  [['enter'], 'tree-closed'],
  [['*', 'G'], 'tree-all'],
  [['v'], 'tree-from-leaf'],
  [['l', 'f'], 'paths-through'],
  [['backspace', '3'], 'processes'],
  [['v'], 'processes-by-name'],
  [['down', 'enter'], 'paths-of-process'],
  [['escape'], 'processes-again'],
  [['4'], 'caches'],
  [['down', 'enter'], 'paths-of-cache'],
  [['backspace', '1', 'A', 'enter', 'down'], 'allocators'],
  [['enter', 'backspace', 'a', 'a', 'a', 'a', 'a', '/', '/', 'p', 'i', 'p', 'e', '(', ')'], 'filter'],
  [['('], 'filter-bad'],
  [['escape'], 'filter-cleared'],
  [['S', 'down', 'down'], 'sort-menu'],
  [['enter', '?'], 'help'],
];

test.each([
  [80, 24],
  [160, 50],
])('each view and each key, at %ix%i', async (columns, rows) => {
  const terminal = await replay(columns, rows);
  for (const [keys, name] of STORY) {
    // Escape must be the last key: it is recognised only if nothing follows.
    for (const key of keys) terminal.press(key);
    await expectScreen(terminal, `${name}-${columns}x${rows}`);
  }
  terminal.press('q', 'q');
  await terminal.drawn();
  expect(terminal.buffer()).toBe('normal');
  expect((await terminal.exit).exitCode).toBe(0);
});

test('a terminal that becomes small and large again shows each view as before', async () => {
  const terminal = await replay(80, 24);
  for (const view of ['2', '6', '1', '3', '4', '5'].slice(0, cases(2, 6))) {
    terminal.press(view);
    await terminal.see(() => terminal.text().includes(`[${view} `));
    await terminal.see(() => !/working out|waiting for|reading/.test(terminal.text()));
    const before = await terminal.settled(1000);
    terminal.resize(20, 5);
    await terminal.see(() => terminal.text().trim() === 'too small');
    terminal.resize(80, 24);
    await terminal.see(() => terminal.text() === before);
  }
});
