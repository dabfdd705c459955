import { expect, it } from 'vitest';
import { LIFETIME_BARS, Lifetimes } from '../../src/pair/lifetimes.js';
import { LiveTable } from '../../src/pair/live-table.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { seeds } from '../helpers/seeds.js';

it('finds what a Map would, through growth and removal', () => {
  for (const seed of seeds(5, 20)) {
    const random = seededRandom(seed);
    const table = new LiveTable();
    const map = new Map<string, number>();
    for (let i = 1; i < 20_000; i++) {
      const hi = random() < 0.5 ? 0 : -0x7780 | 0;
      const lo = Math.floor(random() * 6000 * seed) | 0;
      const key = `${hi} ${lo}`;
      const slot = table.locate(hi, lo);
      expect(slot >= 0, `seed ${seed}`).toBe(map.has(key));
      if (slot >= 0) {
        if (table.sizeAt(slot) !== map.get(key)) throw new Error(`seed ${seed}: another entry`);
        table.remove(slot);
        map.delete(key);
      } else {
        table.set(table.insertAt(~slot, hi, lo), 1, i, 0, 0);
        map.set(key, i);
      }
    }
    expect(table.size, `seed ${seed}`).toBe(map.size);
    table.checkInvariants();
  }
});

it('takes at most 57 bytes an entry when it has just grown', () => {
  const table = new LiveTable();
  for (let i = 0; i < 300_000; i++) {
    table.set(table.insertAt(~table.locate(0, i * 64), 0, i * 64), 1, 1, 0, 0);
    if (i > 2000 && table.byteLength / table.size > 57.1)
      throw new Error(`${table.byteLength} bytes for ${table.size}`);
  }
  expect(table.size).toBe(300_000);
});

it('a lifetime counts beyond 32 bits', () => {
  const lifetimes = new Lifetimes();
  const row = 1;
  lifetimes.reserve(row);
  for (let i = 0; i < 5; i++) lifetimes.count(row, 300, 2 ** 31 + 1);
  lifetimes.count(row, 0, 1);
  lifetimes.count(row, -5, 1);
  lifetimes.count(row, Number.MAX_SAFE_INTEGER, 1);
  const bars = lifetimes.bars(row);
  expect(bars?.slice(0, 2)).toEqual([2, 5 * (2 ** 31 + 1)]);
  expect(bars?.[LIFETIME_BARS - 1]).toBe(1);
});

it('a million call paths share histograms beyond 65536', () => {
  const lifetimes = new Lifetimes();
  for (let row = 1; row <= 200_000; row++) lifetimes.reserve(row);
  lifetimes.count(200_000, 300, 2);
  lifetimes.count(200_001, 300, 1);
  lifetimes.count(65536, 300, 70_000);
  expect(lifetimes.bars(200_000)).toBeNull();
  expect(lifetimes.barsOf(lifetimes.size)[1]).toBe(3);
  expect(lifetimes.bars(65536)?.[1]).toBe(70_000);
  expect(lifetimes.byteLength).toBeLessThan(13e6);
});

it('Lifetimes take back a free, also one that filled a bar of 16 bits', () => {
  const lifetimes = new Lifetimes();
  lifetimes.reserve(1);
  const bars = (): number[] => lifetimes.barsOf(1).slice(0, 2);
  lifetimes.count(1, 0, 65_535);
  lifetimes.count(1, 0, 65_537);
  lifetimes.count(1, 300, 1);
  for (const left of [131_071, 131_070]) {
    lifetimes.uncount(1, 0);
    expect(bars()[0]).toBe(left);
  }
  for (let i = 0; i < 131_070; i++) lifetimes.uncount(1, 0);
  lifetimes.uncount(1, 300);
  expect(bars()).toEqual([0, 0]);
  // There is nothing to take back.
  lifetimes.uncount(1, 0);
  expect(bars()).toEqual([0, 0]);
});
