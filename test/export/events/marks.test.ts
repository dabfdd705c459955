import { expect, it } from 'vitest';
import { safeText } from '../../../src/base/safe-text.js';
import { markSign } from '../../../src/event/marks/mark-groups.js';
import type { LoggedMark } from '../../../src/event/marks/marks.js';
import { marksLane, marksTable } from '../../../src/export/events/marks-html.js';
import { markLines } from '../../../src/export/events/marks-lines.js';
import { countsText, mostImportant } from '../../../src/export/events/marks-order.js';
import type { Report } from '../../../src/rank/report/report.js';
import { NO_MARKS, reportMarks } from '../../../src/rank/report/report-marks.js';
import { exportReport } from '../../helpers/export-report.js';
import { fullMark, KINDS } from '../../helpers/marks.js';

const at = (seconds: number, kind: LoggedMark['mark']['kind'], values?: number[]): LoggedMark => ({
  timeNs: seconds * 1e9,
  mark: fullMark(kind, values === undefined ? {} : { values }),
});

/** A report of 10 s in which this happened. */
function reportOf(logged: LoggedMark[], counts: Report['markCounts'] = [], lost = 0): Report {
  const known = new Map(logged.map(({ mark }) => [mark.kind, 0]));
  for (const { mark } of logged) known.set(mark.kind, (known.get(mark.kind) ?? 0) + 1);
  const all = counts.length > 0 ? counts : [...known].map(([kind, count]) => ({ kind, count }));
  return { ...exportReport(), ...reportMarks(logged, all, { lost }) };
}

const BUSY = [
  ...Array.from({ length: 30 }, (_, i) => at(1 + i / 100, 'exec')),
  at(2, 'reclaim', [5e6, 1, 5e6, 1]),
  at(3, 'reclaim', [9e6, 1, 9e6, 1]),
  at(8, 'oom-kill'),
];

it('every kind has a sign of one letter', () => {
  for (const kind of KINDS) expect(markSign(kind)).toMatch(/^[a-zA-Z]$/);
});

it('OOM kills come first, of stalls the longest, and what is shown stays in the order of time', () => {
  const { marks } = reportOf(BUSY);
  expect(mostImportant(marks, 2).map(({ timeNs }) => timeNs / 1e9)).toEqual([3, 8]);
  expect(mostImportant(marks, 4).map(({ timeNs }) => timeNs / 1e9)).toEqual([1, 2, 3, 8]);
  expect(countsText(reportOf(BUSY))).toBe('1 oom-kill, 2 reclaim, 30 exec');
});

it('lines have the most important ones, and say how many there are beside them', () => {
  const lines = markLines(reportOf(BUSY, [], 7), 2);
  expect(lines).toEqual([
    'What happened when: 1 oom-kill, 2 reclaim, 30 exec',
    '    3.00s  eat 4711                 reclaim stall; 9.000 ms, 1 pages freed',
    expect.stringMatching(/^ {4}8\.00s {2}eat 4711 {17}OOM kill of victimComm \(1\)/),
    '           31 more: unfreed events FILE; 7 were lost: they came faster than they were read',
  ]);
  expect(markLines({ ...exportReport(), ...NO_MARKS }, 5)).toEqual([]);
  for (const line of markLines(exportReport(), 9)) expect(safeText(line)).toBe(line);
});

it('those that a report left out are among the rest', () => {
  const counts = [{ kind: 'exec' as const, count: 5000, leftOut: 0 }];
  expect(markLines(reportOf([at(1, 'exec')], counts), 9).at(-1)).toContain('4,999 more');
});

it('a lane has a sign for each place, of the most important event there, and names the others', () => {
  const lane = marksLane(reportOf([...BUSY, at(8.01, 'exec'), at(12, 'user')]));
  const signs = [...lane.matchAll(/<button[^>]*data-ns="(\d+)" style="left:([\d.]+)%"[^>]*>(.)</g)];
  expect(signs.map(([, ns, , sign]) => [Number(ns) / 1e9, sign])).toEqual([
    [1, 'e'],
    [1.05, 'e'],
    [1.25, 'e'],
    [2, 's'],
    [3, 's'],
    [8, 'K'],
    [12, 'u'],
  ]);
  for (const [, ns, left] of signs) {
    expect(Math.abs(Number(left) - Math.min(100, Number(ns) / 1e8))).toBeLessThan(1.1);
  }
  expect(lane).toMatch(/class="loud"[^>]*title="8\.00s OOM kill[^"]*&#10;8\.01s exec: path \(eat 4711\)"/);
  expect(lane).toContain('16 more"');
  expect(marksLane({ ...exportReport(), ...NO_MARKS })).toBe('');
});

it('a table shows few, then all up to a bound, and says what it lacks', () => {
  const many = Array.from({ length: 900 }, (_, i) => at(i / 100, 'exec'));
  const table = marksTable(reportOf([...many, at(9, 'oom-kill')]));
  expect(table.match(/<tr><td/g)).toHaveLength(20 + 400);
  expect(table).toContain('501 more: unfreed events FILE');
  expect(marksTable(reportOf([at(9, 'oom-kill')]))).not.toContain('<details');
  expect(marksTable({ ...exportReport(), ...NO_MARKS })).toBe('');
  expect(marksTable(reportOf([], [], 3))).toContain('3 were lost');
});
