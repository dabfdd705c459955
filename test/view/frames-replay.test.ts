/**
 * The program itself over a bundled recording, in a real terminal: exact screens of the views that
 * show time. The content of the recording is known (recordings/bpf/README.md), and time stands
 * still while the screens are taken.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectGolden, wantedGolden } from '../helpers/golden.js';
import { bundleProgram, sleep, TerminalProgram } from '../helpers/terminal.js';

const RECORDING = new URL('../../recordings/bpf/6.18-held-pipes/held-pipes.unfreed', import.meta.url).pathname;

let program: { file: string; remove: () => void };
let running: TerminalProgram | null = null;
let directory = '';
beforeAll(async () => {
  program = await bundleProgram('src/main.ts', { threads: true });
});
afterAll(() => program.remove());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unfreed-replay-screen-'));
});
afterEach(() => {
  running?.kill();
  running = null;
  rmSync(directory, { recursive: true });
});

async function opened(columns: number, rows: number): Promise<TerminalProgram> {
  running = new TerminalProgram([program.file, 'replay', RECORDING], columns, rows, {}, directory);
  const terminal = running;
  await terminal.see(
    () => terminal.lines()[0].endsWith('ended') && terminal.lines().at(-1)?.includes('q quit') === true,
  );
  return terminal;
}

async function press(terminal: TerminalProgram, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    terminal.press(key);
    // A lone escape is recognised only if nothing follows.
    if (key === 'escape') await sleep(60);
  }
}

async function pressed(terminal: TerminalProgram, keys: readonly string[], text: string): Promise<void> {
  await press(terminal, keys);
  await terminal.see(text);
}

/**
 * Types keys and expects a screen. It comes in pieces, because answers come from another thread:
 * the last one counts.
 */
async function expectScreen(terminal: TerminalProgram, keys: readonly string[], name: string): Promise<void> {
  await press(terminal, keys);
  const wanted = wantedGolden(name);
  if (wanted === null) await sleep(2000);
  else await terminal.see(() => `${terminal.text()}\n` === wanted).catch(() => undefined);
  expectGolden(name, `${terminal.text()}\n`);
}

describe.each([
  [80, 24],
  [160, 50],
])('a replay at %ix%i', (columns, rows) => {
  const name = (what: string): string => `view/replay-${what}-${columns}x${rows}.txt`;

  it('shows where memory went, growth since the mark, and time on its line', async () => {
    const terminal = await opened(columns, rows);
    await expectScreen(terminal, ['5'], name('memory'));
    await expectScreen(terminal, ['v'], name('memory-over-time'));
    await expectScreen(terminal, ['v'], name('memory-every-page'));
    await pressed(terminal, ['v', 'v', 'v', 'v'], 'CHANGE');
    await expectScreen(terminal, ['6'], name('diff-without-mark'));
    await pressed(terminal, ['t', '2', 's', 'enter'], 'paused');
    await pressed(terminal, ['m'], 'marked at 00:00:0');
    await expectScreen(terminal, ['t', '+', '2', 's', 'enter'], name('diff'));
    await expectScreen(terminal, ['t', '1', '0', '%', 'enter'], name('diff-before-mark'));
    await expectScreen(terminal, ['t', '5', 'x', 'enter'], name('time-mistyped'));
    await pressed(terminal, ['escape'], 'q quit');
    await expectScreen(terminal, ['5', 't', '4', 'enter'], name('memory-at-4s'));
    await pressed(terminal, [']'], ' 5.00s ');
    await expectScreen(terminal, ['['], name('memory-at-4s'));
    await press(terminal, ['n']);
    await terminal.see(() => !terminal.text().includes(' 4.00s '));
    terminal.press('q');
    await terminal.drawn();
    expect((await terminal.exit).exitCode).toBe(0);
  });

  it('writes what is ranked, and one call path, and says where when it has ended', async () => {
    const terminal = await opened(columns, rows);
    await expectScreen(terminal, ['e'], name('export-menu'));
    await pressed(terminal, ['down', 'enter'], 'as csv to unfreed-host-');
    await pressed(terminal, ['c'], 'wrote the call path to unfreed-host-');
    const files = readdirSync(directory).toSorted((a, b) => (a.slice(-4) < b.slice(-4) ? -1 : 1));
    expect(files.map((file) => file.replace(/\d{8}T\d{6}Z(-\d+)?/, 'TIME'))).toEqual([
      'unfreed-host-TIME.csv',
      'unfreed-host-TIME.txt',
    ]);
    terminal.press('q');
    await terminal.drawn();
    for (const file of files) expect(terminal.text()).toContain(`wrote ${file}`);
  });
});
