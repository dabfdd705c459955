import { describe, expect, it } from 'vitest';
import { blockMeans, driftOf, persistence } from '../../../src/rank/verdict/block-means.js';
import { hasTrend } from '../../../src/rank/verdict/growth-tests.js';
import { normalTail, trendOf } from '../../../src/rank/verdict/trend.js';
import { seededRandom } from '../../helpers/seeded-random.js';

it('gives the tail of the normal distribution', () => {
  // Tables: P(Z > 1.959964) = 0.025, P(Z > 2.575829) = 0.005, P(Z > 0) = 0.5.
  expect(normalTail(1.959964)).toBeCloseTo(0.025, 6);
  expect(normalTail(2.575829)).toBeCloseTo(0.005, 6);
  expect(normalTail(0)).toBeCloseTo(0.5, 6);
  expect(normalTail(40)).toBe(0);
});

describe('Theil-Sen and Mann-Kendall', () => {
  it('give a line its slope, and the interval of a line is the line', () => {
    const trend = trendOf(Array.from({ length: 30 }, (_, i) => 100 + 7 * i));
    expect(trend).toEqual({ slope: 7, low: 7, high: 7, p: 0 });
  });

  it('give the published slope, interval and S of ten points', () => {
    // All 45 slopes by hand: the median is the 23rd.
    const values = [12, 15, 11, 18, 22, 20, 27, 25, 31, 30];
    const slopes = values
      .flatMap((early, i) => values.slice(i + 1).map((late, j) => (late - early) / (j + 1)))
      .toSorted((a, b) => a - b);
    expect(trendOf(values).slope).toBe(slopes[22]);
    // S = 45 - 2 * 6 falling pairs = 33... the variance of S for n = 10 is 10 * 9 * 25 / 18 = 125.
    const falling = values.flatMap((early, i) => values.slice(i + 1).filter((late) => late < early)).length;
    const z = (45 - 2 * falling - 1) / Math.sqrt(125);
    expect(trendOf(values).p).toBeCloseTo(2 * normalTail(z), 12);
  });

  it('see no trend in what never changes, nor in one outlier', () => {
    const flat = trendOf(Array.from({ length: 20 }, () => 5));
    expect(flat).toMatchObject({ slope: 0, low: 0, high: 0 });
    expect(flat.p).toBeCloseTo(1, 6);
    const outlier = trendOf(Array.from({ length: 20 }, (_, i) => (i === 19 ? 1e9 : 5)));
    expect(outlier.slope).toBe(0);
    expect(outlier.p).toBeGreaterThan(0.05);
  });

  it('are as sure of a fall as of a rise', () => {
    const random = seededRandom(4);
    const values = Array.from({ length: 40 }, (_, i) => i + 8 * random());
    const up = trendOf(values);
    const down = trendOf(values.map((value) => -value));
    expect(down.slope).toBeCloseTo(-up.slope, 12);
    expect([down.low, down.high]).toEqual([-up.high, -up.low]);
    expect(down.p).toBe(up.p);
  });

  it('hold the slope within the 95 % interval in nineteen of twenty series', () => {
    const random = seededRandom(5);
    let within = 0;
    for (let series = 0; series < 1000; series++) {
      const { low, high } = trendOf(Array.from({ length: 48 }, (_, i) => 2 * i + 20 * gauss(random)));
      if (low <= 2 && 2 <= high) within++;
    }
    expect(within).toBe(953);
  });
});

it('means of blocks drift, or wander', () => {
  expect(blockMeans(Array.from({ length: 24 }, (_, i) => i))).toEqual([1, 4, 7, 10, 13, 16, 19, 22]);
  expect(blockMeans(Array.from({ length: 12 }, (_, i) => i))).toEqual([0.5, 2.5, 4.5, 6.5, 8.5, 10.5]);
  expect(driftOf([1, 2, 3, 4])).toBe(Number.POSITIVE_INFINITY);
  expect(driftOf([1, 3, 2, 4, 3])).toBeCloseTo(0.5 / (Math.sqrt(3) / 2), 12);
  expect(driftOf([4, 4, 4])).toBe(0);
  expect(persistence([0, 1, 2, 3], 1)).toBe(0);
});

// VERDICTS.md, "How often the test for a trend is wrong": of 1000 series each.
describe.each<[name: string, make: (random: () => number, length: number) => number[], rising: number]>([
  ['white noise', (random, length) => autoregressive(random, length, 0), 0],
  ['autoregressive, 0.5', (random, length) => autoregressive(random, length, 0.5), 4],
  ['autoregressive, 0.8', (random, length) => autoregressive(random, length, 0.8), 9],
  ['autoregressive, 0.95', (random, length) => autoregressive(random, length, 0.95), 9],
  ['random walk', (random, length) => autoregressive(random, length, 1), 21],
  ['a rise of 2 standard deviations', (random, length) => noisyRise(random, length, 2), 339],
  ['a rise of 4 standard deviations', (random, length) => noisyRise(random, length, 4), 955],
  ['a rise of 6 standard deviations', (random, length) => noisyRise(random, length, 6), 987],
])('%s', (_name, make, rising) => {
  it(`rises in ${rising} of 1000`, () => {
    const random = seededRandom(11);
    let found = 0;
    for (let series = 0; series < 1000; series++) {
      const window = Float64Array.from(make(random, 24 + Math.floor(random() * 24)));
      const trend = trendOf(window);
      if (trend.slope > 0 && hasTrend(window, blockMeans(window), trend)) found++;
    }
    expect(found).toBe(rising);
  });
});

/** x' = persistence * x + noise; 1 = a random walk. */
function autoregressive(random: () => number, length: number, share: number): number[] {
  let x = share < 1 ? gauss(random) / Math.sqrt(1 - share * share) : 0;
  return Array.from({ length }, () => {
    x = share * x + gauss(random);
    return x;
  });
}

function noisyRise(random: () => number, length: number, rise: number): number[] {
  return Array.from({ length }, (_, i) => (rise * i) / length + gauss(random));
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
