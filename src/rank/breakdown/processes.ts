/**
 * Outstanding memory by process, from one walk over all outstanding allocations. A row is a (pid,
 * process name) pair, because threads of one process may have names of their own, and a pid may be
 * used again.
 *
 * Memory belongs to the process that ran when it was allocated, as for `--comm` and `--pid`. Memory
 * that an interrupt allocated belongs to the interrupted process. Kernel threads are processes like
 * others.
 */

import {
  ALLOCATOR_COUNT,
  HEAP,
  KERNEL_ALLOCATORS,
  MAPPED,
  PAGE,
  PERCPU,
  RESERVED,
  SLAB,
  VMALLOC,
} from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { NAMES, PATH, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { isBacking } from '../names/backing.js';
import { hasProcessMemory, isOfProcesses } from '../report/category.js';
import type { ReliabilityName, VerdictName } from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import { queryOf } from '../rows/rank-memo.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { HeldTable } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { pathTotals } from '../select/path-totals.js';

export interface ProcessRow extends HolderFigures {
  /** Process name; untrusted text. */
  comm: string;
  /** The tgid; 0 is the idle task. */
  pid: number;
}

/** What a process, or a cgroup (cgroups.ts), holds. */
export interface HolderFigures {
  /**
   * No byte twice: pageBytes + slabBytes + percpuBytes + vmallocBytes; in a trace of processes heapBytes + mappedBytes. Reserved
   * address space holds no memory.
   */
  bytes: number;
  /** Pages of page and vmalloc plus objects of slab and percpu, in `bytes`. */
  count: number;
  /** Pages, without backing ones. */
  pageBytes: number;
  /** Of `pageBytes`, by the line of meminfo of their call paths: none, Shmem, AnonPages, Cached; the rest is of other lines. */
  noLineBytes: number;
  shmemBytes: number;
  anonBytes: number;
  cacheBytes: number;
  slabBytes: number;
  percpuBytes: number;
  vmallocBytes: number;
  /** Of its own memory, in a trace of processes; absent in others. Reserved address space is not in `bytes`. */
  heapBytes?: number;
  mappedBytes?: number;
  reservedBytes?: number;
  /**
   * Backing pages of slabs, vmalloc areas and percpu chunks, whose bytes are in the other columns;
   * not in `bytes` or `count`.
   */
  backingBytes: number;
  /** Number of outstanding allocations in `bytes`, whatever their size. */
  allocations: number;
  /** Of those, the number made after `sinceNs`; all of them by default. */
  newAllocations: number;
  /** Number of call paths with outstanding memory of this process, including backing ones. */
  stacks: number;
  /** Age of its oldest outstanding allocation. */
  oldestAgeNs: number;
  /** What the whole process has, traced or not; absent where it is not known. */
  resident?: Resident;
  /** What its memory does; absent where nobody asked (process-states.ts). */
  state?: ProcessState;
}

/** The memory of a process as ps shows it, bytes. */
export interface Resident {
  rss: number;
  virtual: number;
  /** Of `rss`. */
  anon: number;
  file: number;
  shmem: number;
  swap: number;
  pageTables: number;
  threads: number;
}

export interface ProcessState {
  /** Bytes an hour, of its growing call paths; null where none grows. */
  growth: number | null;
  /** Of the call path that grows most, else the verdict that most of its bytes have. */
  verdict: VerdictName | null;
  reliability: ReliabilityName;
  /** The call paths that it holds most by, greatest first, as ReportStack.stackId. */
  paths: number[];
}

/**
 * Returns all processes that hold something which passes the selection, by bytes. The selection's
 * limit, sort and group have no effect. Throws an Error if grep or hide is not a regular
 * expression.
 */
export function processesOf(trace: PairedTrace, selection: Selection | CompiledSelection, sinceNs = -1): ProcessRow[] {
  const { comms } = trace.core.dictionary;
  const rows = holdersOf(trace, selection, { keyOf: (task) => comms.nameId(task), withPids: true, sinceNs });
  return rows.map(({ key, pid, figures }) => ({ comm: comms.nameOf(key), pid, ...figures })).toSorted(byBytes);
}

/** What makes a row: the key of the task of an allocation, with its pid or without. */
export interface HolderKeys {
  /** `task` is an id of the table of tasks. */
  keyOf: (task: number) => number;
  /** False = one row for all pids of a key. */
  withPids: boolean;
  sinceNs: number;
}

export interface HolderSum {
  key: number;
  /** 0 without pids. */
  pid: number;
  /** Number of pids that hold some of it, counted where they make no rows of their own; else 0. */
  pids: number;
  figures: HolderFigures;
}

/** The same for any kind of holder, in no order. */
export function holdersOf(trace: PairedTrace, selection: Selection | CompiledSelection, keys: HolderKeys): HolderSum[] {
  const query = queryOf(trace, selection);
  const { core, facts } = query;
  const totals = pathTotals(query);
  const wanted = new Uint8Array(core.paths.size + 1);
  const line = new Uint8Array(core.paths.size + 1);
  for (const row of totals.rows) {
    wanted[row] = isBacking(core, facts, row) ? BACKING : OWN;
    line[row] = lineColumn(totals.categoryOf(row));
  }

  const sums = new HolderSums(keys);
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    const held = new HeldTable(core, allocator);
    held.each((slot, path) => {
      if (wanted[path] === 0 || !totals.filter.passes(held, slot)) return;
      sums.add(held, slot, wanted[path] === BACKING ? BACKING_COLUMN : allocator);
      if (allocator === PAGE && line[path] !== 0) sums.addTo(line[path], held.bytesAt(slot));
    });
  }
  return sums.rows(core);
}

/** Values of `wanted`. */
const OWN = 1;
const BACKING = 2;

/** Columns of sums: an allocator's bytes at its own number (kinds.ts), then these. */
const BACKING_COLUMN = ALLOCATOR_COUNT;
const COUNT = BACKING_COLUMN + 1;
const ALLOCATIONS = BACKING_COLUMN + 2;
const NEW_ALLOCATIONS = BACKING_COLUMN + 3;
const STACKS = BACKING_COLUMN + 4;
const OLDEST_NS = BACKING_COLUMN + 5;
const NO_LINE = BACKING_COLUMN + 6;
const SHMEM = BACKING_COLUMN + 7;
const ANON = BACKING_COLUMN + 8;
const CACHE = BACKING_COLUMN + 9;
const PIDS = BACKING_COLUMN + 10;
const COLUMNS = BACKING_COLUMN + 11;

/** The column of pages of a category; 0 = none of its own. Backing pages have a category of their own. */
function lineColumn(category: string | null): number {
  switch (category) {
    case 'unaccounted':
    case 'held by a reference':
      return NO_LINE;
    case 'shmem':
      return SHMEM;
    case 'anon':
      return ANON;
    case 'page cache':
      return CACHE;
    default:
      return 0;
  }
}

class HolderSums {
  private readonly keys: HolderKeys;
  /** Pids (hi) and keys (lo). */
  private readonly holders = new AddressTable();
  /** Holders without a pid (hi) and their pids (lo). */
  private readonly members = new AddressTable();
  private readonly paths = new AddressTable();
  private sums = new Float64Array(256 * COLUMNS);
  private lastId = 0;
  private lastPid = -1;
  private lastKey = -1;

  constructor(keys: HolderKeys) {
    this.keys = keys;
  }

  /** Adds the allocation in a slot to a column: BACKING_COLUMN or that of its allocator. */
  add(held: HeldTable, slot: number, column: number): void {
    const { words } = held.table;
    const at = slot * SLOT_WORDS;
    const id = this.idOf(words[at + PID] & PID_MASK, this.keys.keyOf(words[at + NAMES] & 0xffff));
    const pathsBefore = this.paths.size;
    this.paths.intern(id, words[at + PATH]);
    const timeNs = held.timeNsAt(slot);
    const { sums } = this;
    const to = id * COLUMNS;
    sums[to + column] += held.bytesAt(slot);
    if (this.paths.size > pathsBefore) sums[to + STACKS]++;
    if (sums[to + OLDEST_NS] === 0 || timeNs + 1 < sums[to + OLDEST_NS]) sums[to + OLDEST_NS] = timeNs + 1;
    if (column === BACKING_COLUMN) return;
    sums[to + COUNT] += held.countAt(slot);
    sums[to + ALLOCATIONS]++;
    if (timeNs > this.keys.sinceNs) sums[to + NEW_ALLOCATIONS]++;
  }

  /** Adds bytes to another column of the process of the last allocation added. */
  addTo(column: number, bytes: number): void {
    this.sums[this.lastId * COLUMNS + column] += bytes;
  }

  rows(core: PairingCore): HolderSum[] {
    const rows: HolderSum[] = [];
    const hasProcesses = hasProcessMemory(core.hostFacts.allocators);
    for (let id = 1; id <= this.holders.size; id++) {
      const at = (column: number): number => this.sums[id * COLUMNS + column];
      const figures: HolderFigures = {
        bytes: isOfProcesses(core.hostFacts.allocators)
          ? at(HEAP) + at(MAPPED)
          : KERNEL_ALLOCATORS.reduce((sum, _, allocator) => sum + at(allocator), 0),
        count: at(COUNT),
        pageBytes: at(PAGE),
        noLineBytes: at(NO_LINE),
        shmemBytes: at(SHMEM),
        anonBytes: at(ANON),
        cacheBytes: at(CACHE),
        slabBytes: at(SLAB),
        percpuBytes: at(PERCPU),
        vmallocBytes: at(VMALLOC),
        ...(hasProcesses && {
          heapBytes: at(HEAP),
          mappedBytes: at(MAPPED),
          reservedBytes: at(RESERVED),
        }),
        backingBytes: at(BACKING_COLUMN),
        allocations: at(ALLOCATIONS),
        newAllocations: at(NEW_ALLOCATIONS),
        stacks: at(STACKS),
        oldestAgeNs: core.nowNs - (at(OLDEST_NS) - 1),
      };
      rows.push({ key: this.holders.lo[id], pid: this.holders.hi[id], pids: at(PIDS), figures });
    }
    return rows;
  }

  private idOf(pid: number, key: number): number {
    if (pid !== this.lastPid || key !== this.lastKey) {
      this.lastId = this.holders.intern(this.keys.withPids ? pid : 0, key);
      this.lastPid = pid;
      this.lastKey = key;
      if ((this.lastId + 1) * COLUMNS > this.sums.length) {
        const longer = new Float64Array(this.sums.length * 2);
        longer.set(this.sums);
        this.sums = longer;
      }
      if (!this.keys.withPids) this.countPid(pid);
    }
    return this.lastId;
  }

  private countPid(pid: number): void {
    const before = this.members.size;
    this.members.intern(this.lastId, pid);
    if (this.members.size > before) this.sums[this.lastId * COLUMNS + PIDS]++;
  }
}

function byBytes(a: ProcessRow, b: ProcessRow): number {
  return b.bytes - a.bytes || b.backingBytes - a.backingBytes || a.pid - b.pid || (a.comm < b.comm ? -1 : 1);
}
