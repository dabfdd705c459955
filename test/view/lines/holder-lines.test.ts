import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import { commandLines, holderLines } from '../../../src/view/lines/holder-lines.js';
import { lineText } from '../../../src/view/lines/styled-line.js';

describe('a command', () => {
  it('that fits is one line', () => expect(commandLines('ss -0 -e -p', 80)).toEqual(['ss -0 -e -p']));

  it('that does not fit is broken as a shell wants it, outside quotes alone', () => {
    const command = `du -xh --max-depth=2 '/mnt/a b c' "d e" | sort -h | tail`;
    const lines = commandLines(command, 30);
    expect(lines.slice(0, -1).every((line) => line.endsWith(' \\'))).toBe(true);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(30);
    expect(lines.join('\n').replaceAll(/ \\\n {2}/g, ' ')).toBe(command);
    expect(lines.some((line) => line.includes("'/mnt/a b c'"))).toBe(true);
  });

  it('with a quote that does not end is whole', () => {
    expect(commandLines("echo it's a", 80)).toEqual(["echo it's a"]);
  });

  it('acts on no terminal', () => expect(commandLines('a\x1b[2Jb', 80).join('')).not.toContain('\x1b'));
});

describe('holders', () => {
  it('have bytes, share and kind; of one whose bytes are not known the name alone', () => {
    const holders = [
      { kind: 'mount', name: '/dev/shm', bytes: 3 * 2 ** 20 },
      { kind: 'process', name: '7 a (9 pipes)', bytes: null },
    ];
    expect(holderLines('HELD BY', holders, 4 * 2 ** 20, 60).map((line) => lineText(line).trimEnd())).toEqual([
      '    BYTES  SHARE  KIND    HELD BY',
      ' 3.00 MiB    75%  mount   /dev/shm',
      '        -         process 7 a (9 pipes)',
    ]);
  });

  it('have a bar where there is room, and are never wider than the screen', () => {
    const holders = [{ kind: 'cache', name: 'dentry'.repeat(40), bytes: 2 ** 20 }];
    for (const columns of [20, 40, 86, 87, 160]) {
      const [, line] = holderLines('HELD BY', holders, 2 ** 20, columns);
      expect(lineText(line).includes('█')).toBe(columns >= 87);
      if (columns > 30) expect(textWidth(lineText(line))).toBeLessThanOrEqual(columns);
    }
  });
});
