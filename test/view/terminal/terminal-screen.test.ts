import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Screen } from '../../../src/view/terminal/terminal-screen.js';
import { FakeTerminal } from '../../helpers/terminal.js';

function open(columns = 20, rows = 5): { screen: Screen; terminal: FakeTerminal } {
  const terminal = new FakeTerminal(columns, rows);
  const screen = new Screen(terminal.stdout);
  screen.enter();
  return { screen, terminal };
}

describe('Screen', () => {
  test('regions lie over the frame', async () => {
    const { screen, terminal } = open();
    screen.write('one\ntwo\nthree\nfour\nfive');
    screen.setRegion('body', 1, ['TWO', 'THREE']);
    screen.flush();
    await terminal.settle();
    expect(terminal.lines()).toEqual(['one', 'TWO', 'THREE', 'four', 'five']);
    screen.clearRegion('body');
    screen.flush();
    await terminal.settle();
    expect(terminal.lines()).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  test('plain: every byte that is sent is ASCII, and columns stay', async () => {
    const terminal = new FakeTerminal(20, 3);
    const screen = new Screen(terminal.stdout, { plain: true });
    screen.enter();
    screen.write('\x1b[1m▲ name…\x1b[0m  ±0 \x1b[34m▁▃█\x1b[0m\ntwo');
    screen.flush();
    await terminal.settle();
    expect(terminal.lines().slice(0, 2)).toEqual(['^ nam.. +-0 .-@', 'two']);
    expect(terminal.writes.join('')).toMatch(/^[\x00-\x7f]*$/);
    terminal.writes.length = 0;
    screen.flush();
    expect(terminal.writes).toEqual([]);
  });

  test('only lines that changed are sent, as one synchronized write, and nothing when nothing changed', () => {
    const { screen, terminal } = open();
    screen.write('one\ntwo\nthree');
    screen.flush();
    terminal.writes.length = 0;
    screen.setRegion('body', 1, ['2']);
    screen.flush();
    expect(terminal.writes).toEqual(['\x1b[?2026h\x1b[2;1H2\x1b[K\x1b[?2026l']);
    screen.flush();
    expect(terminal.writes).toHaveLength(1);
  });

  test('a line that fills its row keeps its last column, and one that is too long never wraps', async () => {
    const { screen, terminal } = open(10, 3);
    screen.setRegion('body', 0, ['\x1b[31m0123456789\x1b[0m', 'abcdefghijKLM', '']);
    screen.flush();
    await terminal.settle();
    expect(terminal.lines()).toEqual(['0123456789', 'abcdefghiM', '']);
  });

  test('what Ink writes beside its frames is left out', () => {
    const { screen } = open();
    screen.write('frame');
    screen.write('\x1b[?25l');
    screen.write('\n');
    screen.write('');
    expect(screen.lines()[0]).toBe('frame');
  });

  test('leaving gives back cursor, wrap, paste mode and buffer, once', () => {
    const { screen, terminal } = open();
    terminal.writes.length = 0;
    screen.leave();
    screen.leave();
    screen.close();
    screen.flush();
    expect(terminal.writes).toEqual(['\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l']);
  });

  test('a new size draws everything again', async () => {
    const { screen, terminal } = open();
    screen.write('one\ntwo');
    screen.flush();
    expect(screen.measure()).toBe(false);
    await terminal.resize(30, 6);
    expect(screen.measure()).toBe(true);
    expect([screen.columns, screen.rows]).toEqual([30, 6]);
    terminal.writes.length = 0;
    screen.flush();
    expect(terminal.writes[0]).toContain('\x1b[2J');
  });

  test('a terminal that is slow to read gets the newest frame only', () => {
    const { screen, terminal } = open();
    terminal.stdout.writableNeedDrain = true;
    terminal.writes.length = 0;
    for (let i = 0; i < 100; i++) {
      screen.setRegion('body', 0, [`frame ${i}`]);
      screen.flush();
    }
    expect(terminal.writes).toEqual([]);
    terminal.stdout.writableNeedDrain = false;
    terminal.stdout.emit('drain');
    expect(terminal.writes).toHaveLength(1);
    expect(terminal.writes[0]).toContain('frame 99');
  });

  test('a terminal that has gone ends the screen instead of throwing', () => {
    const output = Object.assign(new EventEmitter(), {
      columns: 20,
      rows: 5,
      write: (): boolean => {
        throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      },
    });
    const screen = new Screen(output);
    let gone = 0;
    screen.on('gone', () => gone++);
    screen.enter();
    expect(gone).toBe(1);
    screen.flush();
    screen.close();
    output.emit('error', new Error('EIO'));
    expect(gone).toBeGreaterThanOrEqual(1);
  });
});
