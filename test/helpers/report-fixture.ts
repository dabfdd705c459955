/**
 * Reports like those of a busy build host: kernel 6.18 call paths, one of them growing. Same
 * arguments, same report.
 */

import type { AllocatorName } from '../../src/event/kinds.js';
import type { FreePath, TypicalFree } from '../../src/rank/report/free-sites.js';
import type { Report } from '../../src/rank/report/report.js';
import { NO_MARKS } from '../../src/rank/report/report-marks.js';
import type { ReportFrame, ReportStack, StackDetail } from '../../src/rank/report/report-rows.js';
import { defaultSelection, type Selection } from '../../src/rank/report/selection.js';
import { freeTree } from '../../src/rank/rows/typical-free.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1e9;

interface Sample {
  allocator: AllocatorName;
  kind: string;
  category: string | null;
  verdict: ReportStack['verdict'];
  /** Bytes of one allocation. */
  size: number;
  count: number;
  allocs: number;
  age: number;
  comms: string[];
  cache: string | null;
  /** 'symbol+offset' or 'symbol+offset@module', leaf first; plumbing before the '|'. */
  path: string;
}

const SYSCALL = 'do_syscall_64+a4 entry_SYSCALL_64_after_hwframe+77';

const SAMPLES: readonly Sample[] = [
  {
    allocator: 'page',
    kind: 'mm_page_alloc',
    category: 'unaccounted',
    verdict: 'growing',
    size: 4096,
    count: 105_554,
    allocs: 105_660,
    age: 845,
    comms: ['pipe-hog', 'make'],
    cache: null,
    path: `__alloc_frozen_pages_noprof+1f2 alloc_pages_mpol+8b alloc_pages_noprof+5a|anon_pipe_write+2ae vfs_write+3b1 ksys_write+6f ${SYSCALL}`,
  },
  {
    allocator: 'slab',
    kind: 'kmalloc',
    category: 'slab',
    verdict: 'growing',
    size: 1024,
    count: 41_203,
    allocs: 43_001,
    age: 611,
    comms: ['kworker/u8:3'],
    cache: 'kmalloc-1k',
    path: '__kmalloc_cache_noprof+1a3|nvme_tcp_alloc_request+4e@nvme_tcp nvme_tcp_queue_rq+92@nvme_tcp blk_mq_dispatch_rq_list+13d __blk_mq_sched_dispatch_requests+b1 blk_mq_run_work_fn+5c process_one_work+17e worker_thread+2c1 kthread+f9 ret_from_fork+1be',
  },
  {
    allocator: 'slab',
    kind: 'kmem_cache_alloc',
    category: 'slab',
    verdict: 'steady',
    size: 1088,
    count: 24_118,
    allocs: 612_551,
    age: 302,
    comms: ['git', 'find', 'node', 'cc1'],
    cache: 'ext4_inode_cache',
    path: `kmem_cache_alloc_lru_noprof+12b|ext4_alloc_inode+23@ext4 alloc_inode+2a iget_locked+9a __ext4_iget+13e@ext4 ext4_lookup+1a1@ext4 __lookup_slow+83 walk_component+db path_lookupat+6a filename_lookup+e4 vfs_statx+8d ${SYSCALL}`,
  },
  {
    allocator: 'vmalloc',
    kind: 'alloc_vmap_area',
    category: 'vmalloc',
    verdict: 'one-time',
    size: 68 * KIB,
    count: 461,
    allocs: 512,
    age: 1101,
    comms: ['modprobe'],
    cache: null,
    path: `alloc_vmap_area+2f1 __get_vm_area_node+c4 __vmalloc_node_range_noprof+e7|module_memory_alloc+41 layout_and_allocate+5d3 load_module+4a2 init_module_from_file+9c idempotent_init_module+11e __x64_sys_finit_module+6c ${SYSCALL}`,
  },
  {
    allocator: 'page',
    kind: 'mm_page_alloc',
    category: 'page tables',
    verdict: 'churning',
    size: 4096,
    count: 3_120,
    allocs: 9_120_332,
    age: 4.2,
    comms: ['cc1plus', 'ld', 'node'],
    cache: null,
    path: `__alloc_frozen_pages_noprof+1f2 alloc_pages_mpol+8b get_free_pages_noprof+11|pte_alloc_one+1e __pte_alloc+29 do_anonymous_page+5f1 __handle_mm_fault+a0d handle_mm_fault+e2 do_user_addr_fault+16c exc_page_fault+68 asm_exc_page_fault+26`,
  },
  {
    allocator: 'slab',
    kind: 'kmalloc',
    category: 'slab',
    verdict: 'unreliable',
    size: 256,
    count: 30_004,
    allocs: 2_400_101,
    age: 96,
    comms: ['sshd'],
    cache: 'kmalloc-rnd-07-256',
    path: `__kmalloc_noprof+1d7|security_prepare_creds+3a prepare_creds+1b4 do_faccessat+4d ${SYSCALL}`,
  },
  {
    allocator: 'percpu',
    kind: 'percpu_alloc_percpu',
    category: 'percpu',
    verdict: 'one-time',
    size: 8 * KIB,
    count: 402,
    allocs: 410,
    age: 1180,
    comms: ['systemd'],
    cache: null,
    path: `pcpu_alloc_noprof+61a|mem_cgroup_css_alloc+a1 cgroup_apply_control_enable+13c cgroup_mkdir+1b2 kernfs_iop_mkdir+5c vfs_mkdir+18f do_mkdirat+104 ${SYSCALL}`,
  },
  {
    allocator: 'slab',
    kind: 'kmem_cache_alloc',
    category: 'slab',
    verdict: 'steady',
    size: 232,
    count: 9_777,
    allocs: 88_130,
    age: 41,
    comms: ['postgres', 'nginx'],
    cache: 'filp',
    path: `kmem_cache_alloc_noprof+118|alloc_empty_file+52 path_openat+3c do_filp_open+d7 do_sys_openat2+8a __x64_sys_openat+54 ${SYSCALL}`,
  },
];

function parseFrames(path: string): { frames: ReportFrame[]; firstFrame: number } {
  const [plumbing, rest] = path.split('|');
  const names = [...plumbing.split(' '), ...rest.split(' ')];
  const frames = names.map((name, index) => {
    const [, symbol, offset, module] = /^(\S+)\+([0-9a-f]+)(?:@(\S+))?$/.exec(name) ?? ['', name, '0'];
    const base = module === undefined ? 'ffffffff81' : 'ffffffffc0';
    const low = (index * 0x1a7d3 + Number.parseInt(offset, 16)).toString(16).padStart(6, '0');
    return { symbol, offset: Number.parseInt(offset, 16), module: module ?? null, address: `0x${base}${low}` };
  });
  return { frames, firstFrame: plumbing.split(' ').length };
}

/** Of the first row: two functions free what it took, one of them after a grace period. */
function typicalFreeOf({ count }: Sample, id: number): TypicalFree | null {
  if (id !== 0) return null;
  const paths = [
    'kfree+1a|nvmet_req_release+40@nvmet process_one_work+1f0 worker_thread+2d',
    'kfree+1a|rcu_do_batch+9c rcu_core+1',
  ];
  const sites = paths.map((path, i): FreePath => {
    const { frames, firstFrame } = parseFrames(path);
    const rest = { medianNs: { from: 1048576, to: 2097152 }, otherCpuShare: i === 0 ? 0.75 : null, frames, firstFrame };
    const share = i === 0 ? 0.8 : 0.2;
    const name = i === 0 ? frames[firstFrame].symbol : null;
    const module = i === 0 ? frames[firstFrame].module : null;
    return {
      count: share * 500,
      share,
      function: name,
      module,
      afterGracePeriod: i === 1,
      ...rest,
      interruptedFrom: null,
    };
  });
  const { function: name, module, share, afterGracePeriod, medianNs, otherCpuShare } = sites[0];
  const most = { function: name, module, share, afterGracePeriod, medianNs, otherCpuShare };
  return { samples: 500, ...most, otherFunctions: [], withinNs: 4194304, heldLonger: Math.min(900, count), sites };
}

/** A row, `time` seconds after the start; a growing one holds memory in proportion to the time. */
function stackOf(sample: Sample, id: number, time: number): ReportStack {
  const share = sample.verdict === 'growing' ? time / 1200 : 1;
  const count = Math.round(sample.count * share);
  const bytes = count * sample.size;
  const unit = sample.allocator === 'vmalloc' ? sample.size / 4096 : 1;
  let rest = bytes;
  const comms = sample.comms.map((comm, index) => {
    const own = index === sample.comms.length - 1 ? rest : Math.round(rest * 0.8);
    rest -= own;
    return { comm, bytes: own, count: Math.round(own / sample.size) };
  });
  return {
    rank: 0,
    stackId: 100 + id,
    allocator: sample.allocator,
    kind: sample.kind,
    category: sample.category,
    verdict: sample.verdict,
    ...historyOf(sample.verdict, bytes, time),
    merged: null,
    reliability: sample.verdict === 'unreliable' ? 'unreliable' : 'plausible',
    evidence: { missedShare: 0, compared: null, doubtful: null, movedUnseen: 0, reason: 'nothing to compare with' },
    bytes,
    meaning: 'outstanding',
    baseline: false,
    lostFreeBytes: 0,
    count: count * unit,
    allocBytes: sample.allocs * sample.size,
    allocCount: sample.allocs * unit,
    freeCount: (sample.allocs - sample.count) * unit,
    missedFrees: id === 5 ? 33 : 0,
    bytesAtHighWaterMark: Math.round(bytes * 0.97),
    oldestAgeNs: Math.min(time, sample.age * 1.3) * SECOND,
    medianAgeNs: Math.min(time, sample.age) * SECOND,
    growthBytesPerSecond: bytes / time,
    comms,
    cgroups: [],
    gone: null,
    holder: { kind: 'process', name: sample.comms[0] ?? '', pid: null, more: Math.max(0, sample.comms.length - 1) },
    noun: `memory of ${sample.path.split(' ')[0]}`,
    caches: sample.cache === null ? [] : [sample.cache],
    ...parseFrames(sample.path),
    interruptedFrom: null,
    heldByReference: null,
    note: null,
    typicalFree: typicalFreeOf(sample, id),
    watched: null,
    estimate: null,
  };
}

const CURVE_POINTS = 40;

/** A history of a row that fits its verdict. */
function historyOf(
  verdict: ReportStack['verdict'],
  bytes: number,
  time: number,
): Pick<ReportStack, 'verdictReason' | 'growth' | 'curve'> {
  const shape = (share: number, point: number): number => {
    if (verdict === 'growing') return share;
    if (verdict === 'one-time') return share > 0.3 ? 1 : 0.02;
    return verdict === 'churning' ? 0.2 + 0.8 * ((point % 7) / 6) : 0.9 + 0.1 * ((point % 3) / 2);
  };
  const curve = Array.from({ length: CURVE_POINTS }, (_, i) => Math.round(bytes * shape((i + 1) / CURVE_POINTS, i)));
  if (verdict !== 'growing') return { verdictReason: null, growth: null, curve };
  const bytesPerHour = (bytes / time) * 3600;
  return {
    verdictReason: `rose in ${CURVE_POINTS - 1} of ${CURVE_POINTS - 1} steps`,
    growth: {
      bytesPerHour,
      lowBytesPerHour: bytesPerHour * 0.94,
      highBytesPerHour: bytesPerHour * 1.07,
      confidence: 0.999,
      sinceNs: 30 * SECOND,
    },
    curve,
  };
}

export interface FixtureOptions {
  /** Seconds since the trace began. */
  time?: number;
  selection?: Selection;
  /** Call paths besides the eight real ones, each 4 KiB smaller than the one before. */
  extra?: number;
  lost?: number;
  judged?: boolean;
  changes?: Partial<Report>;
}

/** The fields of a row whose history is still too short for a verdict. */
const UNJUDGED = { verdict: null, verdictReason: null, growth: null, curve: [], category: null };

/** The selection that tests of the screen begin with. */
export function fixtureSelection(limit = 100): Selection {
  return { ...defaultSelection(limit), sort: 'bytes' };
}

/** The report; its rows obey sort, allocators and grep of the selection, like those of the session. */
export function fixtureReport(options: FixtureOptions = {}): Report {
  const { time = 1200, selection = fixtureSelection(), extra = 0, lost = 0, judged = true } = options;
  const all = SAMPLES.map((sample, id) => stackOf(sample, id, time));
  for (let i = 0; i < extra; i++) {
    const base = stackOf(SAMPLES[i % SAMPLES.length], SAMPLES.length + i, time);
    const bytes = Math.max(64, (extra - i) * 512);
    const history = historyOf('steady', bytes, time);
    const growthBytesPerSecond = bytes / time;
    all.push({ ...base, ...history, verdict: 'steady', bytes, count: Math.ceil(bytes / 4096), growthBytesPerSecond });
  }
  const matching = all.filter((stack) => passes(stack, selection)).toSorted((a, b) => compare(a, b, selection));
  const stacks = matching
    .slice(0, selection.limit)
    .map((stack, index) => ({ ...stack, rank: index + 1, ...(judged ? {} : UNJUDGED) }));
  const held = (name: AllocatorName): number =>
    all.filter((stack) => stack.allocator === name).reduce((sum, stack) => sum + stack.bytes, 0);
  const total = (name: AllocatorName, size: number): Report['outstanding']['page'] => ({
    meaning: 'outstanding',
    bytes: held(name),
    allocBytes: held(name),
    count: Math.round(held(name) / size),
    lostFreeBytes: Math.min(held(name) / 4, lost * (name === 'page' ? 4096 : name === 'slab' ? 256 : 0)),
    peakBytes: held(name) + 3 * MIB,
    peakNs: 800 * SECOND,
  });
  const outstanding = {
    page: total('page', 4096),
    slab: total('slab', 700),
    percpu: total('percpu', 8192),
    vmalloc: total('vmalloc', 4096),
  };
  return {
    format: 'unfreed-report',
    version: 1,
    before: null,
    removedCgroups: null,
    triage: null,
    limits: null,
    ...NO_MARKS,
    census: null,
    conclusions: [],
    findings: [],
    source: {
      kind: 'live',
      collector: 'bpf',
      hostname: 'build-host-7',
      kernel: '6.18.5-amd64',
      arch: 'x86_64',
      pageSize: 4096,
      startUnixMs: 1_795_000_000_000,
      sampleOneIn: 1,
      sampleMoves: [],
      maxOverhead: null,
      minAgeNs: 0,
      timesAreCounts: false,
      allocators: ['page', 'slab', 'percpu', 'vmalloc'],
      coverage: [],
      notes: [],
    },
    durationNs: time * SECOND,
    events: { total: 386_112_004, allocs: 193_700_110, frees: 192_411_894 },
    anomalies: {
      orphanFrees: 1204,
      missedFrees: 33,
      failedAllocs: 0,
      lostEvents: lost,
      stackMisses: 0,
      nullFrees: 90_112,
      badEvents: 0,
    },
    losses: lost === 0 ? [] : [{ cause: 'ring-full', kind: null, cpu: 1, count: lost, bytes: 0 }],
    outstanding: {
      ...outstanding,
      distinct: { bytes: all.reduce((sum, stack) => sum + stack.bytes, 0) },
      backing: { bytes: 61 * MIB, count: 15_616 },
    },
    estimate: null,
    young: null,
    self: { bytes: 24.1 * MIB, count: 6170 },
    meminfo: {
      timeNs: time * SECOND,
      totalBytes: 16_384 * MIB,
      totalAtStartBytes: 16_384 * MIB,
      freeBytes: 2150 * MIB,
      unaccountedBytes: (2210 + time * 0.9) * MIB,
      unaccountedAtStartBytes: 2210 * MIB,
      perCpuFreeBytes: 40 * MIB,
      unpluggedBytes: 0,
      heldByReferenceBytes: 0,
      heldByReferenceAtStartBytes: 0,
      pinnedPages: 0,
      terms: [{ name: 'MemFree', bytes: 2150 * MIB, atStartBytes: (2150 + time * 0.9) * MIB }],
    },
    memory: null,
    moves: null,
    reconciliation: null,
    curve: judged
      ? { firstNs: (time * SECOND) / CURVE_POINTS, stepNs: (time * SECOND) / CURVE_POINTS, points: CURVE_POINTS }
      : null,
    selection,
    suppressed: [],
    watched: [],
    matching: {
      stacks: matching.length,
      rows: matching.length,
      bytes: matching.reduce((sum, stack) => sum + stack.bytes, 0),
      count: matching.reduce((sum, stack) => sum + stack.count, 0),
    },
    stacks,
    ...options.changes,
  };
}

/** The detail of a row; null if the report has no such call path. */
export function fixtureDetail(report: Report, stackId: number): StackDetail | null {
  const stack = report.stacks.find((one) => one.stackId === stackId);
  if (stack === undefined) return null;
  const size = Math.max(1, Math.round(stack.bytes / Math.max(1, stack.count)));
  const from = 2 ** Math.floor(Math.log2(size));
  return {
    stack,
    pids: stack.comms.map((share, index) => ({ pid: 4711 + 13 * index, ...share })),
    sizes: [{ from, to: 2 * from, count: stack.count }],
    ages: [1, 3, 9, 22, 14].map((count, index) => ({
      from: 2 ** (30 + index),
      to: 2 ** (31 + index),
      count: Math.round((stack.count * count) / 49),
    })),
    lifetimes: [120, 4031, 40_112, 7_120, 31, 2].map((count, index) => ({
      from: 2 ** (8 + 3 * index),
      to: 2 ** (9 + 3 * index),
      count,
    })),
    freePaths: stack.typicalFree?.sites ?? [],
    freeTree: freeTree(stack.typicalFree?.sites ?? []),
    addresses: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => ({
      address: `0xffff88810${(0x4a2000 + index * 0x1c40).toString(16)}00`,
      bytes: size,
      ageNs: stack.oldestAgeNs - index * 3 * SECOND,
      pid: 4711,
      comm: stack.comms[0]?.comm ?? '',
    })),
  };
}

function passes(stack: ReportStack, selection: Selection): boolean {
  if (selection.allocators.length > 0 && !selection.allocators.includes(stack.allocator)) return false;
  if (selection.grep === null) return true;
  const pattern = new RegExp(selection.grep, 'i');
  const names = [
    ...stack.frames.map((frame) => frame.symbol),
    ...stack.comms.map((share) => share.comm),
    ...stack.caches,
  ];
  return names.some((name) => pattern.test(name));
}

function compare(a: ReportStack, b: ReportStack, selection: Selection): number {
  return sortValue(b, selection) - sortValue(a, selection) || a.stackId - b.stackId;
}

function sortValue(stack: ReportStack, selection: Selection): number {
  switch (selection.sort) {
    case 'bytes':
      return stack.bytes;
    case 'count':
      return stack.count;
    case 'growth':
      return stack.growthBytesPerSecond ?? 0;
    case 'age':
      return stack.medianAgeNs;
    case 'allocs':
      return stack.allocCount;
    case 'peak':
      return stack.bytesAtHighWaterMark;
    default:
      return stack.missedFrees;
  }
}
