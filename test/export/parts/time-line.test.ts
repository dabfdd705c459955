import { expect, test } from 'vitest';
import { timeLine } from '../../../src/export/parts/time-line.js';
import type { Report } from '../../../src/rank/report/report.js';

const at = (durationNs: number, startUnixMs: number, timesAreCounts = false): string =>
  timeLine({ durationNs, source: { startUnixMs, timesAreCounts } } as Report);

test('the time of the trace in tenths, and the date where it is known', () => {
  expect(at(5.04e9, Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('== 00:00:05.0 of the trace, 2026-01-02T03:04:10Z ==');
  expect(at(3_725.99e9, 0)).toBe('== 01:02:05.9 of the trace ==');
  expect(at(1e9, 9e15)).toBe('== 00:00:01.0 of the trace ==');
  expect(at(1e9, 1e12, true)).toBe('== 00:00:01.0 of the trace ==');
});
