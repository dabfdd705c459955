/**
 * Origins: when the held memory was taken, by call path and by process, with the findings that it makes
 * and their ages, sizes and holders. Takes one walk over all outstanding allocations. With it a reader
 * narrows a report to a range of time or to a finding.
 */

import { ALLOCATOR_COUNT } from '../../event/kinds.js';
import { AddressTable } from '../../event/tables/address-table.js';
import { NAMES, PID, PID_MASK, SLOT_WORDS } from '../../pair/live-table.js';
import { groupParts } from '../groups/group-parts.js';
import { groupedRows } from '../groups/group-rows.js';
import type { GroupParts } from '../groups/part-list.js';
import { isBacking } from '../names/backing.js';
import type { HistogramBar, PidShare, ReportStack } from '../report/report-rows.js';
import type { Selection } from '../report/selection.js';
import { BARS, barOf, powerBars } from '../rows/histogram.js';
import { type Ranking, rankingOf } from '../rows/ranking.js';
import { type CompiledSelection, compiledOf } from '../select/compiled-selection.js';
import { HeldTable } from '../select/held-table.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { type ProcessRow, processesOf } from './processes.js';
import { type CacheRow, cachesOf } from './slab-caches.js';

/** Held bytes that were taken from `edgesNs[step]` on and before `edgesNs[step + 1]`; the end belongs to the last step. */
export interface Taken {
  step: number;
  bytes: number;
}

export interface FindingOrigin {
  row: ReportStack;
  /** Age of its outstanding allocations, ns. */
  ages: HistogramBar[];
  /** Bytes per outstanding allocation. */
  sizes: HistogramBar[];
  /** The processes that hold most of it, at most HOLDERS. */
  holders: PidShare[];
  /** Number of all its holders. */
  holderCount: number;
}

export interface PathOrigin {
  /** As in the Report. */
  stackId: number;
  /** Place of its finding in `findings`; -1 = its finding is not listed. */
  finding: number;
  /** In order of time, without steps in which nothing was taken. */
  taken: Taken[];
}

export interface ProcessOrigin {
  process: ProcessRow;
  /** What it took, by finding as in PathOrigin. */
  findings: { finding: number; bytes: number; taken: Taken[] }[];
}

export interface Origins {
  /** The first findings that pass the selection, at most FINDINGS. */
  findings: FindingOrigin[];
  /** All findings that pass. */
  findingCount: number;
  /**
   * Edges of the steps of time, ns, rising: the start, the points of the curves, the end. Empty where
   * there is no curve. Of memory taken before the first edge no step is known.
   */
  edgesNs: number[];
  /** All call paths that pass the selection. */
  paths: PathOrigin[];
  /** The processes that hold most, at most PROCESSES. */
  processes: ProcessOrigin[];
  /** All processes that hold something. */
  processCount: number;
  /** By bytes. */
  caches: CacheRow[];
}

const FINDINGS = 40;
const HOLDERS = 10;
const PROCESSES = 60;

/** The selection's limit and group have no effect. Throws an Error if grep or hide is not a regular expression. */
export function originsOf(trace: PairedTrace, selection: Selection | CompiledSelection): Origins {
  const compiled = compiledOf(selection);
  const asked: CompiledSelection = {
    ...compiled,
    selection: { ...compiled.selection, group: 'finding', limit: FINDINGS },
  };
  const ranking = rankingOf(trace, asked);
  const { rows: findingCount, stacks } = groupedRows(ranking);
  const processes = processesOf(trace, compiled);
  const walk = new OriginWalk(ranking, groupParts(ranking, 'finding'), stacks, processes.slice(0, PROCESSES));
  walk.run();
  return {
    findings: walk.findings(stacks),
    findingCount,
    edgesNs: walk.edgesNs,
    paths: walk.paths(),
    processes: walk.processes(processes.slice(0, PROCESSES)),
    processCount: processes.length,
    caches: cachesOf(trace, compiled),
  };
}

/** Returns the start of the known curves, their points and the end; empty without a point. */
function edgesOf({ core, judges }: Ranking): number[] {
  const { times } = judges.curveVerdicts;
  if (times === null) return [];
  const { firstNs, stepNs, points } = times;
  const edges = Array.from({ length: points }, (_, i) => firstNs + i * stepNs);
  // Before its first point a trace held nothing, unless the traced share of addresses has changed since.
  if (core.sampling.moves.length === 0 && firstNs > 0) edges.unshift(0);
  if (core.nowNs > edges[edges.length - 1]) edges.push(core.nowNs);
  return edges;
}

/** Sums of one walk. */
class OriginWalk {
  readonly edgesNs: number[];
  private readonly ranking: Ranking;
  private readonly found: GroupParts;
  /** Place of the finding of each group, -1 = not listed. */
  private readonly placeOfGroup: Int32Array;
  /** By row of the PathTable: 0 = not in the ranking, 1 = yes, 2 = a backing path. */
  private readonly wanted: Uint8Array;
  private readonly ofPath = new Map<number, Float64Array>();
  private readonly ofProcess = new Map<number, Float64Array>();
  private readonly bytesOfProcess = new Map<number, number>();
  private readonly holders = new AddressTable();
  private readonly held: { bytes: number; count: number }[] = [];
  private readonly ages: Float64Array[];
  private readonly sizes: Float64Array[];
  /** Place of a process among those listed, by the id of its pid and name. */
  private readonly processIds = new AddressTable();
  private readonly placeOfProcess: number[] = [];
  private readonly placeOfName: (pid: number, commId: number) => number;

  constructor(ranking: Ranking, found: GroupParts, stacks: readonly ReportStack[], listed: readonly ProcessRow[]) {
    const { core, facts, totals } = ranking;
    this.ranking = ranking;
    this.found = found;
    this.edgesNs = edgesOf(ranking);
    this.placeOfGroup = new Int32Array(found.groups + 1).fill(-1);
    for (const [place, { stackId }] of stacks.entries()) {
      const row = core.paths.findRow(stackId);
      this.placeOfGroup[this.groupOf(row)] = place;
    }
    this.wanted = new Uint8Array(core.paths.size + 1);
    for (const row of totals.rows) this.wanted[row] = isBacking(core, facts, row) ? 2 : 1;
    this.ages = stacks.map(() => new Float64Array(BARS));
    this.sizes = stacks.map(() => new Float64Array(BARS));
    const names = new Map<string, number>(listed.map(({ pid, comm }, place) => [`${pid} ${comm}`, place]));
    this.placeOfName = (pid, commId) => names.get(`${pid} ${core.dictionary.comms.nameOf(commId)}`) ?? -1;
  }

  run(): void {
    const { core, totals } = this.ranking;
    for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
      const held = new HeldTable(core, allocator);
      held.each((slot, row) => {
        if (this.wanted[row] !== 0 && totals.filter.passes(held, slot)) this.add(held, slot, row);
      });
    }
  }

  paths(): PathOrigin[] {
    const { core, totals } = this.ranking;
    return totals.rows.map((row) => ({
      stackId: core.paths.keyOf(row),
      finding: this.placeOfGroup[this.groupOf(row)],
      taken: takenOf(this.ofPath.get(row)),
    }));
  }

  findings(stacks: readonly ReportStack[]): FindingOrigin[] {
    const shares = stacks.map((): PidShare[] => []);
    const { comms } = this.ranking.core.dictionary;
    for (let id = 1; id <= this.holders.size; id++) {
      const process = this.holders.lo[id];
      shares[this.holders.hi[id]].push({
        pid: this.processIds.hi[process],
        comm: comms.nameOf(this.processIds.lo[process]),
        ...this.held[id],
      });
    }
    return stacks.map((row, place) => ({
      row,
      ages: powerBars(this.ages[place]),
      sizes: powerBars(this.sizes[place]),
      holders: shares[place].toSorted(byShare).slice(0, HOLDERS),
      holderCount: shares[place].length,
    }));
  }

  processes(listed: readonly ProcessRow[]): ProcessOrigin[] {
    const { length } = this.ages;
    const places = Array.from({ length: length + 1 }, (_, i) => (i < length ? i : -1));
    return listed.map((process, at) => ({
      process,
      findings: places.flatMap((finding) => {
        const key = this.cellOf(at, finding);
        const bytes = this.bytesOfProcess.get(key) ?? 0;
        return bytes === 0 ? [] : [{ finding, bytes, taken: takenOf(this.ofProcess.get(key)) }];
      }),
    }));
  }

  private groupOf(row: number): number {
    return this.found.parts.group[this.found.partOf(row, this.ranking.core.tableOf(0), 0)];
  }

  private cellOf(process: number, finding: number): number {
    return process * (this.ages.length + 1) + finding + 1;
  }

  private add(held: HeldTable, slot: number, row: number): void {
    const bytes = held.bytesAt(slot);
    const timeNs = held.timeNsAt(slot);
    const step = stepOf(this.edgesNs, timeNs);
    if (step >= 0) sumsOf(this.ofPath, row, this.edgesNs.length)[step] += bytes;
    const finding = this.placeOfGroup[this.groupOf(row)];
    const process = this.processOf(held, slot);
    if (finding >= 0) {
      this.ages[finding][barOf(this.ranking.core.nowNs - timeNs)]++;
      this.sizes[finding][barOf(bytes)]++;
      const holder = this.holders.intern(finding, process);
      this.held[holder] ??= { bytes: 0, count: 0 };
      this.held[holder].bytes += bytes;
      this.held[holder].count += held.countAt(slot);
    }
    const place = this.placeOfProcess[process];
    // The bytes of backing pages are those of what lies on them.
    if (place < 0 || this.wanted[row] === 2) return;
    const cell = this.cellOf(place, finding);
    this.bytesOfProcess.set(cell, (this.bytesOfProcess.get(cell) ?? 0) + bytes);
    if (step >= 0) sumsOf(this.ofProcess, cell, this.edgesNs.length)[step] += bytes;
  }

  /** Returns the id of the process that took an allocation. */
  private processOf({ table }: HeldTable, slot: number): number {
    const at = slot * SLOT_WORDS;
    const pid = table.words[at + PID] & PID_MASK;
    const commId = this.ranking.core.dictionary.comms.nameId(table.words[at + NAMES] & 0xffff);
    const id = this.processIds.intern(pid, commId);
    this.placeOfProcess[id] ??= this.placeOfName(pid, commId);
    return id;
  }
}

/** Returns the step of a time; -1 before the first edge. A time beyond the last edge is in the last step. */
function stepOf(edgesNs: readonly number[], timeNs: number): number {
  if (edgesNs.length < 2 || timeNs < edgesNs[0]) return -1;
  let low = 0;
  let high = edgesNs.length - 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeNs < edgesNs[middle + 1]) high = middle;
    else low = middle + 1;
  }
  return low;
}

function sumsOf(sums: Map<number, Float64Array>, key: number, length: number): Float64Array {
  let found = sums.get(key);
  if (found === undefined) {
    found = new Float64Array(length);
    sums.set(key, found);
  }
  return found;
}

function takenOf(sums: Float64Array | undefined): Taken[] {
  const taken: Taken[] = [];
  for (const [step, bytes] of sums?.entries() ?? []) if (bytes > 0) taken.push({ step, bytes });
  return taken;
}

function byShare(a: PidShare, b: PidShare): number {
  return b.bytes - a.bytes || b.count - a.count || a.pid - b.pid || (a.comm < b.comm ? -1 : 1);
}
