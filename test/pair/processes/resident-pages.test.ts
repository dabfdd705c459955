import { expect, it } from 'vitest';
import { ResidentPages } from '../../../src/pair/processes/resident-pages.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { seeds } from '../../helpers/seeds.js';

it('answers as a list of pages would', () => {
  for (const seed of seeds(5, 30)) {
    const random = seededRandom(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const pages = new ResidentPages();
    const plain = new Set<number>();
    const rows = [];
    for (let page = below(5); page < 300; ) {
      const length = 1 + below(9);
      rows.push({ firstPage: page, pages: length, resident: length });
      for (let i = 0; i < length; i++) plain.add(page + i);
      page += length + below(6);
    }
    pages.take(
      2,
      77,
      true,
      rows.toSorted(() => random() - 0.5),
    );
    expect([pages.total(2), pages.timeNs(2), pages.total(1), pages.timeNs(1)]).toEqual([plain.size, 77, null, null]);
    for (let i = 0; i < 200; i++) {
      const [first, length] = [below(320), 1 + below(40)];
      const range = Array.from({ length }, (_, n) => first + n);
      expect(pages.pages(2, first, length), `seed ${seed}`).toBe(range.filter((page) => plain.has(page)).length);
    }
  }
});

it('of a range that is told as one, each page counts alike', () => {
  const pages = new ResidentPages();
  pages.take(1, 0, false, [{ firstPage: 100, pages: 10, resident: 5 }]);
  expect([pages.pages(1, 100, 10), pages.pages(1, 104, 2), pages.pages(1, 109, 50)]).toEqual([5, 1, 0.5]);
  // It did not tell of all pages: of others nothing is known.
  expect(pages.pages(1, 0, 100)).toBeNull();
});

it('replaces a look, forgets a process, and leaves out what cannot be', () => {
  const pages = new ResidentPages();
  pages.take(1, 1, true, [{ firstPage: 0, pages: 4, resident: 4 }]);
  pages.take(1, 2, true, [
    { firstPage: 10, pages: 4, resident: 1 },
    { firstPage: 12, pages: 4, resident: 1 },
    { firstPage: 2 ** 36, pages: 1, resident: 1 },
    { firstPage: 20, pages: 0, resident: 0 },
    { firstPage: 30, pages: 1, resident: 2 },
    { firstPage: Number.NaN, pages: 1, resident: 1 },
  ]);
  expect([pages.total(1), pages.pages(1, 0, 4)]).toEqual([1, null]);
  for (const process of [0, 65_536, 1.5]) pages.take(process, 0, true, []);
  expect([pages.total(0), pages.total(65_536)]).toEqual([null, null]);
  pages.forget(1);
  expect(pages.total(1)).toBeNull();
});

it('keeps so many ranges: those of the oldest looks go first', () => {
  const pages = new ResidentPages();
  const rows = Array.from({ length: 65_536 }, (_, i) => ({ firstPage: i * 2, pages: 1, resident: 1 }));
  for (let process = 1; process <= 6; process++) pages.take(process, process, true, rows);
  expect([1, 2, 3, 4, 5, 6].map((process) => pages.total(process))).toEqual([
    null,
    null,
    65_536,
    65_536,
    65_536,
    65_536,
  ]);
  const restored = ResidentPages.restore(JSON.parse(JSON.stringify(pages.save())));
  expect(restored?.save()).toEqual(pages.save());
});

it.each([null, [1], [[1, 2, true, [1, 2]]], [[1, 2, true, [5, 1, 2]]], [[1, 2, true, [5, 2, 1, 6, 1, 1]]]])(
  'is not restored from %j',
  (saved) => {
    expect(ResidentPages.restore(saved)).toBeNull();
  },
);
