import { constants } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bundleProgram, sleep, TerminalProgram } from '../../helpers/terminal.js';

let program: { file: string; remove: () => void };
let running: TerminalProgram | null = null;

beforeAll(async () => {
  program = await bundleProgram('test/view/fixtures/screen-program.ts');
});
afterAll(() => program.remove());
afterEach(() => {
  running?.kill();
  running = null;
});

async function start(args: string[], columns = 80, rows = 24): Promise<TerminalProgram> {
  running = new TerminalProgram([program.file, ...args], columns, rows);
  // A frame may come in two pieces; the footer is its last line.
  await running.see(() => running?.lines().at(-1)?.includes('q quit') === true);
  // A screen that is still running changes four times a second.
  await running.settled(100);
  return running;
}

async function expectRestored(terminal: TerminalProgram): Promise<void> {
  await terminal.drawn();
  expect(terminal.buffer()).toBe('normal');
  expect(terminal.term.modes.bracketedPasteMode).toBe(false);
  expect(terminal.term.modes.wraparoundMode).toBe(true);
  expect(await terminal.cursorVisible()).toBe(true);
}

test('keys move, open and go back, and q leaves the terminal as it was', async () => {
  const terminal = await start(['live']);
  expect(terminal.buffer()).toBe('alternate');
  expect(terminal.inverseRows()).toHaveLength(1);
  const before = terminal.inverseRows()[0];
  terminal.press('down', 'j');
  await terminal.see(() => terminal.inverseRows()[0] === before + 2);
  terminal.press('enter');
  await terminal.see('CALL PATH, leaf first');
  terminal.press('escape');
  await terminal.see('more call paths');
  terminal.press('?');
  await terminal.see('this help');
  terminal.press('?', 'q');
  await expectRestored(terminal);
  expect((await terminal.exit).exitCode).toBe(0);
  expect(terminal.text()).toContain('screen ended');
});

test('a terminal that becomes too small says so and recovers', async () => {
  const terminal = await start(['live']);
  terminal.resize(20, 5);
  await terminal.see(() => terminal.lines().some((line) => line.trim() === 'too small'));
  expect(terminal.lines().filter((line) => line !== '')).toHaveLength(1);
  terminal.resize(100, 30);
  await terminal.see(() => terminal.lines()[29].includes('q quit'));
  expect(terminal.text()).toContain('CALL PATH');
  terminal.press('ctrl-c');
  await expectRestored(terminal);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'])('%s restores the terminal and ends in order', async (name) => {
  const terminal = await start(['live']);
  terminal.signal(name);
  await expectRestored(terminal);
  expect(terminal.text()).toContain('screen ended');
  expect((await terminal.exit).exitCode).toBe(0);
});

test('a terminal that is closed ends it in order', async () => {
  const terminal = await start(['live']);
  terminal.hangUp();
  // Node itself would abort.
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: 0 });
});

test('more hang-ups do not kill it while it ends, SIGTERM does', async () => {
  const terminal = await start(['live', 'lingering']);
  terminal.signal('SIGHUP');
  // Its signal handlers are removed by now; before that they would take the signal.
  await terminal.see('lingering');
  terminal.signal('SIGHUP');
  await sleep(50);
  terminal.signal('SIGHUP');
  await sleep(50);
  terminal.signal('SIGTERM');
  expect(await terminal.exit).toEqual({ exitCode: 0, signal: constants.signals.SIGTERM });
});

test.each([
  ['crash', 'a crash on purpose'],
  ['reject', 'a rejection on purpose'],
  ['throw', 'thrown by the session'],
])('a %s restores the terminal, and its message can be read', async (flag, message) => {
  const terminal = await start(['live', flag], 120, 40);
  await expectRestored(terminal);
  expect(terminal.text()).toContain(message);
  expect((await terminal.exit).exitCode).not.toBe(0);
});

test('suspending gives the terminal back, and waking draws everything again', async () => {
  const terminal = await start(['live', 'still']);
  const before = terminal.lines();
  // It leads its session and no process could wake it, so the kernel does not stop it, and it comes
  // back by itself.
  const buffers: string[] = [];
  terminal.term.buffer.onBufferChange(({ type }) => buffers.push(type));
  terminal.press('ctrl-z');
  // As the terminal reports it: this state lasts a tenth of a second.
  await terminal.see(() => buffers.includes('normal'));
  await terminal.see(() => terminal.buffer() === 'alternate' && terminal.text() === before.join('\n'));
  // A stop without warning: on waking, everything is drawn again.
  terminal.signal('SIGSTOP');
  await sleep(50);
  terminal.term.write('\x1b[2Jgarbage');
  terminal.signal('SIGCONT');
  await terminal.see(() => terminal.lines().join('\n') === before.join('\n'));
  terminal.press('q');
  await expectRestored(terminal);
});

test('hostile names never move the cursor nor leave their cell', async () => {
  const tame = await start(['live', 'still'], 160, 50);
  const frame = tame.lines();
  tame.kill();
  const terminal = await start(['live', 'still', 'hostile'], 160, 50);
  const lines = terminal.lines();
  expect(terminal.buffer()).toBe('alternate');
  expect(lines[0]).toMatch(/^unfreed {2}live {2}␛\[2J␛\[Hgone .* tracing 00:20:00$/);
  expect(lines[49]).toBe(frame[49]);
  // Columns before, between and behind the names have the same content as with tame names.
  const heads = frame.findIndex((line) => line.includes('CALL PATH'));
  const hostileHeads = lines.findIndex((line) => line.includes('CALL PATH'));
  expect(lines[hostileHeads]).toBe(frame[heads]);
  const from = frame[heads].indexOf('AGE') - 2;
  const to = frame[heads].indexOf('CATEGORY');
  const count = frame[heads].indexOf('COUNT') + 'COUNT'.length;
  const trend = frame[heads].indexOf('TREND');
  for (let row = 1; row <= 30; row++) {
    // The growth is left out: it is shown for verdicts that rise, and a hostile verdict is none.
    expect(terminal.cells(hostileHeads + row, 0, count)).toBe(tame.cells(heads + row, 0, count));
    expect(terminal.cells(hostileHeads + row, trend, 39)).toBe(tame.cells(heads + row, trend, 39));
    expect(terminal.cells(hostileHeads + row, from, to)).toBe(tame.cells(heads + row, from, to));
  }
  terminal.press('enter');
  await terminal.see('CALL PATH, leaf first');
  terminal.press('q');
  await expectRestored(terminal);
});

/** The column of what is held. */
const HELD_HEAD = /\b(?:BYTES|HELD)\b/;

test('nor do they in the tree, among processes and among caches', async () => {
  const seen: Record<string, string[][]> = { tame: [], hostile: [] };
  for (const [names, screens] of Object.entries(seen)) {
    const terminal = await start(['live', 'still', names], 120, 30);
    for (const key of ['2', '3', '4']) {
      terminal.press(key);
      await terminal.see(
        () => terminal.text().includes(`[${key} `) && /\b10 (?:call paths|processes|caches)/.test(terminal.text()),
      );
      await terminal.settled(150);
      expect(terminal.buffer()).toBe('alternate');
      const lines = terminal.lines();
      const head = lines.findIndex((line) => HELD_HEAD.test(line));
      const found = HELD_HEAD.exec(lines[head] ?? '');
      // Figures end where the head of their column does.
      const column = (found?.index ?? 0) + (found?.[0].length ?? 0) - 8;
      const bytes = Array.from({ length: 10 }, (_, row) => terminal.cells(head + 1 + row, column, column + 9));
      screens.push([lines[head - 1], lines[head], lines[29], ...bytes]);
    }
    terminal.kill();
  }
  // Tabs, heads and footer, and the bytes in each row, are at the same places as with tame names.
  expect(seen['hostile']).toEqual(seen['tame']);
  expect(seen['tame'].map((screen) => screen.slice(3, 5).map((cell) => cell.trim()))).toEqual([
    ['640 KiB', '576 KiB'],
    ['640 KiB', '576 KiB'],
    ['640 KiB', '576 KiB'],
  ]);
});

test('a replay obeys its time keys', async () => {
  const terminal = await start(['replay', 'still']);
  await terminal.see('45%');
  terminal.press('right', 'right');
  await terminal.see('55%');
  terminal.press('space', '>');
  await terminal.see('paused');
  await terminal.see('speed 2x');
  terminal.press('home');
  await terminal.see(' 0%');
  terminal.press('q');
  await terminal.drawn();
  expect(terminal.text()).toContain('asked: speed 2, seek 0, stop');
});

test('NO_COLOR leaves no colour on the screen', async () => {
  running = new TerminalProgram([program.file, 'live', 'still', 'lost'], 120, 30, { NO_COLOR: '1' });
  await running.see('tracing 00:');
  expect(running.colourOf('tracing 00:')).toBe(-1);
  running.kill();
  running = new TerminalProgram([program.file, 'live', 'still', 'lost'], 120, 30);
  await running.see('tracing 00:');
  expect(running.colourOf('tracing 00:')).toBe(2);
});
