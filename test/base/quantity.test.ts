import { expect, test } from 'vitest';
import { parseDuration, parseSize } from '../../src/base/quantity.js';

test.each([
  ['0', 0],
  ['512', 512],
  ['512b', 512],
  ['4k', 4096],
  ['4K', 4096],
  ['64KiB', 65536],
  ['1.5M', 1572864],
  ['2 GB', 2 ** 31],
  ['1t', 2 ** 40],
])('size %s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'k', '-1', '4q', '1e9', '0x10', '4kk', '99999999999999999999', 'NaN', '4 k k'])(
  '%j is no size',
  (text) => {
    expect(parseSize(text)).toBeNull();
  },
);

test.each([
  ['30', 30e9],
  ['30s', 30e9],
  ['1.5m', 90e9],
  ['500ms', 5e8],
  ['2h', 7200e9],
  ['1h30m', 5400e9],
  ['1d', 86400e9],
  ['10us', 10_000],
  ['3 min', 180e9],
])('duration %s is %d ns', (text, ns) => {
  expect(parseDuration(text)).toBe(ns);
});

test.each(['', 's', '-5s', '5x', '1h30', '1 fortnight', '1e3s', '999999999999d'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeNull();
});
