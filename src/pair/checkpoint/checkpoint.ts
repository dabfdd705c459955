/**
 * Checkpoints of the PairingCore: everything that a later report depends on, in a compact form. For
 * any trace and any place in it, restoring the checkpoint saved there and reading on gives the
 * state, and so the reports, of an uninterrupted run. The facts of the host, the dictionary and the
 * reason for the trace's end are not part of it.
 *
 * A checkpoint is a shortcut, never a source of truth. One that contradicts itself, its dictionary
 * or this build's version is rejected as a whole; the events are then read instead.
 */

import { ALLOCATOR_COUNT, isInPages } from '../../event/kinds.js';
import type { LossRow } from '../../event/losses.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { PAGE_USES } from '../../event/trace-sink.js';
import { SlabSamples } from '../../proc/machine/slab-samples.js';
import { ACCOUNT_TERMS, type MemoryAccount } from '../../proc/memory-account.js';
import { ProcessStates } from '../../proc/process-states.js';
import type { HeldBefore } from '../event-pairing.js';
import { PageBalance } from '../page-balance.js';
import type { PageMoves } from '../page-moves.js';
import { PairingCore, type ZoneSample } from '../pairing-core.js';
import { SlabBalance } from '../slab-balance.js';
import { CheckpointError, StateReader, StateWriter } from './checkpoint-bytes.js';
import { restoreCurves, saveCurves } from './checkpoint-curves.js';
import { canSavePages, restorePages, savePages } from './checkpoint-pages.js';
import { restorePaths, savePaths } from './checkpoint-paths.js';
import { restoreProcesses, saveProcesses } from './checkpoint-processes.js';
import { restoreFreeSites, saveFreeSites } from './checkpoint-sites.js';
import { type PathSums, restoreTable, saveTable } from './checkpoint-table.js';

/** Increases with every change of what the core keeps. A checkpoint of another version is not read. */
const CHECKPOINT_VERSION = 12;

/** The numbers of the core, in the order in which they are saved. */
const CORE_NUMBERS = [
  'nowNs',
  'eventCount',
  'allocEvents',
  'freeEvents',
  'moveEvents',
  'changeEvents',
  'moveFrom',
  'movePages',
  'orphanFrees',
  'orphanPages',
  'orphanObjects',
  'missedFrees',
  'failedAllocs',
  'nullFrees',
  'stackMisses',
  'badEvents',
  'unseenMoves',
] as const;
const LEDGER_NUMBERS = [
  'lostEvents',
  'failedAllocs',
  'nullFrees',
  'filtered',
  'youngPairs',
  'youngBytes',
  'youngPages',
  'youngMissed',
  'youngDirect',
  'youngLeft',
  'unknown',
] as const;
const LOSS_NUMBERS = ['cause', 'kind', 'cpu', 'count', 'bytes', 'countWithBytes'] as const;
const ACCOUNT_NUMBERS = [
  'timeNs',
  'totalBytes',
  'freeBytes',
  'unpluggedBytes',
  'unaccountedBytes',
  'heldByReferenceBytes',
] as const;
/** Null is saved as -1. */
const ACCOUNT_OPTIONAL = ['perCpuFreeBytes', 'pinnedPages'] as const;

/** Returns about how many bytes saveCore() would return. */
export function checkpointSize(core: PairingCore): number {
  let entries = 0;
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) entries += core.tableOf(allocator).size;
  const paths = core.paths.size * (80 + core.curves.snapshots.length);
  return 1024 + entries * 12 + paths + core.processMemory.savedBytes;
}

/**
 * Returns the state of the core between two calls; null if it cannot be saved (only damaged traces
 * cause that).
 */
export function saveCore(core: PairingCore): Uint8Array<ArrayBuffer> | null {
  if (!canSavePages(core.pages)) return null;
  const writer = new StateWriter(checkpointSize(core));
  writer.varint(CHECKPOINT_VERSION);
  for (const name of CORE_NUMBERS) writer.exact(core[name]);
  saveMeminfo(writer, core.firstMeminfo);
  saveMeminfo(writer, core.lastMeminfo);
  writer.exact(core.leastHeldBytes);
  writer.text(
    JSON.stringify([
      core.pageBalance.snapshot(),
      core.slabBalance.snapshot(),
      core.sampling.save(),
      core.zones,
      core.processes.save(),
      [...core.before],
      core.slabSamples.save(),
    ]),
  );
  for (const name of LEDGER_NUMBERS) writer.exact(core.lossLedger[name]);
  const losses = core.lossLedger.rows();
  writer.varint(losses.length);
  for (const row of losses) for (const name of LOSS_NUMBERS) writer.exact(row[name]);
  savePaths(writer, core.paths);
  saveCurves(writer, core.curves);
  saveFreeSites(writer, core.freeSites);
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    saveTable(writer, core.tableOf(allocator), core.nowNs, core.paths.size);
  }
  savePages(writer, core.pages);
  saveMoves(writer, core.moves);
  saveProcesses(writer, core.processMemory);
  return writer.bytes();
}

/**
 * Returns the core that was saved. The saved ids must mean the same in `dictionary`, which may hold
 * more. Throws a CheckpointError if saveCore() cannot have written these bytes.
 */
export function restoreCore(bytes: Uint8Array, dictionary: TraceDictionary): PairingCore {
  const reader = new StateReader(bytes);
  const version = reader.varint();
  if (version !== CHECKPOINT_VERSION) {
    throw new CheckpointError(`checkpoint version ${version}, this build reads ${CHECKPOINT_VERSION}`);
  }
  const core = new PairingCore(dictionary);
  for (const name of CORE_NUMBERS) core[name] = reader.exact();
  if (!(core.nowNs >= 0 && core.nowNs < Number.MAX_SAFE_INTEGER)) throw new CheckpointError(`time ${core.nowNs}`);
  core.firstMeminfo = restoreMeminfo(reader);
  core.lastMeminfo = restoreMeminfo(reader);
  core.leastHeldBytes = reader.exact();
  restoreBalances(reader.text(), core);
  for (const name of LEDGER_NUMBERS) core.lossLedger[name] = reader.exact();
  core.lossLedger.restoreRows(readLosses(reader));
  restorePaths(reader, core.paths, dictionary.stacks.size);
  restoreCurves(reader, core.curves, core.paths.size);
  restoreFreeSites(reader, core.freeSites, dictionary.stacks.size);
  restoreTables(reader, core);
  restorePages(reader, core.pages);
  restoreMoves(reader, core.moves);
  restoreProcesses(reader, core.processMemory, core.paths);
  reader.expectEnd();
  return core;
}

/**
 * Restores the kernel's counters and the sample history from JSON: a few hundred caches and a
 * number for each call path.
 */
function restoreBalances(text: string, core: PairingCore): void {
  const [pages, slabs, sampling, zones, processes, before, slabSamples] = parsedPair(text);
  const pageBalance = PageBalance.restore(pages);
  const slabBalance = SlabBalance.restore(slabs);
  if (pageBalance === null || slabBalance === null) throw new CheckpointError("samples of the kernel's counters");
  if (!core.sampling.restore(sampling)) throw new CheckpointError('a history of samples');
  const states = ProcessStates.restore(processes);
  if (states === null) throw new CheckpointError('states of processes');
  const samples = SlabSamples.restore(slabSamples);
  if (samples === null) throw new CheckpointError('samples of slabinfo');
  core.slabSamples = samples;
  core.processes = states;
  core.zones = restoreZones(zones);
  restoreBefore(before, core);
  core.pageBalance = pageBalance;
  core.slabBalance = slabBalance;
}

function restoreZones(saved: unknown): ZoneSample | null {
  if (saved === null) return null;
  const given = (typeof saved === 'object' ? saved : {}) as Partial<ZoneSample>;
  const { timeNs, managed, free, perCpuFree, isolated, zspages, pins, ballooned } = given;
  if (![timeNs, managed, free, perCpuFree, isolated].every(isWhole)) throw new CheckpointError('a zoneinfo');
  if (![zspages, pins, ballooned].every((value) => value === null || isWhole(value))) {
    throw new CheckpointError('a zoneinfo');
  }
  return { timeNs, managed, free, perCpuFree, isolated, zspages, pins, ballooned } as ZoneSample;
}

/** Its sums are checked with those of the call paths, see restoreTables(). */
function restoreBefore(saved: unknown, core: PairingCore): void {
  if (!Array.isArray(saved)) throw new CheckpointError('memory from before the trace');
  for (const entry of saved as unknown[]) {
    const [row, held] = (Array.isArray(entry) ? entry : []) as [unknown, Partial<HeldBefore> | null | undefined];
    const { sumSize, sumCount, withoutAge, uses } = held ?? {};
    const numbers = Array.isArray(uses) && uses.length === PAGE_USES.length ? (uses as unknown[]) : [null];
    if (![row, sumSize, sumCount, withoutAge, ...numbers].every(isWhole)) {
      throw new CheckpointError('memory from before the trace');
    }
    core.before.set(row as number, { sumSize, sumCount, withoutAge, uses } as HeldBefore);
  }
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

function parsedPair(text: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    throw new CheckpointError('counters that are no JSON');
  }
}

function restoreTables(reader: StateReader, core: PairingCore): void {
  const { paths } = core;
  const sums: PathSums = { size: new Float64Array(paths.size + 1), entries: new Float64Array(paths.size + 1) };
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    restoreTable(reader, core.tableOf(allocator), core.nowNs, paths.allocator, allocator, sums);
  }
  for (const [row, { sumSize, sumCount }] of core.before) {
    if (row > paths.size || !paths.isBefore(row)) throw new CheckpointError(`row ${row} is not from before the trace`);
    sums.size[row] += sumSize;
    // Of pages the size is the count.
    sums.entries[row] += sumCount;
  }
  const totals = new Float64Array(ALLOCATOR_COUNT);
  const counts = new Float64Array(ALLOCATOR_COUNT);
  for (let row = 1; row <= paths.size; row++) {
    const allocator = paths.allocator[row];
    const count = isInPages(allocator) ? sums.size[row] : sums.entries[row];
    if (sums.size[row] !== paths.live(row) || count !== paths.liveCount(row)) {
      throw new CheckpointError(`call path ${row} holds ${sums.size[row]}, its sum says ${paths.live(row)}`);
    }
    totals[allocator] += sums.size[row];
    counts[allocator] += count;
  }
  for (let allocator = 0; allocator < ALLOCATOR_COUNT; allocator++) {
    if (totals[allocator] !== paths.totalLive(allocator) || counts[allocator] !== paths.totalCount(allocator)) {
      throw new CheckpointError(`allocator ${allocator} holds another sum`);
    }
  }
}

function readLosses(reader: StateReader): LossRow[] {
  return Array.from({ length: reader.count(LOSS_NUMBERS.length) }, () => {
    const row: LossRow = { cause: 0, kind: 0, cpu: 0, count: 0, bytes: 0, countWithBytes: 0 };
    for (const name of LOSS_NUMBERS) row[name] = reader.exact();
    return row;
  });
}

function saveMoves(writer: StateWriter, moves: PageMoves): void {
  const left = moves.save();
  for (const number of [moves.movedPages, moves.vacatedFrees, left.length, ...left]) writer.exact(number);
}

function restoreMoves(reader: StateReader, moves: PageMoves): void {
  moves.movedPages = reader.exact();
  moves.vacatedFrees = reader.exact();
  const count = reader.exact();
  if (!(count <= reader.remaining)) throw new CheckpointError(`${count} moved pages`);
  moves.restore(Array.from({ length: count }, () => reader.exact()));
}

function saveMeminfo(writer: StateWriter, account: MemoryAccount | null): void {
  writer.varint(account === null ? 0 : 1);
  if (account === null) return;
  for (const name of ACCOUNT_NUMBERS) writer.exact(account[name]);
  for (const name of ACCOUNT_OPTIONAL) writer.exact(account[name] ?? -1);
  writer.varint(Number(account.countsGpu));
  for (const bytes of account.terms) writer.exact(bytes);
}

function restoreMeminfo(reader: StateReader): MemoryAccount | null {
  if (reader.upTo(1) === 0) return null;
  const account: MemoryAccount = {
    timeNs: 0,
    totalBytes: 0,
    freeBytes: 0,
    perCpuFreeBytes: null,
    unpluggedBytes: 0,
    unaccountedBytes: 0,
    heldByReferenceBytes: 0,
    pinnedPages: null,
    countsGpu: false,
    terms: [],
  };
  for (const name of ACCOUNT_NUMBERS) account[name] = reader.exact();
  for (const name of ACCOUNT_OPTIONAL) {
    const value = reader.exact();
    account[name] = value < 0 ? null : value;
  }
  account.countsGpu = reader.upTo(1) === 1;
  account.terms = ACCOUNT_TERMS.map(() => reader.exact());
  return account;
}
