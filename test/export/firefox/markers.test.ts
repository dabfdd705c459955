import { expect, it } from 'vitest';
import { markFields } from '../../../src/event/marks/mark-fields.js';
import { MARK_SHAPES, type Mark } from '../../../src/event/marks/marks.js';
import { FIELDS, markerSchemas, markersOf } from '../../../src/export/firefox/markers.js';
import { reportMarks } from '../../../src/rank/report/report-marks.js';
import { exportReport } from '../../helpers/export-report.js';
import { fullMark, KINDS } from '../../helpers/marks.js';

const markerOf = (timeNs: number, mark: Mark): ReturnType<typeof markersOf>[number] | undefined =>
  markersOf({ ...exportReport(), ...reportMarks([{ timeNs, mark }], []) }).at(-1);

it.each(KINDS)('shows all that %s tells', (kind) => {
  const report = { ...exportReport(), ...reportMarks([{ timeNs: 5, mark: fullMark(kind) }], []) };
  const { values, texts } = MARK_SHAPES[kind];
  const [, schema] = markerSchemas(report) as { name: string; data: { key: string }[] }[];
  expect(schema.data.map(({ key }) => key).toSorted()).toEqual(['name', 'who', ...values, ...texts].toSorted());
  // A compaction's third result and a scope beyond the last are not known.
  const told = Object.entries(markFields(fullMark(kind))).filter(([name, value]) => value !== null && name in FIELDS);
  expect(Object.keys(markerOf(5, fullMark(kind))?.data ?? {})).toEqual([
    'type',
    'name',
    'who',
    ...told.map(([name]) => name),
  ]);
});

const stall = (values: number[]): Mark => fullMark('reclaim', { values });

it('a stall is a span that ends at its time; a sum of several, and all else, is of one moment', () => {
  expect(markerOf(5e9, stall([2e9, 1, 2e9, 32, 3, 7]))).toMatchObject({ startMs: 3000, endMs: 5000 });
  expect(markerOf(1e9, stall([2e9, 1, 2e9, 32, 3, 7]))).toMatchObject({ startMs: 0, endMs: 1000 });
  expect(markerOf(5e9, stall([2e9, 4, 1e9, 32]))).toMatchObject({ startMs: 5000, endMs: null });
  expect(markerOf(5e9, fullMark('exec'))).toMatchObject({ startMs: 5000, endMs: null });
});

it('has times in ms, sizes in bytes, and numbers that are names as text', () => {
  expect(markerOf(0, stall([2_500_000, 2, 1_500_000, 32_000, 3, 0xcc0]))?.data).toEqual({
    type: 'unfreed-reclaim',
    name: 'reclaim stall; 2 stalls, 2.500 ms in all, the longest 1.500 ms, 32,000 pages freed, order 3',
    who: 'eat 4711',
    durationNs: 2.5,
    count: 2,
    longestNs: 1.5,
    pages: 32_000,
    order: '3',
    gfpFlags: '0xcc0',
  });
  expect(markerOf(0, fullMark('shmget', { values: [-1, 4096, 0o1600, 12_345_678] }))?.data).toMatchObject({
    bytes: 4096,
    key: '-1',
    result: '12345678',
  });
});
