import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/rank/report/report.js';
import type { GroupKey } from '../../../src/rank/report/selection.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { replayed } from '../../helpers/replayed.js';
import { pairText } from '../../helpers/text-trace.js';

const HOST = { allocators: ['page' as const, 'slab' as const] };

/** Returns label, bytes, number of call paths, and the bytes of those that are not shown. */
function rows(report: Report): (string | number | undefined)[][] {
  return report.stacks.map(({ bytes, merged }) => [merged?.label, bytes, merged?.stacks, merged?.others.bytes]);
}

/** A call path with four missed frees: its address was allocated again each time. */
function missing(bytes: number): string {
  return Array.from({ length: 5 }, (_, i) => `${i} alloc y ${bytes} take < y`).join('; ');
}

/** Returns state, verdict and reason of its row with 64 more bytes, whose frees were never missed. */
function states(bytes: number): unknown[] {
  const { report } = pairText(`${missing(bytes)}; 9 alloc x 64 take < x`);
  return report({ group: 'site' }).stacks.map((stack) => [stack.reliability, stack.verdict, stack.evidence.reason]);
}

function grouped(trace: string, group: GroupKey): (string | number | undefined)[][] {
  return rows(pairText(trace, { host: HOST }).report({ group, sort: 'bytes' }));
}

describe('call paths are one', () => {
  it('as a path, whatever plumbing stands before them and whatever an interrupt hit', () => {
    const trace = `
      0 alloc a 64 __kmalloc < take < run < asm_common_interrupt < idle
      1 alloc b 32 kmem_cache_alloc < take < run < asm_common_interrupt < busy
      2 alloc c 16 take < run
      3 alloc d 8 take < walk`;
    expect(grouped(trace, 'path')).toEqual([
      ['take', 96, 2, 32],
      ['take', 16, 1, 0],
      ['take', 8, 1, 0],
    ]);
  });

  it('as a site, whoever called it; a module is part of its name', () => {
    const trace = '0 alloc a 64 __kmalloc < take < run; 1 alloc b 32 take < walk; 2 alloc c 8 take[wifi] < walk';
    expect(grouped(trace, 'site')).toEqual([
      ['take+0x4', 96, 2, 32],
      ['take+0x4 [wifi]', 8, 1, 0],
    ]);
  });

  it('as a module, the one that is nearest to the memory, but not one that was interrupted', () => {
    const trace = `
      0 alloc a 64 __alloc_skb < send[wifi] < poll[usbnet]
      1 alloc b 32 take < asm_common_interrupt < poll[usbnet]
      2 alloc c 16 take < poll[usbnet]`;
    expect(grouped(trace, 'module')).toEqual([
      ['wifi', 64, 1, 0],
      ['kernel', 32, 1, 0],
      ['usbnet', 16, 1, 0],
    ]);
  });

  it('as a process or cache, with the part of a call path that is its own', () => {
    const trace = `
      0 alloc a 64 comm=ls cache=dentry x
      1 alloc b 32 comm=cat cache=dentry x
      2 alloc c 8 comm=cat y
      3 palloc 8 order 0 comm=ls z
      4 alloc d 8 cache=kmalloc-rcl-8 w`;
    expect(grouped(trace, 'comm')).toEqual([
      ['ls', 4160, 2, 64],
      ['cat', 40, 2, 8],
      ['(unknown)', 8, 1, 0],
    ]);
    expect(grouped(trace, 'cache')).toEqual([
      ['(pages)', 4096, 1, 0],
      ['dentry', 96, 1, 0],
      ['kmalloc-8', 16, 2, 8],
    ]);
    const [ls] = pairText(trace).report({ group: 'comm', sort: 'bytes' }).stacks;
    expect(ls).toMatchObject({ count: 2, merged: { allocators: ['page', 'slab'] }, category: null });
  });

  it('as a category; pages that back other memory are never added to it', () => {
    const trace =
      '0 alloc a 64 take; 1 palloc 8 order 0 new_slab < take; 2 palloc 16 order 0 take; 3 palloc 32 order 0 ?';
    expect(grouped(trace, 'category')).toEqual([
      ['unaccounted', 4096, 1, 0],
      ['(unknown)', 4096, 1, 0],
      ['slab', 64, 1, 0],
      ['backing', 4096, 1, 0],
    ]);
    expect(grouped(trace, 'module')).toEqual([
      ['kernel', 8256, 3, 4160],
      ['kernel', 4096, 1, 0],
    ]);
  });

  it('without a call path, of one allocator each', () => {
    for (const group of ['path', 'site', 'module'] as const) {
      const labels = grouped('0 alloc a 64; 1 palloc 8 order 0', group).map(([label]) => label);
      expect(new Set(labels), group).toEqual(new Set(['[no stack]']));
    }
  });
});

describe('a merged row', () => {
  const TRACE = `
    0 alloc a 64 comm=ls take < run
    10 alloc b 32 comm=cat take < walk
    20 alloc c 32 comm=ls take < walk
    30 free c
    40 clock`;

  it('sums up what its call paths are, with the ages of all that they hold, and shows the greatest', () => {
    const [stack] = pairText(TRACE).report({ group: 'site' }).stacks;
    expect(stack.frames.map((frame) => frame.symbol)).toEqual(['take', 'run']);
    expect(stack).toMatchObject({
      bytes: 96,
      count: 2,
      allocBytes: 128,
      allocCount: 3,
      freeCount: 1,
      oldestAgeNs: 40,
      medianAgeNs: 35,
      comms: [
        { comm: 'ls', bytes: 64, count: 1 },
        { comm: 'cat', bytes: 32, count: 1 },
      ],
      merged: { others: { stacks: 1, bytes: 32, count: 1 } },
    });
  });

  it('is found again in the ranking of call paths by its id', () => {
    const { report } = pairText(TRACE);
    const [merged] = report({ group: 'module', sort: 'bytes' }).stacks;
    const [first] = report({ sort: 'bytes' }).stacks;
    expect(merged.stackId).toBe(first.stackId);
    expect(merged.bytes).toBe(96);
  });

  it('goes by the state of most of its bytes', () => {
    expect(states(65)).toEqual([
      ['unreliable', 'unreliable', 'by bytes of its call paths: 50% plausible, 50% unreliable'],
    ]);
    expect(states(64)).toEqual([['plausible', null, 'by bytes of its call paths: 50% plausible, 50% unreliable']]);
  });
});

it('in a real recording every grouping holds the same bytes, and the pipes are one site of one process', async () => {
  const pipeline = await replayed('bpf/6.18-held-pipes/held-pipes.unfreed');
  const all = pipeline.report(defaultSelection(1e6));
  for (const group of ['path', 'site', 'module', 'comm', 'cache', 'category'] as const) {
    const report = pipeline.report({ ...defaultSelection(1e6), group });
    expect(
      report.stacks.reduce((sum, stack) => sum + stack.bytes, 0),
      group,
    ).toBe(all.matching.bytes);
    expect(report.matching, group).toEqual({ ...all.matching, rows: report.stacks.length });
  }
  const [site] = pipeline.report({ ...defaultSelection(1), sort: 'bytes', group: 'site' }).stacks;
  expect(site.merged).toMatchObject({ label: expect.stringMatching(/^anon_pipe_write\+0x/) as string });
  const [category] = pipeline.report({ ...defaultSelection(1), sort: 'bytes', group: 'category' }).stacks;
  expect(category.merged).toMatchObject({ label: 'unaccounted' });
});
