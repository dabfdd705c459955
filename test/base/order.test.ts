import { expect, it } from 'vitest';
import { median, quickselect } from '../../src/base/quickselect.js';
import { topN } from '../../src/base/top-n.js';
import { seededRandom } from '../helpers/seeded-random.js';

it('quickselect and median agree with sorting', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const length = 1 + Math.floor(random() * 60);
    const values = Float64Array.from({ length }, () => Math.floor(random() * (seed % 2 === 0 ? 5 : 1e6)));
    const sorted = values.toSorted();
    const k = Math.floor(random() * length);
    expect(quickselect(values.slice(), length, k), `seed ${seed}`).toBe(sorted[k]);
    const middle = (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2;
    expect(median(values.slice(), length), `seed ${seed}`).toBe(middle);
  }
  expect(median(new Float64Array(4), 0)).toBe(0);
});

it('topN agrees with sorting all', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const ids = Array.from({ length: Math.floor(random() * 50) }, (_, i) => i);
    const values = ids.map(() => Math.floor(random() * 8));
    const before = (a: number, b: number): number => values[b] - values[a] || a - b;
    for (const n of [0, 1, 5, 100]) {
      expect(topN(ids.toReversed(), n, before), `seed ${seed}`).toEqual(ids.toSorted(before).slice(0, n));
    }
  }
});
