import { expect, test } from 'vitest';
import { parseTypedTime } from '../../../src/view/model/time-entry.js';

const MINUTE = 60e9;

test.each([
  ['1m30s', 90e9],
  ['90', 90e9],
  [' 1.5s ', 1.5e9],
  ['00:01:30', 90e9],
  ['1:30', 90e9],
  ['01:02:03.5', 3723.5e9],
  ['+5s', 65e9],
  ['-5s', 55e9],
  ['+1:00', 120e9],
  ['-2h', 0],
  ['9d', 120 * MINUTE],
  ['50%', 60 * MINUTE],
  ['0%', 0],
  ['12.5 %', 15 * MINUTE],
])('%s', (text, timeNs) => {
  expect(parseTypedTime(text, MINUTE, 120 * MINUTE)).toEqual({ timeNs, error: null });
});

test.each(['', 'soon', '5 apples', '101%', '-', '+-5s', '1:60', '1:2:3:4', '50%%', '1e9'])('%j is no time', (text) => {
  expect(parseTypedTime(text, 0, MINUTE)).toEqual({
    timeNs: null,
    error: `no time: '${text}', expected 1m30s, 00:01:30, +5s, -5s or 50%`,
  });
});
