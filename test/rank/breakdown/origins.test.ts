import { describe, expect, it } from 'vitest';
import { type Origins, originsOf } from '../../../src/rank/breakdown/origins.js';
import { processesOf } from '../../../src/rank/breakdown/processes.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { replayed } from '../../helpers/replayed.js';
import { type PairedText, pairText } from '../../helpers/text-trace.js';

/** Points of the curves are 62.5 ms apart. */
const TRACE = `
  10ms palloc 8 order 0 comm=leak pid=7 alloc_pages < anon_pipe_write
  70ms palloc 16 order 1 comm=leak pid=7 alloc_pages < anon_pipe_write
  80ms palloc 24 order 0 comm=sh pid=9 alloc_pages < anon_pipe_write
  90ms palloc 32 order 0 comm=sh pid=9 alloc_pages < anon_pipe_write
  125ms alloc a 64 comm=sh pid=9 kmalloc < y
  130ms pfree 32 order 0
  190ms palloc 40 order 1 comm=sh pid=9 alloc_pages < new_slab < kmalloc < y
  200ms clock`.replace(/(\d+)ms/g, (_, ms: string) => `${ms}000000`);

function of({ core, symbols }: PairedText, selection: Partial<Selection> = {}): Origins {
  return originsOf({ core, symbols }, { ...defaultSelection(1), ...selection });
}

const paired = pairText(TRACE, { host: { allocators: ['page', 'slab'] } });
const sum = (lists: { bytes: number }[][]): number => lists.flat().reduce((total, { bytes }) => total + bytes, 0);
const nameOf = (origins: Origins, at: number): string => (at < 0 ? '-' : origins.findings[at].row.noun);

describe('origins', () => {
  it('have an edge at the start, at each point of the curves, and at the end', () => {
    expect(of(paired).edgesNs).toEqual([0, 62_500_000, 125_000_000, 187_500_000, 200_000_000]);
    expect(of(pairText('10 palloc 8 order 0 x ; 20 clock')).edgesNs).toEqual([]);
  });

  it('say when what each call path holds was taken; the time of an edge belongs to the step behind it', () => {
    const origins = of(paired);
    const taken = origins.paths.map((path) => [
      nameOf(origins, path.finding),
      ...path.taken.map(({ step, bytes }) => `${step}: ${bytes}`),
    ]);
    expect(taken).toEqual([
      ['pipe buffers', '0: 4096', '1: 12288'],
      ['memory of y', '2: 64'],
      ['memory of y', '3: 8192'],
    ]);
  });

  it('say the same of each process by finding, without backing pages, which hold what is counted already', () => {
    const origins = of(paired);
    const rows = origins.processes.map(({ process, findings }) => [
      process.comm,
      ...findings.map(
        ({ finding, bytes, taken }) =>
          `${nameOf(origins, finding)} ${bytes}: ${taken.map(({ step }) => step).join(' ')}`,
      ),
    ]);
    expect(rows).toEqual([
      ['leak', 'pipe buffers 12288: 0 1'],
      ['sh', 'pipe buffers 4096: 1', 'memory of y 64: 2'],
    ]);
    expect(origins.processes.map(({ process }) => process)).toEqual(processesOf(paired, defaultSelection(1)));
  });

  it('give ages, sizes and holders of each finding', () => {
    const [{ row, ages, sizes, holders, holderCount }] = of(paired).findings;
    expect(row).toMatchObject({ noun: 'pipe buffers', bytes: 16384 });
    expect(ages.reduce((all, { count }) => all + count, 0)).toBe(3);
    expect(sizes).toEqual([
      { from: 4096, to: 8192, count: 2 },
      { from: 8192, to: 16384, count: 1 },
    ]);
    expect(holders).toEqual([
      { pid: 7, comm: 'leak', bytes: 12288, count: 3 },
      { pid: 9, comm: 'sh', bytes: 4096, count: 1 },
    ]);
    expect(holderCount).toBe(2);
  });

  it('obey the selection as the ranking does', () => {
    const origins = of(paired, { comm: 'sh', allocators: ['slab'] });
    expect(origins.paths.map(({ taken }) => taken)).toEqual([[{ step: 2, bytes: 64 }]]);
    expect(origins.processes.map(({ process }) => process.comm)).toEqual(['sh']);
    expect(origins.caches.map(({ cache, bytes }) => [cache, bytes])).toEqual([['kmalloc-64', 64]]);
  });

  it('add up to what is held, in a real recording', async () => {
    const { core, symbols } = await replayed('bpf/6.12-demo/demo.unfreed');
    const origins = originsOf({ core, symbols }, defaultSelection(1));
    const held = origins.findings.reduce((total, { row }) => total + row.bytes, 0);
    const listed = origins.paths.filter(({ finding }) => finding >= 0).map(({ taken }) => taken);
    expect(sum(listed)).toBe(held);
    expect(origins.processCount).toBe(processesOf({ core, symbols }, defaultSelection(1)).length);
    for (const { process, findings } of origins.processes) expect(sum([findings])).toBe(process.bytes);
    for (const { findings } of origins.processes)
      for (const { bytes, taken } of findings) expect(sum([taken])).toBe(bytes);
  });
});
