/**
 * A small report with every case that an exporter can meet: a module, an interrupt, a call path
 * without frames, backing pages, lost events, notes, processes whose shares do not cover all bytes,
 * and hostile names.
 */

import type { LoggedMark } from '../../src/event/marks/marks.js';
import type { FreePath, TypicalFree } from '../../src/rank/report/free-sites.js';
import type { Outstanding, Report } from '../../src/rank/report/report.js';
import { reportMarks } from '../../src/rank/report/report-marks.js';
import type { ReportFrame, ReportStack } from '../../src/rank/report/report-rows.js';
import { defaultSelection } from '../../src/rank/report/selection.js';

export const HOSTILE_SYMBOL = '</script><img src=x onerror=alert(1)>"\'&;\u001b[2J\n### ```` `x` |';
export const HOSTILE_COMM = '=cmd|\u0000"/C calc"\u202e![x](javascript:alert(1)) @everyone';

/** 'symbol+hex offset[@module]', leaf first. */
function frames(text: string): ReportFrame[] {
  return text.split(' ').map((each) => {
    const [, symbol, offset, module] = /^(\S+)\+([0-9a-f]+)(?:@(\S+))?$/.exec(each) ?? ['', each, '0'];
    // The address is made from the symbol, so that a function called twice has one address.
    let place = 0;
    for (const character of symbol) place = (place * 31 + (character.codePointAt(0) ?? 0)) % 0x100000;
    const address = (module === undefined ? 0xffffffff81000000n : 0xffffffffc0400000n) + BigInt(place * 16);
    const low = address + BigInt(Number.parseInt(offset, 16));
    return {
      symbol,
      offset: Number.parseInt(offset, 16),
      module: module ?? null,
      address: `0x${low.toString(16).padStart(16, '0')}`,
    };
  });
}

const SYSCALL = 'do_syscall_64+71 entry_SYSCALL_64_after_hwframe+76';
const PAGES = '__alloc_frozen_pages_noprof+26b alloc_pages_mpol+86';

function stack(
  rank: number,
  part: Partial<ReportStack> & Pick<ReportStack, 'bytes' | 'count' | 'frames'>,
): ReportStack {
  return {
    rank,
    stackId: rank * 7,
    allocator: 'page',
    kind: 'mm_page_alloc',
    category: 'unaccounted',
    verdict: null,
    verdictReason: null,
    baseline: false,
    growth: null,
    curve: [],
    merged: null,
    reliability: 'plausible',
    evidence: {
      missedShare: 0,
      compared: null,
      doubtful: null,
      movedUnseen: 0,
      reason: 'none of the counters to compare with',
    },
    meaning: 'outstanding',
    lostFreeBytes: 0,
    cgroups: [],
    gone: null,
    holder: { kind: 'process', name: 'leak', pid: 4711, more: 0 },
    noun: 'pipe buffers',
    allocBytes: part.bytes * 2,
    allocCount: part.count * 2,
    freeCount: part.count,
    missedFrees: 0,
    bytesAtHighWaterMark: part.bytes,
    oldestAgeNs: 9e9,
    medianAgeNs: 4e9,
    growthBytesPerSecond: part.bytes / 10,
    comms: [{ comm: 'hold-pipes', bytes: part.bytes, count: part.count }],
    caches: [],
    firstFrame: 2,
    interruptedFrom: null,
    heldByReference: null,
    note: null,
    estimate: null,
    typicalFree: null,
    watched: null,
    ...part,
  };
}

function freePath(count: number, share: number, name: string, path: string): FreePath {
  const all = frames(`__free_frozen_pages+1 ${path} ${SYSCALL}`);
  all[1].symbol = name;
  const rest = { module: null, afterGracePeriod: false, otherCpuShare: 0.25, firstFrame: 1, interruptedFrom: null };
  return { count, share, function: name, medianNs: { from: 524288, to: 1048576 }, frames: all, ...rest };
}

/** What happened meanwhile: some with hostile names, and a stall that stands for several. */
const MARKS: readonly LoggedMark[] = [
  { timeNs: 2e9, mark: { kind: 'user', pid: 0, comm: '', values: [], texts: ['deploy 42 <b>&</b> `x` |'] } },
  {
    timeNs: 3.5e9,
    mark: { kind: 'memcg-reclaim', pid: 4711, comm: 'leak', values: [210_000, 37, 9000, 1000], texts: [] },
  },
  {
    timeNs: 5.25e9,
    mark: {
      kind: 'oom-kill',
      pid: 4712,
      comm: HOSTILE_COMM,
      values: [4711, 50 << 20, 38 << 20, 6 << 20, 0, 0, 135_168, 1000, -17, 4, 0, 0xcc0, 0],
      texts: [HOSTILE_COMM, '/kubepods/<evil>`pod`', '/kubepods/<evil>`pod`/b'],
    },
  },
  { timeNs: 9.5e9, mark: { kind: 'exec', pid: 4713, comm: 'sh', values: [], texts: ['/bin/evil\u001b[2J\n|</td>'] } },
];

/** Where the first row is usually freed, one of the functions with a hostile name. */
const TYPICAL_FREE: TypicalFree = {
  samples: 640,
  function: 'free_pipe_info',
  module: null,
  share: 0.9,
  afterGracePeriod: false,
  otherFunctions: [{ function: HOSTILE_SYMBOL, share: 0.1 }],
  medianNs: { from: 524288, to: 1048576 },
  withinNs: 2097152,
  otherCpuShare: 0.25,
  heldLonger: 900,
  sites: [
    freePath(576, 0.9, 'free_pipe_info', 'free_pipe_info+9c pipe_release+b7 __fput+e2 __x64_sys_close+3d'),
    freePath(64, 0.1, HOSTILE_SYMBOL, 'evil+10 __fput+e2 __x64_sys_close+3d'),
  ],
};

function stacks(): ReportStack[] {
  const hostile = frames(`${PAGES} evil+10@evil_mod ${SYSCALL}`);
  hostile[2].symbol = HOSTILE_SYMBOL;
  return [
    stack(1, {
      bytes: 6_291_456,
      count: 1536,
      verdict: 'growing',
      frames: frames(`${PAGES} alloc_pages_noprof+4c anon_pipe_write+1a8 vfs_write+398 ksys_write+ba ${SYSCALL}`),
      firstFrame: 3,
      typicalFree: TYPICAL_FREE,
      comms: [
        { comm: 'hold-pipes', bytes: 4_194_304, count: 1024 },
        { comm: HOSTILE_COMM, bytes: 1_048_576, count: 256 },
      ],
    }),
    stack(2, {
      allocator: 'slab',
      kind: 'kmalloc',
      category: 'slab',
      bytes: 1_048_576,
      count: 1024,
      caches: ['kmalloc-1k', '@SUM(A1)'],
      frames: frames(
        '__kmalloc_noprof+244 nvme_tcp_alloc_request+4e@nvme_tcp net_rx_action+2b0 handle_softirqs+d5 ' +
          'asm_sysvec_apic_timer_interrupt+1a get_page_from_freelist+99 vfs_read+1c ' +
          SYSCALL,
      ),
      firstFrame: 1,
      interruptedFrom: 3,
      note: 'fills a pool; who holds its pieces now is not known',
    }),
    stack(3, { bytes: 65_536, count: 16, frames: hostile, comms: [{ comm: HOSTILE_COMM, bytes: 65_536, count: 16 }] }),
    stack(4, {
      allocator: 'percpu',
      kind: 'percpu_alloc_percpu',
      category: 'percpu',
      bytes: 8192,
      count: 4,
      frames: [],
      firstFrame: 0,
    }),
    // Reclaim within an allocation allocates itself: names of plumbing are below other frames.
    stack(5, {
      bytes: 4096,
      count: 1,
      frames: frames(`${PAGES} swap_slot_alloc+31 shrink_folio_list+8a1 alloc_pages_mpol+99 do_fault+1f ${SYSCALL}`),
    }),
    stack(6, {
      category: 'backing',
      bytes: 1_114_112,
      count: 272,
      frames: frames(`${PAGES} allocate_slab+88 __kmalloc_noprof+244 nvme_tcp_alloc_request+4e@nvme_tcp`),
      firstFrame: 4,
    }),
    stack(7, {
      bytes: 0,
      count: 0,
      allocBytes: 40_960,
      allocCount: 10,
      comms: [],
      frames: frames(`${PAGES} freed_all+1`),
    }),
  ];
}

export function exportReport(): Report {
  const rows = stacks();
  const total = (allocator: string): number =>
    rows.filter((row) => row.allocator === allocator).reduce((sum, row) => sum + row.bytes, 0);
  const outstanding = (allocator: string, lostFreeBytes = 0): Outstanding => ({
    meaning: 'outstanding',
    bytes: total(allocator),
    count: 1,
    lostFreeBytes,
    allocBytes: total(allocator),
    peakBytes: total(allocator),
    peakNs: 9e9,
  });
  return {
    format: 'unfreed-report',
    version: 1,
    before: null,
    removedCgroups: null,
    triage: null,
    limits: {
      timeMs: 1_790_000_000_000,
      gauges: [
        {
          name: 'memory.max',
          of: '/kubepods/<evil>`pod`',
          used: 60 << 20,
          limit: 64 << 20,
          unit: 'bytes',
          share: 0.9375,
          near: true,
          reclaimable: 8 << 20,
          holder: '',
          readMs: null,
        },
        {
          name: 'max_map_count',
          of: '',
          used: 131,
          limit: 65_530,
          unit: 'mappings',
          share: 131 / 65_530,
          near: false,
          reclaimable: null,
          holder: '7 =evil</td>',
          readMs: 1_789_999_990_000,
        },
      ],
      more: 3,
    },
    census: null,
    conclusions: [],
    findings: [],
    source: {
      kind: 'recording',
      collector: 'bpf',
      hostname: 'build-7<b>',
      kernel: '6.18.44-test',
      arch: 'x86_64',
      pageSize: 4096,
      startUnixMs: 1_790_000_000_123,
      sampleOneIn: 1,
      sampleMoves: [],
      maxOverhead: null,
      minAgeNs: 0,
      timesAreCounts: false,
      allocators: ['page', 'slab', 'percpu', 'vmalloc'],
      coverage: [],
      notes: ['kfree_rcu is not traced on this kernel', 'a note\u001b[31m with an escape --> & </desc>'],
    },
    durationNs: 10_000_000_000,
    events: { total: 30_000, allocs: 20_000, frees: 10_000 },
    anomalies: {
      orphanFrees: 12,
      missedFrees: 3,
      failedAllocs: 1,
      lostEvents: 1234,
      stackMisses: 5,
      nullFrees: 0,
      badEvents: 0,
    },
    losses: [
      { cause: 'ring-full', kind: 'mm_page_free', cpu: 0, count: 1000, bytes: 4_096_000 },
      { cause: 'ring-full', kind: 'mm_page_free', cpu: 1, count: 200, bytes: 819_200 },
      { cause: 'recursion', kind: null, cpu: -1, count: 34, bytes: 0 },
    ],
    outstanding: {
      page: outstanding('page', 4_915_200),
      slab: outstanding('slab'),
      percpu: outstanding('percpu'),
      vmalloc: outstanding('vmalloc'),
      distinct: { bytes: total('page') + total('slab') + total('percpu') - 1_114_112 },
      backing: { bytes: 1_114_112, count: 272 },
    },
    estimate: null,
    young: null,
    self: { bytes: 2_097_152, count: 600 },
    meminfo: {
      timeNs: 9e9,
      totalBytes: 2 ** 35,
      totalAtStartBytes: 2 ** 35,
      freeBytes: 2 ** 33,
      perCpuFreeBytes: 2 ** 28,
      unpluggedBytes: 0,
      unaccountedBytes: 2 ** 28,
      unaccountedAtStartBytes: 2 ** 27,
      heldByReferenceBytes: 2 ** 26,
      heldByReferenceAtStartBytes: 2 ** 20,
      pinnedPages: 12,
      terms: [
        { name: 'MemFree', bytes: 2 ** 33, atStartBytes: 2 ** 33 + 2 ** 27 },
        { name: 'AnonPages', bytes: 2 ** 35 - 2 ** 33 - 2 ** 28, atStartBytes: 2 ** 35 - 2 ** 33 - 2 ** 28 },
      ],
    },
    ...reportMarks(MARKS, [
      { kind: 'user', count: 1 },
      { kind: 'oom-kill', count: 1 },
      { kind: 'memcg-reclaim', count: 12 },
      { kind: 'exec', count: 1 },
    ]),
    memory: {
      timesNs: [1e9, 9e9],
      parts: [
        { name: 'anon', bytes: [2 ** 35 - 2 ** 33 - 2 ** 28, 2 ** 35 - 2 ** 33 - 2 ** 29] },
        { name: 'not in meminfo', bytes: [2 ** 27, 2 ** 28] },
        { name: 'free', bytes: [2 ** 33 + 2 ** 27, 2 ** 33 + 2 ** 28] },
      ],
    },
    moves: null,
    reconciliation: {
      pages: {
        source: 'vmstat',
        timeNs: 9e9,
        grownBytes: 8 * 2 ** 20,
        explainedBytes: 7 * 2 ** 20,
        unexplainedBytes: 2 ** 20,
        excessBytes: 0,
        memFreeFellBytes: null,
        withoutEventBytes: null,
        heldBytes: 7 * 2 ** 20,
        freedFromBeforeBytes: 0,
        unseenAllocBytes: null,
        unseenFreeBytes: null,
      },
      slab: null,
      percpu: null,
    },
    curve: null,
    selection: { ...defaultSelection(7), minSizeBytes: 512, grep: '<.*>' },
    suppressed: [],
    watched: [],
    matching: { stacks: 9, rows: 9, bytes: rows.reduce((sum, row) => sum + row.bytes, 0) + 8192, count: 3000 },
    stacks: rows,
  };
}
