import { expect, test } from 'vitest';
import { columnAt, columnsOf, greatestOf, lastOf } from '../../../src/view/lines/resample.js';

const AT = { firstNs: 0, stepNs: 10 };

test('more values than columns: each column takes its own', () => {
  expect(columnsOf([1, 2, 3, 4, 5, 6], AT, 60, 3, lastOf)).toEqual([2, 4, 6]);
  expect(columnsOf([9, 2, 3, 4, 5, 1], AT, 60, 2, greatestOf)).toEqual([9, 5]);
});

test('fewer values than columns: a value holds until the next', () => {
  expect(columnsOf([1, 2], AT, 20, 6, lastOf)).toEqual([1, 1, 1, 2, 2, 2]);
});

test('before the first value there is none, and after the last it holds', () => {
  expect(columnsOf([7, 8], { firstNs: 20, stepNs: 10 }, 60, 6, lastOf)).toEqual([null, null, 7, 8, 8, 8]);
});

test('the last column holds what lies beyond it', () => {
  expect(columnsOf([1, 2, 3, 4], AT, 35, 2, greatestOf)).toEqual([2, 4]);
});

test('a time has its column, the ends the first and the last', () => {
  expect([0, 19, 20, 59, 60, 90, -5].map((time) => columnAt(time, 60, 3))).toEqual([0, 0, 1, 2, 2, 2, 0]);
  expect(columnAt(5, 0, 3)).toBe(0);
});
