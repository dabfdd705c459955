import { describe, expect, it } from 'vitest';
import { type ProcessRow, processesOf } from '../../../src/rank/breakdown/processes.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { replayed } from '../../helpers/replayed.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

const ALLOCATORS = ['page', 'slab', 'percpu', 'vmalloc'] as const;

const TRACE = `
  1 palloc 8 order 2 comm=sh pid=7 alloc_pages < x
  2 alloc a 64 comm=sh pid=7 kmalloc < y
  3 alloc b 192 cache=dentry comm=sh pid=7 y
  4 alloc c 64 comm=sh pid=9 kmalloc < y
  5 percpu p 16 comm=ls pid=7 y
  6 valloc v 3 comm=ls pid=7 y
  7 palloc 32 order 1 comm=ls pid=7 alloc_pages < new_slab < kmalloc < y
  8 alloc d 4096 self comm=unfreed pid=3 kmalloc < z
  9 alloc gone 64 comm=rm pid=11 kmalloc < y
  10 free gone
  20 clock`;

function rowsOf({ core, symbols }: PairedText, selection: Partial<Selection> = {}, sinceNs?: number): ProcessRow[] {
  return processesOf({ core, symbols }, { ...defaultSelection(1), ...selection }, sinceNs);
}

const brief = (rows: ProcessRow[]): unknown[] => rows.map(({ comm, pid, bytes, count }) => [comm, pid, bytes, count]);

describe('processes', () => {
  const paired = pairText(TRACE, { host: { allocators: [...ALLOCATORS] } });

  it('are what is outstanding by pid and name, no byte twice, the greatest first', () => {
    // bytes, count; pages, of these in no line, shmem, anon, page cache; slab, percpu, vmalloc, backing; allocations, new ones, call paths, age.
    expect(rowsOf(paired).map((row): unknown[] => Object.values(row))).toEqual([
      ['sh', 7, 4 * 4096 + 64 + 192, 6, 16384, 16384, 0, 0, 0, 256, 0, 0, 0, 3, 3, 3, 19],
      ['ls', 7, 16 + 3 * 4096, 4, 0, 0, 0, 0, 0, 0, 16, 12288, 8192, 2, 2, 3, 15],
      ['sh', 9, 64, 1, 0, 0, 0, 0, 0, 64, 0, 0, 0, 1, 1, 1, 16],
    ]);
  });

  it('add up to what is outstanding, the tracer included', () => {
    const sum = rowsOf(paired, { includeSelf: true }).reduce((total, row) => total + row.bytes, 0);
    expect(sum).toBe(paired.report().outstanding.distinct.bytes);
  });

  it('obey the selection as the ranking does', () => {
    expect(brief(rowsOf(paired, { comm: 'sh', allocators: ['slab'] }))).toEqual([
      ['sh', 7, 256, 2],
      ['sh', 9, 64, 1],
    ]);
    expect(brief(rowsOf(paired, { minSizeBytes: 100 }))).toEqual([
      ['sh', 7, 16384 + 192, 5],
      ['ls', 7, 12288, 3],
    ]);
    expect(brief(rowsOf(paired, { grep: '^x$' }))).toEqual([['sh', 7, 16384, 4]]);
    expect(brief(rowsOf(paired, { pid: 4 }))).toEqual([]);
  });

  it('say how many allocations are newer than a moment', () => {
    expect(rowsOf(paired, {}, 2).map((row) => [row.allocations, row.newAllocations])).toEqual([
      [3, 1],
      [2, 2],
      [1, 1],
    ]);
  });

  it('of a real trace are what the loads held', async () => {
    const pipeline = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
    const { core, symbols } = pipeline;
    const rows = processesOf({ core, symbols }, defaultSelection(1));
    expect(rows.filter((row) => row.comm === 'hold-pipes')).toHaveLength(1);
    expect(rows[0].comm).toBe('hold-pipes');
    const anon = processesOf(
      { core, symbols },
      { ...defaultSelection(1), grep: '^anon_pipe_write$', comm: 'hold-pipes' },
    );
    expect(anon.map((row) => [row.noLineBytes, row.shmemBytes, row.anonBytes])).toEqual([[6_619_136, 0, 0]]);
    // Page tables are in none of these columns.
    for (const row of rows) {
      expect(row.noLineBytes + row.shmemBytes + row.anonBytes + row.cacheBytes).toBeLessThanOrEqual(row.pageBytes);
    }
    expect(brief(anon)).toEqual([['hold-pipes', rows[0].pid, 6_619_136, 1616]]);
    expect(rows.reduce((sum, row) => sum + row.bytes + row.backingBytes, 0)).toBe(
      pipeline.report(defaultSelection(1)).matching.bytes,
    );
  });
});
