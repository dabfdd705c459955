import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseMeminfo } from '../../src/proc/meminfo.js';
import { MEMORY_PARTS, type MemoryPart, meminfoParts } from '../../src/proc/meminfo-parts.js';

function partsOf(text: string): Record<MemoryPart, number> {
  const parts = meminfoParts(text);
  if (parts === null) throw new Error('no meminfo');
  return Object.fromEntries(MEMORY_PARTS.map((name, index) => [name, parts[index] / 1024])) as Record<
    MemoryPart,
    number
  >;
}

function textOf(lines: Record<string, number>): string {
  return Object.entries(lines)
    .map(([name, value]) => `${name}:${String(value).padStart(12)} kB\n`)
    .join('');
}

test('each line is in one part, and what lies inside another line is taken off it', () => {
  const parts = partsOf(
    textOf({
      MemTotal: 1000,
      MemFree: 100,
      Buffers: 10,
      Cached: 200,
      SwapCached: 30,
      Active: 300,
      Inactive: 25,
      AnonPages: 100,
      Shmem: 50,
      KReclaimable: 70,
      Slab: 120,
      SReclaimable: 60,
      SUnreclaim: 60,
      KernelStack: 20,
      PageTables: 15,
      SecPageTables: 5,
      VmallocUsed: 80,
      Percpu: 12,
      Zswap: 3,
      Hugetlb: 40,
    }),
  );
  expect(parts).toEqual({
    slab: 120,
    'page tables': 20,
    'kernel stacks': 20,
    vmalloc: 60,
    percpu: 12,
    hugetlb: 40,
    other: 13,
    anon: 115,
    shmem: 50,
    'page cache': 160,
    unaccounted: 290,
    free: 100,
  });
});

test("this machine's own meminfo adds up to its total, and the gap is the one of the report", () => {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const sample = parseMeminfo(0, text);
  const parts = meminfoParts(text) ?? [];
  const sum = parts.reduce((a, b) => a + b, 0);
  // With a gap the parts are the total; without one the lines, read at different times, may exceed it.
  if ((sample?.unaccountedBytes ?? 0) > 0) expect(sum).toBe(sample?.totalBytes);
  else expect(sum).toBeGreaterThanOrEqual(sample?.totalBytes ?? 0);
  expect(parts[MEMORY_PARTS.indexOf('unaccounted')]).toBe(sample?.unaccountedBytes);
});

test('what is no meminfo has no parts', () => {
  expect(meminfoParts('nr_free_pages 12\n')).toBeNull();
  expect(meminfoParts('MemTotal: 0 kB\nMemFree: 0 kB\n')).toBeNull();
});
