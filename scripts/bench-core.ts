/**
 * npm run bench -- core [OUTSTANDING...]: how fast the core pairs decoded batches and ranks, and
 * how much memory it takes, for several numbers of outstanding allocations and two habits of
 * traffic (bench-traffic.ts). In CPU time of this process; the median of several rounds, and the
 * best.
 */
import { EventBatch } from '../src/event/event-batch.js';
import { PairingCore } from '../src/pair/pairing-core.js';
import { rank } from '../src/rank/rank.js';
import { defaultSelection } from '../src/rank/report/selection.js';
import { SymbolTable } from '../src/symbols/symbol-table.js';
import { BenchTraffic, type Habit } from './bench-traffic.js';

export interface BenchRow {
  habit: Habit;
  /** Outstanding allocations: the target, and the number reached. */
  target: number;
  outstanding: number;
  /** Pairing, events a second of CPU time. */
  medianEventsPerSecond: number;
  bestEventsPerSecond: number;
  /** Bytes of tables per outstanding allocation, when the target was reached and 6 M events later. */
  bytesPerOutstanding: number;
  bytesPerOutstandingLater: number;
  /** One report of 50 call paths, ms of CPU time. */
  rankMs: number;
  /** The same with a selection by age, which must read every allocation. */
  rankOlderMs: number;
}

export interface CoreSize {
  targets: [habit: Habit, target: number][];
  rounds: number;
  batchesPerRound: number;
  rankings: number;
}

export const FULL_CORE: CoreSize = {
  targets: [
    ['kernel', 20_000],
    ['kernel', 100_000],
    ['kernel', 2_000_000],
    ['scattered', 20_000],
    ['scattered', 100_000],
    ['scattered', 500_000],
    ['scattered', 2_000_000],
  ],
  rounds: 6,
  batchesPerRound: 124,
  rankings: 7,
};
export const QUICK_CORE: CoreSize = { targets: targetsOf([20_000]), rounds: 2, batchesPerRound: 8, rankings: 1 };

/** Returns the given numbers of outstanding allocations, each with both habits. */
export function targetsOf(outstanding: number[]): CoreSize['targets'] {
  return (['kernel', 'scattered'] as const).flatMap((habit) =>
    outstanding.map((target): [Habit, number] => [habit, target]),
  );
}

export async function runCoreBench(size: CoreSize): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [habit, target] of size.targets) {
    rows.push(benchAt(habit, target, size));
    // Lets the memory of this size be released before the next one begins.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rows;
}

function benchAt(habit: Habit, target: number, { rounds, batchesPerRound, rankings }: CoreSize): BenchRow {
  const traffic = new BenchTraffic(target, habit);
  const core = new PairingCore(traffic.dictionary);
  const symbols = symbolsOf(traffic);
  const batch = new EventBatch();
  while (traffic.outstanding < target - 2000) {
    nextBatch(traffic, batch, target);
    core.events(batch);
  }
  const bytesPerOutstanding = core.liveByteLength / traffic.outstanding;
  const stored = Array.from({ length: batchesPerRound }, () => new EventBatch());
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const each of stored) nextBatch(traffic, each, target);
    let ms = 0;
    for (const each of stored) {
      // As from a decoder: always the same batch, newly filled.
      batch.clear();
      batch.append(each, 0, each.length);
      ms += cpuMs(() => core.events(batch));
    }
    rates.push((stored.length * batch.capacity) / (ms / 1000));
  }
  const facts = core.hostFacts;
  const selection = defaultSelection(50);
  const older = { ...selection, olderNs: core.nowNs / 4 };
  return {
    habit,
    target,
    outstanding: traffic.outstanding,
    medianEventsPerSecond: medianOf(rates),
    bestEventsPerSecond: Math.max(...rates),
    bytesPerOutstanding,
    bytesPerOutstandingLater: core.liveByteLength / traffic.outstanding,
    rankMs: medianOf(times(rankings, () => rank({ core, symbols }, selection, { kind: 'live', facts }))),
    rankOlderMs: medianOf(times(rankings, () => rank({ core, symbols }, older, { kind: 'live', facts }))),
  };
}

function nextBatch(traffic: BenchTraffic, batch: EventBatch, target: number): void {
  traffic.fill(batch, target);
}

function symbolsOf(traffic: BenchTraffic): SymbolTable {
  const symbols = new SymbolTable();
  const { frames } = traffic.dictionary.stacks;
  for (let id = 1; id <= frames.size; id++) {
    const symbol =
      id <= 3 ? ['__alloc_pages_noprof', 'alloc_pages_mpol', 'folio_alloc_noprof'][id - 1] : `function_${id}`;
    symbols.add({ addressHi: frames.hi[id], addressLo: frames.lo[id], symbol, offset: 4, module: null });
  }
  return symbols;
}

/** Returns the CPU time of the whole process, ms: steadier than wall clock time on a busy machine. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function times(rounds: number, work: () => void): number[] {
  return Array.from({ length: rounds }, () => cpuMs(work));
}

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Prints the rows as a table. */
export function printCoreBench(rows: BenchRow[]): void {
  console.log('    habit  outstanding  pair M events/s (best)  B/outstanding (later)  rank ms  rank --older ms');
  for (const row of rows) {
    const rate = `${(row.medianEventsPerSecond / 1e6).toFixed(2)} (${(row.bestEventsPerSecond / 1e6).toFixed(2)})`;
    const bytes = `${row.bytesPerOutstanding.toFixed(1)} (${row.bytesPerOutstandingLater.toFixed(1)})`;
    console.log(
      row.habit.padStart(9),
      row.outstanding.toLocaleString('en').padStart(11),
      rate.padStart(23),
      bytes.padStart(22),
      row.rankMs.toFixed(1).padStart(8),
      row.rankOlderMs.toFixed(1).padStart(16),
    );
  }
}
