import { expect, it } from 'vitest';
import { readDump } from '../../helpers/dump-text.js';

const stacks = (...rows: [path: string, pages: number][]): string =>
  rows.map(([path, pages]) => ` ${path}\nnr_base_pages: ${pages}\n\n`).join('');
const sentences = (text: string): string[] =>
  readDump(text)
    .report()
    .conclusions.map(({ text: sentence, detail }) => `${sentence} ${detail ?? ''}`.trim());

const LAST = 'One dump shows no growth: make another later, and compare the two.';

it('names who held what no line of meminfo shows, greatest first, three at most', () => {
  const rows = ['a', 'b', 'c', 'd'].map((name, i): [string, number] => [`f+0x1/0x2 [mod_${name}]`, 1000 + i]);
  expect(sentences(stacks(...rows, ['filemap_alloc_folio+0x1/0x2', 90000]))).toEqual([
    'Module mod_d held 3.92 MiB of memory of f [mod_d], 1.1% of all in this dump. No line of /proc/meminfo shows it.',
    'Module mod_c held 3.91 MiB of memory of f [mod_c], 1.1% of all in this dump. No line of /proc/meminfo shows it.',
    'Module mod_b held 3.91 MiB of memory of f [mod_b], 1.1% of all in this dump. No line of /proc/meminfo shows it.',
    LAST,
  ]);
});

it('names what held most where meminfo shows all, and leaves out what is little', () => {
  const [first, ...rest] = sentences(
    stacks(['__page_cache_alloc+0x1/0x2\n page_cache_ra_unbounded+0x1/0x2', 90000], ['f+0x1/0x2 [small]', 10]),
  );
  expect(first).toMatch(/^352 MiB of page cache was held, >99\.9% of all in this dump\. In meminfo as Cached\./);
  expect(rest).toEqual([LAST]);
});

it('claims no verdict, no growth and no trace', () => {
  const report = readDump(stacks(['f+0x1/0x2', 5000])).report();
  expect(report.conclusions.map(({ kind }) => kind)).toEqual(['before', 'before']);
  expect(report.conclusions.at(-1)?.next).toBe('unfreed diff FIRST SECOND');
});
