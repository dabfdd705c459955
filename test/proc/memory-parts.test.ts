import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MEMORY_PARTS, type MemoryPart, memoryParts } from '../../src/proc/memory-parts.js';
import { accountOf } from '../helpers/memory-account.js';

function partsOf(text: string): Record<MemoryPart, number> {
  const account = accountOf(text, 'managed 200\nnr_free_pages 20\ncount 5\nnr_zspages 3\n');
  if (account === null) throw new Error('no meminfo');
  const parts = memoryParts(account);
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
      Active: 325,
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
      GPUActive: 7,
      GPUReclaim: 1,
    }),
  );
  expect(parts).toEqual({
    slab: 120,
    'page tables': 20,
    'kernel stacks': 20,
    vmalloc: 60,
    percpu: 12,
    hugetlb: 40,
    gpu: 8,
    zram: 9,
    other: 13,
    anon: 130,
    shmem: 50,
    'page cache': 160,
    'held by reference': 10,
    unaccounted: 290 - 15 - 10 - 8 - 9 - 20,
    free: 120,
  });
});

test("this machine's own parts add up to its total, and the gap is the one of the report", () => {
  const account = accountOf(readFileSync('/proc/meminfo', 'utf8'), readFileSync('/proc/zoneinfo', 'utf8'));
  if (account === null) throw new Error('no meminfo');
  const parts = memoryParts(account);
  const sum = parts.reduce((a, b) => a + b, 0);
  // With a gap the parts are the total; without one the lines, read at different times, may exceed it.
  if (account.unaccountedBytes > 0) expect(sum).toBe(account.totalBytes);
  else expect(sum).toBeGreaterThanOrEqual(account.totalBytes);
  const of = (name: MemoryPart): number => parts[MEMORY_PARTS.indexOf(name)];
  expect(of('unaccounted') + of('held by reference')).toBe(account.unaccountedBytes);
});
