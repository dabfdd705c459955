import { expect, it } from 'vitest';
import type { LoggedMark } from '../../../src/event/marks/marks.js';
import { reportMarks } from '../../../src/rank/report/report-marks.js';
import { fullMark } from '../../helpers/marks.js';

const at = (timeNs: number, kind: LoggedMark['mark']['kind']): LoggedMark => ({ timeNs, mark: fullMark(kind) });

it('has each mark in words and by name', () => {
  const { marks, marksLeftOut, markCounts } = reportMarks([at(5, 'shmget')], [{ kind: 'shmget', count: 1 }]);
  expect(marks).toEqual([
    {
      timeNs: 5,
      kind: 'shmget',
      what: 'shmget: key 0x1, flags 0003 = id 4',
      who: 'eat 4711',
      howMuch: '2 B',
      fields: { pid: 4711, comm: 'eat', key: 1, bytes: 2, flags: 3, result: 4 },
    },
  ]);
  expect(marksLeftOut).toBe(0);
  expect(markCounts).toEqual([{ kind: 'shmget', count: 1, leftOut: 0 }]);
});

it('thins the commonest kind, and says how many are left out, also of those that were not logged', () => {
  const logged = [
    ...Array.from({ length: 40 }, (_, i) => at(i, 'reclaim')),
    at(40, 'oom-kill'),
    ...Array.from({ length: 6 }, (_, i) => at(41 + i, 'exec')),
  ];
  const counts = [
    { kind: 'oom-kill', count: 1 },
    { kind: 'reclaim', count: 90 },
    { kind: 'exec', count: 6 },
  ] as const;
  const { marks, marksLeftOut, markCounts } = reportMarks(logged, counts, { most: 20 });
  expect(marks.map(({ timeNs }) => timeNs)).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 41, 42, 43, 44, 45, 46]);
  expect(markCounts).toEqual([
    { kind: 'oom-kill', count: 1, leftOut: 0 },
    { kind: 'reclaim', count: 90, leftOut: 80 },
    { kind: 'exec', count: 6, leftOut: 0 },
  ]);
  expect(marksLeftOut).toBe(80);
  expect(reportMarks([], [], { lost: 5 }).marksLost).toBe(5);
});

it('keeps the rare kind however short the list must be', () => {
  const logged = [at(1, 'oom-kill'), ...Array.from({ length: 999 }, (_, i) => at(2 + i, 'exec'))];
  const { marks } = reportMarks(logged, [], { most: 3 });
  expect(marks.map(({ kind }) => kind)).toEqual(['oom-kill', 'exec', 'exec']);
});
