import { describe, expect, it } from 'vitest';
import type { Conclusion } from '../../../src/rank/report/conclusion.js';
import type { Report } from '../../../src/rank/report/report.js';
import { ANSWER_LINES, answerLines } from '../../../src/view/head/answer-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';

const GROWING: Conclusion = {
  kind: 'growing',
  text: 'python3 18875 holds 22.9 MiB of pipe buffers and takes 76.5 MiB/min more.',
  detail: 'No line of /proc/meminfo shows it; it explains all of the +22.1 MiB there.',
  stackId: 7,
  next: 'lsof -n -p 18875',
};

const texts = (conclusions: Conclusion[], columns: number, triage: Report['triage'] = null): string[] =>
  answerLines({ conclusions, triage }, columns).map((line) => lineText(line));

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
const LOOK: Report['triage'] = { timeMs: null, findings: [] };
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
        const lines = answerLines({ conclusions, triage: null }, columns);
        expect(lines).toHaveLength(ANSWER_LINES);
        expect(lines.map(lineText).join('')).not.toContain('\u001b');
        if (conclusions[0] === GROWING)
          for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns + 20);
      }
    }
  });

  describe('where memory was gone before the trace', () => {
    const before = {
      ...plain(
        'before',
        '5.00 GiB (31% of RAM) is in no line of /proc/meminfo and was there before this trace began. It does not grow. (R3)',
        'Held by: packet rings of 2211 suricata 4.75 GiB. Of 16.0 GiB then: free 3.15 GiB, not in meminfo 5.00 GiB.',
      ),
      next: 'ss -0 -e -p',
    };

    it('says who holds it, what the trace says beside, and what to run', () => {
      expect(texts([before, QUIET], 120, LOOK)).toEqual([
        '■ 5.00 GiB (31% of RAM) is in no line of /proc/meminfo and was there before this trace began. It does not grow. (R3)',
        '  Held by: packet rings of 2211 suricata 4.75 GiB. Of 16.0 GiB then: free 3.15 GiB, not in meminfo 5.00 GiB.',
        '  Nothing grows now. Next: ss -0 -e -p',
      ]);
      expect(texts([before, EARLY], 80, LOOK)).toEqual([
        '■ 5.00 GiB (31% of RAM) is in no line of /proc/meminfo and was there before this',
        '  trace began. It does not grow. (R3)',
        '  Too early to say whether it grows. Next: ss -0 -e -p',
      ]);
    });

    it('names the key where the command does not fit, and marks a sentence that does not', () => {
      const long = { ...before, next: 'unfreed record -o vm.unfreed --allocator page --min-age 5s --max-overhead 3%' };
      expect(texts([long, QUIET], 80, LOOK)[2]).toBe('  Nothing grows now. Next: press T.');
      expect(texts([long, QUIET], 120, LOOK)[2]).toBe(`  Nothing grows now. Next: ${long.next}`);
      // Without a look there is nothing behind the key.
      expect(texts([long, QUIET], 80)[2]).toContain('unfreed record');
      expect(texts([before, QUIET], 40, LOOK)[1]).toMatch(/…$/);
    });

    it('leaves what grows first', () => {
      expect(texts([GROWING, before], 80, LOOK)[2]).toBe(`  ${before.text}`);
    });

    it('says nothing of growth where the trace does not, as of a dump', () => {
      expect(texts([before], 120)[2]).toBe('  Next: ss -0 -e -p');
    });
  });

  it('says beside a quiet trace that the first look found nothing, in a line that is empty else', () => {
    expect(texts([QUIET], 80, LOOK)[2]).toBe('  Before the trace: nothing abnormal.');
    expect(texts([QUIET], 80)[2]).toBe('');
    expect(texts([GROWING], 80, LOOK)[2]).toBe('  Next: lsof -n -p 18875');
  });
});
