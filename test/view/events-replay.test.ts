/** The program itself over a recording with events, in a real terminal: the events come from its worker once, and stay. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { markedRecording } from '../helpers/marked-recording.js';
import { bundleProgram, TerminalProgram } from '../helpers/terminal.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-events-screen-'));
let program: { file: string; remove: () => void };
beforeAll(async () => {
  program = await bundleProgram('src/main.ts', { threads: true });
});
afterAll(() => {
  program.remove();
  rmSync(directory, { recursive: true });
});

test('a replay shows all events at any position, and goes to them', async () => {
  const path = join(directory, 'events.unfreed');
  const { marks } = markedRecording(path).marks.view();
  const terminal = new TerminalProgram([program.file, 'replay', path], 80, 24, {}, directory);
  try {
    await terminal.see(
      () => terminal.lines()[0].endsWith('ended') && terminal.lines().at(-1)?.includes('q quit') === true,
    );
    terminal.press('7');
    await terminal.see('40 events');
    // Each kill stands alone, so } leads from the first to the second, and all are still there.
    terminal.press('home');
    await terminal.see('next: OOM kill');
    terminal.press('}');
    await terminal.see('1 of 40  { }');
    terminal.press('}');
    await terminal.see('2 of 40  { }');
    expect(terminal.text()).toContain('40 events');
    terminal.press('enter');
    await terminal.see('[1 Findings]');
    terminal.press('escape');
    await terminal.see('[7 Events]');
    expect(marks).toHaveLength(40);
    terminal.press('q');
    expect((await terminal.exit).exitCode).toBe(0);
  } finally {
    terminal.kill();
  }
});
