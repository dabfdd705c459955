import { expect, it, test } from 'vitest';
import { TIME_LIMIT_NS } from '../../../src/event/event-batch.js';
import type { MemoryAccount } from '../../../src/proc/memory-account.js';
import type { MemorySeries } from '../../../src/rank/report/report-memory.js';
import { MemoryHistory } from '../../../src/session/pipeline/memory-history.js';
import { accountOf } from '../../helpers/memory-account.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const TOTAL_KIB = 1_000_000;

/** An account at a time, of a meminfo with a gap. */
function account(timeNs: number, random: () => number): MemoryAccount {
  const below = (most: number): number => Math.floor(random() * most);
  const text =
    `MemTotal: ${TOTAL_KIB} kB\nMemFree: ${below(200_000)} kB\nCached: ${below(200_000)} kB\nShmem: ${below(9000)} kB\n` +
    `Active: 300000 kB\nInactive: 200000 kB\nAnonPages: ${below(100_000)} kB\nSlab: ${below(100_000)} kB\n`;
  const found = accountOf(text);
  if (found === null) throw new Error('no meminfo');
  return { ...found, timeNs };
}

function accounts(seed: number, count: number, stepNs: number): MemoryAccount[] {
  const random = seededRandom(seed);
  let timeNs = Math.floor(random() * 1e9);
  return Array.from({ length: count }, () => {
    timeNs += Math.floor(stepNs * (0.2 + random() * 1.6));
    return account(timeNs, random);
  });
}

function historyOf(samples: readonly MemoryAccount[]): MemoryHistory {
  const history = new MemoryHistory();
  for (const sample of samples) history.take(sample);
  return history;
}

function seriesOf(samples: readonly MemoryAccount[]): MemorySeries {
  const series = historyOf(samples).samples(samples[0]);
  if (series === null) throw new Error('no series');
  return series;
}

function bytesOf(series: MemorySeries, name: string): number[] {
  const part = series.parts.find((each) => each.name === name);
  if (part === undefined) throw new Error(`no ${name}`);
  return part.bytes;
}

test('a short trace has all its samples, at their own times', () => {
  const samples = accounts(1, 12, 1e9);
  const series = seriesOf(samples);
  expect(series.timesNs).toEqual(samples.map(({ timeNs }) => timeNs));
  expect(bytesOf(series, 'free')).toEqual(samples.map(({ freeBytes }) => freeBytes));
  expect(bytesOf(series, 'not in meminfo')).toEqual(samples.map(({ unaccountedBytes }) => unaccountedBytes));
  expect(Math.min(...samples.map(({ heldByReferenceBytes }) => heldByReferenceBytes))).toBeGreaterThan(0);
  expect(series.parts.at(-1)?.name).toBe('free');
});

it.each([
  [1, 1, 1e9],
  [2, 2, 1e9],
  [3, 63, 1e9],
  [4, 64, 1e9],
  [5, 65, 1e9],
  [6, 500, 1e9],
  [7, 9000, 1e9],
  [8, 3000, 7e6],
  [9, 80, 900e9],
])('seed %i, %i samples: at most 64 of them, with the first and the last', (seed, count, stepNs) => {
  const samples = accounts(seed, count, stepNs);
  const series = seriesOf(samples);
  const { timesNs } = series;
  expect(timesNs.length).toBeLessThanOrEqual(64);
  expect(timesNs.length).toBeGreaterThanOrEqual(Math.min(count, 28));
  expect(timesNs[0]).toBe(samples[0].timeNs);
  expect(timesNs.at(-1)).toBe(samples.at(-1)?.timeNs);
  const taken = new Map(samples.map((sample) => [sample.timeNs, sample]));
  for (const [at, timeNs] of timesNs.entries()) {
    if (at > 0) expect(timeNs).toBeGreaterThan(timesNs[at - 1]);
    const sample = taken.get(timeNs);
    expect(bytesOf(series, 'free')[at]).toBe(sample?.freeBytes);
    expect(bytesOf(series, 'not in meminfo')[at]).toBe(sample?.unaccountedBytes);
    expect(series.parts.reduce((sum, { bytes }) => sum + bytes[at], 0)).toBe(TOTAL_KIB * 1024);
  }
});

it.each([1, 2, 3])('seed %i: restored in the middle, it goes on as if it had never been saved', (seed) => {
  const samples = accounts(seed, 700, 1e9);
  const restored = new MemoryHistory();
  expect(restored.restore(JSON.parse(JSON.stringify(historyOf(samples.slice(0, 301)).save())))).toBe(true);
  for (const sample of samples.slice(301)) restored.take(sample);
  expect(restored.samples(samples[0])).toEqual(seriesOf(samples));
});

test('there is none before the first sample; impossible and older times are left out', () => {
  const random = seededRandom(1);
  const history = new MemoryHistory();
  expect(history.samples(null)).toBeNull();
  const first = account(5e9, random);
  for (const timeNs of [Number.NaN, -1, TIME_LIMIT_NS]) history.take({ ...first, timeNs });
  expect(history.samples(first)).toBeNull();
  for (const timeNs of [5e9, 7e9, 6e9, 5e9]) history.take({ ...account(5e9, random), timeNs });
  expect(history.samples(first)?.timesNs).toEqual([5e9, 7e9]);
});
