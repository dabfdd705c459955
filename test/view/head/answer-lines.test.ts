import { describe, expect, it } from 'vitest';
import type { Conclusion } from '../../../src/rank/report/conclusion.js';
import { ANSWER_LINES, answerLines } from '../../../src/view/head/answer-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';

const GROWING: Conclusion = {
  kind: 'growing',
  text: 'python3 18875 holds 22.9 MiB of pipe buffers and takes 76.5 MiB/min more.',
  detail: 'No line of /proc/meminfo shows it; it explains all of the +22.1 MiB there.',
  stackId: 7,
  next: 'lsof -n -p 18875',
};

const texts = (conclusions: Conclusion[], columns: number): string[] =>
  answerLines({ conclusions }, columns).map((line) => lineText(line));

describe('the answer block', () => {
  it('says what, where it counts, and what next', () => {
    expect(texts([GROWING], 80)).toEqual([
      '▲ python3 18875 holds 22.9 MiB of pipe buffers and takes 76.5 MiB/min more.',
      '  No line of /proc/meminfo shows it; it explains all of the +22.1 MiB there.',
      '  Next: lsof -n -p 18875',
    ]);
  });

  it('names a second thing that grows instead of the command', () => {
    const also = { ...GROWING, text: 'node 5 holds 1.00 MiB of sockets and takes 2.00 MiB/min more.', stackId: 9 };
    expect(texts([GROWING, also], 80)[2]).toBe(`  Also: ${also.text}`);
  });

  it('has three lines that fit at every width, whatever the names', () => {
    const hostile = { ...GROWING, text: `\u001b[2J${'x'.repeat(300)} holds 1 B of y.`, detail: null, next: null };
    for (const columns of [20, 40, 80, 160]) {
      for (const conclusions of [[], [GROWING], [hostile], [hostile, GROWING]]) {
        const lines = answerLines({ conclusions }, columns);
        expect(lines).toHaveLength(ANSWER_LINES);
        expect(lines.map(lineText).join('')).not.toContain('\u001b');
        if (conclusions[0] === GROWING)
          for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns + 20);
      }
    }
  });
});
