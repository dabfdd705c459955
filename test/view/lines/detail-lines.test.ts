/** One call path opened: its account, its curve, and the texts for facts that are not known. */
import { describe, expect, test } from 'vitest';
import type { LoggedMark } from '../../../src/event/marks/marks.js';
import type { ReportStack, StackDetail } from '../../../src/rank/report/report-rows.js';
import { curveLines, everyNth } from '../../../src/view/lines/curve-lines.js';
import { detailLines, detailTitle } from '../../../src/view/lines/detail-lines.js';
import { lineText, lineWidth } from '../../../src/view/lines/styled-line.js';
import { HOSTILE_NAMES } from '../../helpers/hostile-text.js';
import { fixtureDetail, fixtureReport } from '../../helpers/report-fixture.js';
import { eventMark, marksOf } from '../fixtures/events.js';

const report = fixtureReport();

function opened(changes: Partial<ReportStack> = {}): StackDetail {
  const detail = fixtureDetail(report, report.stacks[0].stackId);
  if (detail === null) throw new Error('the fixture has no such row');
  return { ...detail, stack: { ...detail.stack, ...changes } };
}

function account(changes: Partial<ReportStack>, columns = 80): string[] {
  const lines = detailLines(opened(changes), report, columns).map((line) => lineText(line).trimEnd());
  return lines.slice(0, lines.indexOf(''));
}

/** The first line of an account without a history. */
function first(meaning: ReportStack['meaning']): string {
  return account({ verdict: null, verdictReason: null, growth: null, meaning }, 120)[0];
}

describe('the account', () => {
  test('tells verdict and trend with how sure they are', () => {
    expect(account({})).toEqual([
      'held    412 MiB in 105,554 pages   growth +1.21 GiB/h   peak 400 MiB',
      'verdict growing   rose in 39 of 39 steps',
      'trend   1.14 GiB to 1.29 GiB an hour   99.9% sure of a trend, since 30.0s',
      'events  105,660 allocated (413 MiB)   106 freed (0.1%)   0 missed',
      'age     median 14m 05s   oldest 18m 19s',
      'frees   usually freed by nvmet_req_release [nvmet] on another CPU within 4.19ms;',
      '        these 900 never',
      'trust   plausible   nothing to compare with',
    ]);
  });

  test('without a history tells no growth, and nothing else', () => {
    expect(account({ verdict: null, verdictReason: null, growth: null }).slice(0, 2)).toEqual([
      'held    412 MiB in 105,554 pages   growth -   peak 400 MiB',
      'events  105,660 allocated (413 MiB)   106 freed (0.1%)   0 missed',
    ]);
  });

  test('gives no growth where frees are missing, and says what the bytes are', () => {
    expect(first('allocated')).toBe(
      'held    412 MiB in 105,554 pages at most: frees not traced   growth -   peak 400 MiB',
    );
    expect(first('at-most')).toContain('pages at most   growth -');
    expect(first('sample')).toContain('pages of a sample   growth -');
  });

  test('tells the figures of the evidence, lost frees, what is watched, and what to know about a pool', () => {
    const lines = account({
      reliability: 'unreliable',
      evidence: {
        missedShare: 0.07,
        compared: 900,
        doubtful: 800,
        movedUnseen: 0,
        reason: 'the counters contradict it',
      },
      lostFreeBytes: 8192,
      watched: 'the driver under test',
      note: 'a pool that others take from',
    });
    expect(lines.slice(-6)).toEqual([
      'trust   unreliable   the counters contradict it',
      '        7.0% of its frees were not seen, 900 compared with the counters, 800 of',
      '        them doubtful',
      'lost    up to 8.00 KiB may be lost frees',
      'watched the driver under test',
      'note    a pool that others take from',
    ]);
  });

  test('tells what a sample stands for', () => {
    const estimate = {
      bytes: 16 * 2 ** 20,
      lowBytes: 14 * 2 ** 20,
      highBytes: 18 * 2 ** 20,
      count: 4096,
      lowCount: 3600,
      highCount: 4600,
    };
    expect(account({ estimate })[1]).toBe(
      'stands  for about 16.0 MiB in 4,096 pages   14.0 MiB to 18.0 MiB, 19 times of 20',
    );
  });

  test('breaks sentences at a space where they are too long', () => {
    const reason = 'a sentence that goes on and on '.repeat(8).trim();
    const lines = account({ verdictReason: reason });
    const told = lines.slice(
      1,
      lines.findIndex((line) => line.startsWith('trend')),
    );
    expect(told.length).toBeGreaterThan(3);
    for (const line of told) expect(line.length).toBeLessThanOrEqual(80);
    expect(told.map((line) => line.slice(8)).join(' ')).toBe(`growing   ${reason}`);
  });
});

const LOOK = { width: 40, rows: 3, marks: null };

function at(timeNs: number, kind: 'user' | 'oom-kill' | 'reclaim'): LoggedMark {
  return { timeNs, mark: eventMark(kind) };
}

describe('the curve', () => {
  const times = { firstNs: 1e9, stepNs: 1e9, points: 8 };

  test('is drawn from zero to its greatest, with its times', () => {
    expect(curveLines([0, 1, 2, 3, 4, 5, 6, 8], times, LOOK).map(lineText)).toEqual([
      '     8 B▏                  ▂▂▂███',
      '        ▏         ▁▁▁▄▄▄▇▇▇██████',
      '       0▏   ▃▃▃▆▆▆███████████████',
      '         1.00s              8.00s',
    ]);
  });

  test('has the events that lie in it at their times, and no line for others', () => {
    const marks = marksOf([
      at(1e9, 'user'),
      at(4e9, 'reclaim'),
      at(4.1e9, 'oom-kill'),
      at(8e9, 'user'),
      at(0.5e9, 'reclaim'),
    ]);
    const lines = curveLines([0, 1, 2, 3, 4, 5, 6, 8], times, { ...LOOK, marks }).map(lineText);
    expect(lines.slice(-2)).toEqual(['  events u        K           u  ', '         1.00s              8.00s']);
    const outside = marksOf([at(0.5e9, 'user'), at(20e9, 'oom-kill')]);
    expect(curveLines([0, 1], times, { ...LOOK, marks: outside })).toHaveLength(4);
  });

  test('is not there without points, times or room', () => {
    expect(curveLines([], times, LOOK)).toEqual([]);
    expect(curveLines([1, 2], null, LOOK)).toEqual([]);
    expect(curveLines([1, 2], times, { ...LOOK, width: 16 })).toEqual([]);
  });

  test('of many points keeps the newest', () => {
    const values = Array.from({ length: 64 }, (_, i) => i + 1);
    expect(everyNth(values, 8)).toEqual([8, 16, 24, 32, 40, 48, 56, 64]);
    expect(everyNth(values, 100)).toEqual(values);
    expect(everyNth([], 8)).toEqual([]);
  });
});

test('hostile text stays in its place, at any width', () => {
  const hostile = HOSTILE_NAMES.join(' ');
  const detail = opened({ verdictReason: hostile, note: hostile, watched: hostile, caches: [...HOSTILE_NAMES] });
  for (const columns of [40, 80, 200]) {
    for (const line of [detailTitle(detail), ...detailLines(detail, report, columns)]) {
      expect(lineText(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }
  }
  for (const line of detailLines(detail, report, 200).slice(12)) expect(lineWidth(line)).toBeLessThanOrEqual(200);
});
