import { expect, it } from 'vitest';
import { VMALLOC } from '../../src/event/kinds.js';
import { LiveRanges, MOST_PIECE_PAGES, SPACE_PAGES } from '../../src/pair/live-ranges.js';
import { PathTable } from '../../src/pair/path-table.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { seeds } from '../helpers/seeds.js';

function begin(): { paths: PathTable; ranges: LiveRanges; rows: number[] } {
  const paths = new PathTable();
  const rows = [1, 2, 3, 4, 5].map((stack) => paths.rowOf(stack, VMALLOC, 5));
  return { paths, ranges: new LiveRanges(paths, VMALLOC), rows };
}

it('holds, page by page, what a table of all pages would', () => {
  for (const seed of seeds(5, 40)) {
    const random = seededRandom(seed);
    const { paths, ranges, rows } = begin();
    /** By process and page: row. */
    const plain = new Map<string, number>();
    const below = (most: number): number => Math.floor(random() * most);
    for (let step = 0; step < 3000; step++) {
      const process = 1 + below(3);
      const first = below(200);
      const pages = 1 + below(40);
      const range = Array.from({ length: pages }, (_, i) => `${process} ${first + i}`);
      const heldThere = range.filter((key) => plain.has(key)).length;
      paths.eventNs[0] = step;
      const what = random();
      if (what < 0.5) {
        const row = rows[below(rows.length)];
        expect(ranges.map(process, first, pages, row, 7, 0), `seed ${seed}`).toBe(heldThere);
        paths.chargeAlloc(VMALLOC, row, pages, pages);
        for (const key of range) plain.set(key, row);
      } else if (what < 0.9) {
        expect(ranges.unmap(process, first, pages), `seed ${seed}`).toBe(heldThere);
        for (const key of range) plain.delete(key);
      } else if (what < 0.95) {
        const to = below(200);
        const moved = range.map((key) => plain.get(key));
        expect(ranges.move(process, first, to, pages), `seed ${seed}`).toBe(heldThere);
        for (const key of range) plain.delete(key);
        for (let i = 0; i < pages; i++) plain.delete(`${process} ${to + i}`);
        for (const [i, row] of moved.entries()) if (row !== undefined) plain.set(`${process} ${to + i}`, row);
      } else if (what < 0.98) {
        const own = [...plain.keys()].filter((key) => key.startsWith(`${process} `));
        expect(ranges.unmapAll(process), `seed ${seed}`).toBe(own.length);
        for (const key of own) plain.delete(key);
      } else {
        const child = 1 + (process % 3);
        for (const key of plain.keys()) if (key.startsWith(`${child} `)) plain.delete(key);
        ranges.copy(process, child, 8, (row, size) => paths.chargeAlloc(VMALLOC, row, size, size));
        for (const [key, row] of plain) {
          if (key.startsWith(`${process} `)) plain.set(key.replace(`${process} `, `${child} `), row);
        }
      }
      if (step % 50 === 0) ranges.checkInvariants();
    }
    ranges.checkInvariants();
    expect(paths.totalLive(VMALLOC), `seed ${seed}`).toBe(plain.size);
    for (const row of rows) {
      const held = [...plain.values()].filter((each) => each === row).length;
      expect(paths.live(row), `seed ${seed}, row ${row}`).toBe(held);
    }
  }
});

it('a reservation of terabytes is a few pieces, and can be cut anywhere', () => {
  const { paths, ranges, rows } = begin();
  const pages = 3 * MOST_PIECE_PAGES + 5;
  ranges.map(1, 1000, pages, rows[0], 7, 0);
  paths.chargeAlloc(VMALLOC, rows[0], pages, pages);
  expect(ranges.table.size).toBe(4);
  expect(ranges.unmap(1, 1000 + MOST_PIECE_PAGES - 1, 2)).toBe(2);
  ranges.checkInvariants();
  expect(paths.totalLive(VMALLOC)).toBe(pages - 2);
  expect(ranges.unmapAll(1)).toBe(pages - 2);
  expect(ranges.processes).toBe(0);
});

it('ranges that are none change nothing', () => {
  const { ranges, rows } = begin();
  for (const [first, pages] of [
    [0, 0],
    [-1, 5],
    [SPACE_PAGES, 1],
    [5, SPACE_PAGES],
    [0.5, 1],
    [Number.NaN, 1],
  ]) {
    expect(ranges.map(1, first, pages, rows[0], 7, 0)).toBe(-1);
    expect(ranges.unmap(1, first, pages)).toBe(-1);
    expect(ranges.move(1, first, 5, pages)).toBe(-1);
  }
  expect(ranges.table.size).toBe(0);
});

it('65,530 mappings that are cut, one after the other', () => {
  const { ranges, rows } = begin();
  for (let i = 0; i < 65_530; i++) ranges.map(1, i * 3, 2, rows[0], 7, 0);
  for (let i = 0; i < 65_530; i++) expect(ranges.unmap(1, i * 3 + 1, 1)).toBe(1);
  ranges.checkInvariants();
  expect(ranges.table.size).toBe(65_530);
});
