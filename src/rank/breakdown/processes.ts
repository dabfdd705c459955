/**
 * Outstanding memory by process, from one walk over all outstanding allocations. A row is a (pid,
 * process name) pair, because threads of one process may have names of their own, and a pid may be
 * used again.
 *
 * Memory belongs to the process that ran when it was allocated, as for `--comm` and `--pid`. Memory
 * that an interrupt allocated belongs to the interrupted process. Kernel threads are processes like
 * others.
 */

import { ALLOCATOR_COUNT, ALLOCATOR_NAMES, PAGE, PERCPU, SLAB, VMALLOC } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import type { TaskTable } from '../../event/tables/task-table.js';
import { NAMES, PATH, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { isBacking } from '../names/backing.js';
import type { ReliabilityName, VerdictName } from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import { queryOf } from '../rows/rank-memo.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import { HeldTable } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { pathTotals } from '../select/path-totals.js';

export interface ProcessRow {
  /** Process name; untrusted text. */
  comm: string;
  /** The tgid; 0 is the idle task. */
  pid: number;
  /** No byte twice: pageBytes + slabBytes + percpuBytes + vmallocBytes. */
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
  const query = queryOf(trace, selection);
  const { core, facts } = query;
  const totals = pathTotals(query);
  const wanted = new Uint8Array(core.paths.size + 1);
  const line = new Uint8Array(core.paths.size + 1);
  for (const row of totals.rows) {
    wanted[row] = isBacking(core, facts, row) ? BACKING : OWN;
    line[row] = lineColumn(totals.categoryOf(row));
  }

  const sums = new ProcessSums(core.dictionary.comms, sinceNs);
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    const held = new HeldTable(core, allocator);
    held.each((slot, path) => {
      if (wanted[path] === 0 || !totals.filter.passes(held, slot)) return;
      sums.add(held, slot, wanted[path] === BACKING ? BACKING_COLUMN : allocator);
      if (allocator === PAGE && line[path] !== 0) sums.addTo(line[path], held.bytesAt(slot));
    });
  }
  return sums.rows(core).toSorted(byBytes);
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
const COLUMNS = BACKING_COLUMN + 10;

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

class ProcessSums {
  private readonly comms: TaskTable;
  private readonly sinceNs: number;
  private readonly processes = new AddressTable();
  private readonly paths = new AddressTable();
  private sums = new Float64Array(256 * COLUMNS);
  private lastId = 0;
  private lastPid = -1;
  private lastComm = -1;

  constructor(comms: TaskTable, sinceNs: number) {
    this.comms = comms;
    this.sinceNs = sinceNs;
  }

  /** Adds the allocation in a slot to a column: BACKING_COLUMN or that of its allocator. */
  add(held: HeldTable, slot: number, column: number): void {
    const { words } = held.table;
    const at = slot * SLOT_WORDS;
    const id = this.idOf(words[at + PID] & PID_MASK, this.comms.nameId(words[at + NAMES] & 0xffff));
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
    if (timeNs > this.sinceNs) sums[to + NEW_ALLOCATIONS]++;
  }

  /** Adds bytes to another column of the process of the last allocation added. */
  addTo(column: number, bytes: number): void {
    this.sums[this.lastId * COLUMNS + column] += bytes;
  }

  rows(core: PairingCore): ProcessRow[] {
    const rows: ProcessRow[] = [];
    for (let id = 1; id <= this.processes.size; id++) {
      const at = (column: number): number => this.sums[id * COLUMNS + column];
      rows.push({
        comm: core.dictionary.comms.nameOf(this.processes.lo[id]),
        pid: this.processes.hi[id],
        bytes: ALLOCATOR_NAMES.reduce((sum, _, allocator) => sum + at(allocator), 0),
        count: at(COUNT),
        pageBytes: at(PAGE),
        noLineBytes: at(NO_LINE),
        shmemBytes: at(SHMEM),
        anonBytes: at(ANON),
        cacheBytes: at(CACHE),
        slabBytes: at(SLAB),
        percpuBytes: at(PERCPU),
        vmallocBytes: at(VMALLOC),
        backingBytes: at(BACKING_COLUMN),
        allocations: at(ALLOCATIONS),
        newAllocations: at(NEW_ALLOCATIONS),
        stacks: at(STACKS),
        oldestAgeNs: core.nowNs - (at(OLDEST_NS) - 1),
      });
    }
    return rows;
  }

  private idOf(pid: number, commId: number): number {
    if (pid !== this.lastPid || commId !== this.lastComm) {
      this.lastId = this.processes.intern(pid, commId);
      this.lastPid = pid;
      this.lastComm = commId;
      if ((this.lastId + 1) * COLUMNS > this.sums.length) {
        const longer = new Float64Array(this.sums.length * 2);
        longer.set(this.sums);
        this.sums = longer;
      }
    }
    return this.lastId;
  }
}

function byBytes(a: ProcessRow, b: ProcessRow): number {
  return b.bytes - a.bytes || b.backingBytes - a.backingBytes || a.pid - b.pid || (a.comm < b.comm ? -1 : 1);
}
