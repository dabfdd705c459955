/** What was held before a live trace, from files of the kernel's accounts in a directory that stands for '/'. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { type AllocatorName, KERNEL_ALLOCATORS } from '../../../src/event/kinds.js';
import type { TraceFact } from '../../../src/event/trace-sink.js';
import type { Report } from '../../../src/rank/report/report.js';
import { defaultSelection } from '../../../src/rank/report/selection.js';
import { HeldBeforeSink, heldBefore } from '../../../src/session/live/held-before.js';
import { Pipeline } from '../../../src/session/pipeline/pipeline.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unfreed-held-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function file(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const ALLOCINFO = `allocinfo - version: 1.0
#     <size>  <calls> <tag info>
   268435456    65536 drivers/x/ring.c:40 [xring] func:xring_fill
      131072     1024 fs/dcache.c:1630 func:__d_alloc
           0        0 mm/none.c:1 func:none
`;
const STACKS = ` get_page_from_freelist+0x12/0x34
 xring_fill+0x10/0x20 [xring]
nr_base_pages: 65536

`;
const RAW = `Page allocated via order 0, mask 0x0(), pid 7, tgid 7 (sh), ts 1000 ns
PFN 0x1000 type Unmovable Block 8 type Unmovable Flags 0x0()
 xring_fill+0x10/0x20 [xring]

`;

const SLABINFO = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>
dentry           4000000 4000000    192   21    1 : tunables    0    0    0 : slabdata 190477 190477      0
kmalloc-64       4000000 4000000     64   64    1 : tunables    0    0    0 : slabdata  62500  62500      0
filp                1000    1000    256   16    1 : tunables    0    0    0 : slabdata     63     63      0
`;
const VMALLOCINFO = `0x0000000000000001-0x0000000000000002 134221824 nv_alloc+0x12/0x90 [nvidia] pages=32768 vmalloc N0=32768
0x0000000000000003-0x0000000000000004    8192 small+0x12/0x90 pages=1 vmalloc N0=1
`;

const record = (pfn: number): string => RAW.replace('0x1000', `0x${pfn.toString(16)}`);

const ALL = [...KERNEL_ALLOCATORS];
const MACHINE = { ...unknownHost(), collector: 'bpf', allocators: ALL, notes: ['a note'] };

interface Traced {
  pipeline: Pipeline;
  report: Report;
  facts: TraceFact[];
}

/** A live trace that begins with what is in `root`; null if nothing is. */
async function traced(options: { sampleOneIn?: number; allocators?: AllocatorName[] } = {}): Promise<Traced | null> {
  const pipeline = new Pipeline('live');
  const { dictionary } = pipeline;
  const held = await heldBefore({ sampleOneIn: 1, allocators: ALL, ...options }, dictionary, root);
  if (held === null) return null;
  const facts: TraceFact[] = [];
  pipeline.recorder = { events: () => undefined, fact: (fact) => void facts.push(fact) };
  const sink = new HeldBeforeSink(pipeline, held);
  sink.fact({ type: 'host', facts: MACHINE });
  sink.fact({ type: 'clock', timeNs: 1e9 });
  sink.fact({ type: 'host', facts: MACHINE });
  sink.fact({ type: 'clock', timeNs: 20e9 });
  return { pipeline, report: pipeline.report(defaultSelection(10)), facts };
}

const rowsOf = (report: Report | undefined): unknown[] | undefined =>
  report?.stacks.map(({ baseline, bytes, verdict, growthBytesPerSecond, frames, allocator }) => [
    allocator,
    baseline,
    bytes,
    verdict,
    growthBytesPerSecond,
    frames[0].symbol,
  ]);

const ROOT = process.getuid?.() === 0;

describe.runIf(ROOT)('what was held before a live trace', () => {
  it('is that of allocinfo, where it is on: outstanding, never growing, once', async () => {
    file('proc/allocinfo', ALLOCINFO);
    file('proc/sys/vm/mem_profiling', '1\n');
    file('sys/kernel/debug/page_owner_stacks/show_stacks', STACKS);
    const { report, facts } = (await traced()) ?? {};
    expect(rowsOf(report)).toEqual([
      ['page', true, 268_435_456, null, null, 'xring_fill'],
      ['slab', true, 131_072, null, null, '__d_alloc'],
    ]);
    expect(report?.before).toEqual({ source: 'allocinfo', bytes: 268_566_528, stacks: 2 });
    expect(report?.source).toMatchObject({ kind: 'live', collector: 'bpf' });
    expect(report?.source.notes.slice(0, 2)).toEqual([
      'a note',
      "what was held before the trace is from allocinfo: rows marked 'before'",
    ]);
    // The host fact is the first, and what was held comes before any time has passed.
    expect(facts?.[0].type).toBe('host');
    const kinds = facts?.map(({ type }) => type) ?? [];
    expect(kinds.filter((type) => type === 'held')).toHaveLength(1);
    expect(kinds.indexOf('held')).toBeLessThan(kinds.indexOf('clock'));
    expect(kinds.at(-2)).toBe('host');
    expect(report?.conclusions.map(({ kind }) => kind)).not.toContain('growing');
  });

  it('is that of page_owner by call path, where allocinfo is off or not there', async () => {
    file('sys/kernel/debug/page_owner_stacks/show_stacks', STACKS);
    file('sys/kernel/debug/page_owner', RAW);
    expect(rowsOf((await traced())?.report)).toMatchObject([
      ['page', true, 268_435_456, null, null, expect.anything()],
    ]);
    file('proc/allocinfo', ALLOCINFO);
    file('proc/sys/vm/mem_profiling', '0\n');
    expect((await traced())?.report.before?.source).toBe('page_owner_stacks');
  });

  it('is that of page_owner page by page, the last choice', async () => {
    file('sys/kernel/debug/page_owner', RAW);
    const { report } = (await traced()) ?? {};
    expect(report?.before).toMatchObject({ source: 'page_owner', bytes: 4096 });
    expect(report?.stacks[0].comms[0]?.comm).toBe('sh');
  });

  it('is read of page_owner up to a limit, which is said', async () => {
    const some = Array.from({ length: 40_000 }, (_, index) => record(0x1000 + index)).join('');
    file('sys/kernel/debug/page_owner', some.repeat(Math.ceil((70 << 20) / some.length)));
    const { report } = (await traced()) ?? {};
    expect(report?.source.notes).toContain(
      'page_owner was read in part: more was held before than is shown (a whole copy: unfreed import)',
    );
    expect(report?.before?.bytes).toBe(40_000 * 4096);
  });

  it('has only what is traced, and nothing of a sample', async () => {
    file('proc/allocinfo', ALLOCINFO);
    expect((await traced({ allocators: ['slab'] }))?.report.before?.bytes).toBe(131_072);
    expect(await traced({ sampleOneIn: 16 })).toBeNull();
  });

  it('is nothing where no account is there, empty, or none of the kind', async () => {
    expect(await traced()).toBeNull();
    file('proc/allocinfo', '');
    file('sys/kernel/debug/page_owner_stacks/show_stacks', 'nonsense\n\x1b[31m\0\n');
    expect(await traced()).toBeNull();
    file('proc/allocinfo', 'allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n');
    expect(await traced()).toBeNull();
  });

  it('has large slab caches and callers of vmalloc(), which each kernel lists, but not what it takes back', async () => {
    file('proc/meminfo', 'MemTotal:        4194304 kB\n');
    file('proc/slabinfo', SLABINFO);
    file('proc/vmallocinfo', VMALLOCINFO);
    const { report } = (await traced()) ?? {};
    expect(rowsOf(report)).toEqual([
      ['slab', true, 256_000_000, null, null, 'kmalloc-64'],
      ['vmalloc', true, 134_217_728, null, null, 'nv_alloc'],
    ]);
    expect(report?.before).toEqual({ source: 'slabinfo', bytes: 390_217_728, stacks: 2 });
    expect(report?.source.notes[1]).toBe(
      "what was held before the trace is from slabinfo, vmallocinfo: rows marked 'before'",
    );
    // Less than 2 % of a larger machine.
    file('proc/meminfo', 'MemTotal:      41943040 kB\n');
    expect(await traced()).toBeNull();
  });

  it('counts slab objects and the pages of their slabs once', async () => {
    file('proc/meminfo', 'MemTotal:        4194304 kB\n');
    file('proc/slabinfo', SLABINFO);
    const slabPages =
      ' get_page_from_freelist+0x12/0x34\n alloc_slab_page+0x1/0x2\n allocate_slab+0x1/0x2\nnr_base_pages: 62500\n\n';
    file('sys/kernel/debug/page_owner_stacks/show_stacks', STACKS + slabPages);
    const { report } = (await traced()) ?? {};
    expect(report?.stacks.map(({ bytes, category }) => [bytes, category]).toSorted()).toEqual([
      [256_000_000, 'backing'],
      [256_000_000, 'slab'],
      [268_435_456, 'unaccounted'],
    ]);
    expect(report?.before).toMatchObject({ source: 'page_owner_stacks', bytes: 256_000_000 + 268_435_456 });
    expect(report?.outstanding.distinct.bytes).toBe(256_000_000 + 268_435_456);
  });

  it('takes no table beside allocinfo, which has it all', async () => {
    file('proc/meminfo', 'MemTotal:        4194304 kB\n');
    file('proc/slabinfo', SLABINFO);
    file('proc/allocinfo', ALLOCINFO);
    expect((await traced())?.report.before?.bytes).toBe(268_566_528);
  });

  it('names the holder of what was gone before', async () => {
    file('proc/allocinfo', ALLOCINFO.replaceAll('268435456    65536', '4294967296    1048576'));
    const { pipeline } = (await traced()) ?? {};
    const text = `MemTotal: 16777216 kB\nMemFree: 8388608 kB\nMemAvailable: 8388608 kB\nBuffers: 0 kB\nCached: 4194304 kB\nSlab: 8192 kB\nAnonPages: 0 kB\nPageTables: 0 kB\nKernelStack: 0 kB\nShmem: 0 kB\nMapped: 0 kB\n`;
    pipeline?.fact({ type: 'counters', timeNs: 21e9, source: 'meminfo', text });
    pipeline?.fact({ type: 'counters', timeNs: 22e9, source: 'meminfo', text });
    const told = pipeline?.report(defaultSelection(10)).conclusions.find(({ kind }) => kind === 'before');
    expect(told?.text).toMatch(/^3\.99 GiB \(25% of RAM\) is in no line of/);
    expect(told?.detail).toMatch(/^By the kernel's own account, allocinfo, .*4\.00 GiB .* before the trace\./);
    expect(told?.stackId).not.toBeNull();
  });
});
