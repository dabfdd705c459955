import { describe, expect, it } from 'vitest';
import type { Conclusion } from '../../../src/rank/report/conclusion.js';
import type { TriageReport } from '../../../src/triage/report.js';
import { ANSWER_LINES, answerLines } from '../../../src/view/head/answer-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import { firstLook, quietLook } from '../fixtures/first-look.js';

const GROWING: Conclusion = {
  kind: 'growing',
  text: 'python3 18875 holds 22.9 MiB of pipe buffers and takes 76.5 MiB/min more.',
  detail: 'No line of /proc/meminfo shows it; it explains all of the +22.1 MiB there.',
  stackId: 7,
  next: 'lsof -n -p 18875',
};

const texts = (conclusions: Conclusion[], columns: number, look: TriageReport | null = null): string[] =>
  answerLines({ conclusions }, columns, look).map((line) => lineText(line));

const plain = (kind: Conclusion['kind'], text: string, detail: string | null = null): Conclusion => ({
  kind,
  text,
  detail,
  stackId: null,
  next: null,
});
const QUIET = plain(
  'quiet',
  'Nothing grows. Memory in use changed by +1.31 MiB in 2m 10s.',
  'A leak of 20 KiB/min or more would show by now.',
);
const EARLY = plain('early', 'Too early to say after 3.00s: growth shows from about 12.0s on.');

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

  describe('with a first look', () => {
    it('says what was abnormal before the trace where nothing grows, and what to run', () => {
      expect(texts([QUIET], 120, firstLook())).toEqual([
        '■ Before the trace: 5.00 GiB (31%) are in no line of /proc/meminfo. Socket packet rings of 2211 suricata explains it.',
        '  Nothing grows now. Next: ss -0 -e -p',
        '',
      ]);
      expect(texts([EARLY], 80, firstLook())).toEqual([
        '■ Before the trace: 5.00 GiB (31%) are in no line of /proc/meminfo. Socket',
        '  packet rings of 2211 suricata explains it.',
        '  Too early to say whether it grows. Next: ss -0 -e -p',
      ]);
    });

    it('takes the place of what the gap alone says', () => {
      const before = plain('before', '5.00 GiB (31%) is in no line of /proc/meminfo. It does not grow.');
      expect(texts([before, QUIET], 80, firstLook())[2]).toBe('  Nothing grows now. Next: ss -0 -e -p');
    });

    it('leaves what grows first, and a second thing that grows', () => {
      const lines = texts([GROWING], 80, firstLook());
      expect(lines[0]).toBe(`▲ ${GROWING.text}`);
      expect(lines[2]).toMatch(/^ {2}Before the trace: 5\.00 GiB \(31%\)/);
      expect(texts([GROWING, { ...GROWING, stackId: 9 }], 80, firstLook())[2]).toMatch(/^ {2}Also: /);
    });

    it('says beside a quiet trace that nothing was abnormal, in a line that is empty else', () => {
      expect(texts([QUIET], 80, quietLook())[2]).toBe('  Before the trace: nothing abnormal.');
      expect(texts([QUIET], 80)[2]).toBe('');
      expect(texts([GROWING], 80, quietLook())[2]).toBe('  Next: lsof -n -p 18875');
    });

    it('names holders that the sentence does not, where a line is left', () => {
      const look = firstLook();
      const [fine, found] = look.findings;
      const rings = { ...found, text: 'Rings hold it.' };
      const lines = texts([QUIET], 80, { ...look, findings: [fine, rings] });
      expect(lines[1]).toBe('  Held by packet rings of 2211 suricata (4.75 GiB).');
      expect(lines[2]).toBe('  Nothing grows now. Next: ss -0 -e -p');
    });

    it('says that a sentence is not whole where it is not', () => {
      const lines = texts([QUIET], 40, firstLook());
      expect(lines[1]).toMatch(/…$/);
      expect(lines[2]).toBe('  Nothing grows now. Next: ss -0 -e -p');
    });

    it('leaves losses that matter their command', () => {
      const doubt = { ...plain('doubt', '31% of the events were lost.'), next: 'unfreed live --sample 1/16' };
      expect(texts([doubt], 80, firstLook())).toEqual([
        '! 31% of the events were lost.',
        '  Next: unfreed live --sample 1/16',
        '',
      ]);
    });

    it('lets no name act on the terminal', () => {
      const text = texts([QUIET], 160, firstLook('a\x1b[2J')).join('');
      expect(text).not.toContain('\x1b');
      expect(text).toContain('2211 a');
    });
  });
});
