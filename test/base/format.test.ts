import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bar,
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatCountWithin,
  formatDuration,
  formatEventRate,
  formatShare,
  formatShortCount,
  formatSignedBytes,
  rateUnitOf,
  sparkline,
} from '../../src/base/format.js';

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [0.2, '<1 B'],
    [512, '512 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [4096, '4.00 KiB'],
    [1024 * 1023.4, '1023 KiB'],
    [1024 * 1023.7, '1.00 MiB'],
    [12.34 * 2 ** 20, '12.3 MiB'],
    [412.3 * 2 ** 20, '412 MiB'],
    [50 * 2 ** 30, '50.0 GiB'],
    [-4096, '-4.00 KiB'],
    [Number.NaN, '?'],
  ])('%d bytes are printed as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('any size up to 2^53 takes at most 8 columns', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(formatBytes(bytes).length).toBeLessThanOrEqual(8);
      }),
    );
  });

  test('a sign is always there where growth is printed', () => {
    expect([formatSignedBytes(2 ** 30), formatSignedBytes(-4096), formatSignedBytes(0)]).toEqual([
      '+1.00 GiB',
      '-4.00 KiB',
      '±0 B',
    ]);
  });
});

describe('counts', () => {
  test('thousands are separated', () => {
    expect([0, 999, 1000, 1204553, -1204].map(formatCount)).toEqual(['0', '999', '1,000', '1,204,553', '-1,204']);
  });

  test('short counts take at most 5 columns', () => {
    expect([0, 0.3, 7, 999, 999.7, 12_345, 1_200_000, 999_960].map(formatShortCount)).toEqual([
      '0',
      '<1',
      '7',
      '999',
      '1.00k',
      '12.3k',
      '1.20M',
      '1.00M',
    ]);
    fc.assert(fc.property(fc.nat(), (count) => formatShortCount(count).length <= 5));
  });

  test('a count is shortened only where it does not fit', () => {
    expect(formatCountWithin(1_204_553, 9)).toBe('1,204,553');
    expect(formatCountWithin(1_204_553, 8)).toBe('1.20M');
  });
});

describe('times', () => {
  test.each([
    [0, '0s'],
    [0.2, '1ns'],
    [830, '830ns'],
    [12_300, '12.3µs'],
    [45e6, '45.0ms'],
    [8.3e9, '8.30s'],
    [59.96e9, '1m 00s'],
    [845e9, '14m 05s'],
    [3599.6e9, '1h 00m'],
    [7980e9, '2h 13m'],
    [86_400e9 * 3.2, '3d 05h'],
    [-8.3e9, '-8.30s'],
  ])('%d ns are printed as %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });

  test('an age is one unit and at most 5 columns', () => {
    expect([0, 5, 12e6, 8.3e9, 59.6e9, 840e9, 3580e9, 7980e9, 86_400e9 * 3.4].map(formatAge)).toEqual([
      '0s',
      '<1ms',
      '12ms',
      '8.3s',
      '1m',
      '14m',
      '1.0h',
      '2.2h',
      '3.4d',
    ]);
    fc.assert(fc.property(fc.nat(86_000_000), (ms) => formatAge(ms * 1e6).length <= 5));
  });

  test('a clock does not fold hours into days', () => {
    expect([formatClock(0), formatClock(754.9e9), formatClock(93_780e9)]).toEqual(['00:00:00', '00:12:34', '26:03:00']);
  });
});

describe('shares and rates', () => {
  test('what is not zero is never printed as zero, and what is not whole never as 100%', () => {
    expect(
      [
        [0, 100],
        [1, 1e9],
        [5, 10_000],
        [42, 100],
        [99_999, 100_000],
        [994, 1000],
        [100, 100],
        [1, 0],
      ].map(([part, whole]) => formatShare(part, whole)),
    ).toEqual(['0%', '<0.01%', '0.05%', '42%', '>99.9%', '99.4%', '100%', '-']);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 1, max: 2 ** 40 }), (part, rest) => {
        expect(['0%', '0.00%', '0.0%', '100%', '100.0%']).not.toContain(formatShare(part, part + rest));
      }),
    );
  });

  test('rates carry their unit', () => {
    expect([formatEventRate(512_345), formatEventRate(0)]).toEqual(['512k/s', '0/s']);
  });

  test('the unit of rates goes by what was seen, and is not far longer', () => {
    const names = [0, 12e9, 12.1e9, 720e9, 721e9, 43_200e9, 43_201e9, 1e15].map((ns) => rateUnitOf(ns).name);
    expect(names).toEqual(['s', 's', 'min', 'min', 'h', 'h', 'day', 'day']);
    expect([1, 13e9, 3600e9, 1e15].map((ns) => rateUnitOf(ns).hours * 3600)).toEqual([1, 60, 3600, 86_400]);
  });
});

describe('drawings', () => {
  test('a sparkline keeps the newest values and scales to the highest of them', () => {
    expect(sparkline([100, 0, 1, 2, 4, 7], 5)).toBe('▁▂▃▅█');
    expect(sparkline([0, 0], 5)).toBe('▁▁');
    expect(sparkline([1, 2], 0)).toBe('');
  });

  test('a bar of anything above nothing is seen', () => {
    expect([bar(0, 10), bar(0.0001, 10), bar(0.5, 10), bar(0.55, 10), bar(1, 10), bar(7, 3)]).toEqual([
      '',
      '▏',
      '█████',
      '█████▌',
      '██████████',
      '███',
    ]);
  });
});
