/** MemoryHistory: /proc/meminfo over the whole length of a trace, from the collector's samples. Its size is bounded. */

import { TIME_LIMIT_NS } from '../../event/event-batch.js';
import type { MemoryAccount } from '../../proc/memory-account.js';
import { GAP_PARTS, MEMORY_PARTS, type MemoryPart, memoryParts } from '../../proc/memory-parts.js';
import type { MemorySeries } from '../../rank/report/report-memory.js';
import { BoundedSeries, type SavedSeries } from './bounded-series.js';

/** Point i covers `stepNs` from firstNs + i * stepNs on. */
export interface MemoryView {
  firstNs: number;
  stepNs: number;
  /** MemTotal at the last sample, bytes. */
  totalBytes: number;
  /** In the order of the stack, the lowest first; they add up to the total. */
  parts: { name: MemoryPart; bytes: number[] }[];
}

const TOTAL = MEMORY_PARTS.length;
/** Time of the sample that a point shows: points without a sample of their own repeat it. */
const TIME = TOTAL + 1;

/** The most samples of a report. */
const SAMPLES = 64;
const GAP: ReadonlySet<MemoryPart> = new Set(GAP_PARTS);

export class MemoryHistory {
  private readonly series = new BoundedSeries([...MEMORY_PARTS, 'total', 'time'].map(() => 'last' as const));

  /** Takes a sample. One with an impossible time, or older than the one before, is left out. */
  take(account: MemoryAccount): void {
    const { series } = this;
    const { timeNs } = account;
    if (!(timeNs >= (series.values(TIME).at(-1) ?? 0) && timeNs < TIME_LIMIT_NS)) return;
    series.advance(timeNs);
    let total = 0;
    for (const [column, bytes] of memoryParts(account).entries()) {
      series.set(column, bytes);
      total += bytes;
    }
    series.set(TOTAL, total);
    series.set(TIME, timeNs);
  }

  /**
   * Returns the samples of a report: the first of the trace, which the points of a long history do not show any more,
   * and of each of some equal steps the last. Null before the first one.
   */
  samples(first: MemoryAccount | null): MemorySeries | null {
    const times = this.series.values(TIME);
    if (first === null || times.length === 0) return null;
    const points = [...this.lastOfSteps(times)];
    const values = MEMORY_PARTS.map((_, column) => {
      const bytes = this.series.values(column);
      return points.map((point) => bytes[point]);
    });
    const timesNs = points.map((point) => times[point]);
    if (first.timeNs < timesNs[0]) {
      timesNs.unshift(first.timeNs);
      for (const [column, bytes] of memoryParts(first).entries()) values[column].unshift(bytes);
    }
    return { timesNs, parts: partsOf(values) };
  }

  /** The history so far; null before the first sample. */
  view(): MemoryView | null {
    const { series } = this;
    if (series.point < 0) return null;
    return {
      firstNs: series.firstNs,
      stepNs: series.stepNs,
      totalBytes: series.values(TOTAL).at(-1) ?? 0,
      parts: MEMORY_PARTS.map((name, column) => ({ name, bytes: series.values(column) })),
    };
  }

  save(): SavedSeries {
    return this.series.save();
  }

  /** Restores the result of save(); returns false if `saved` is not one. */
  restore(saved: unknown): boolean {
    return this.series.restore(saved);
  }

  /** Yields, in order, the last point of each step of so many points that one sample fewer than SAMPLES is left. */
  private *lastOfSteps(times: readonly number[]): Generator<number> {
    const { series } = this;
    const first = series.point - times.length + 1;
    let step = 1;
    while (Math.floor(series.point / step) - Math.floor(first / step) + 1 > SAMPLES - 1) step *= 2;
    let before = -1;
    for (const [point, timeNs] of times.entries()) {
      const isLast = point === times.length - 1 || (first + point + 1) % step === 0;
      if (!isLast || timeNs === before) continue;
      before = timeNs;
      yield point;
    }
  }
}

/** The parts of a report, from the bytes of MEMORY_PARTS: those of the gap become one. */
function partsOf(values: readonly number[][]): MemorySeries['parts'] {
  const parts: MemorySeries['parts'] = [];
  let gap: number[] | null = null;
  for (const [column, name] of MEMORY_PARTS.entries()) {
    if (!GAP.has(name)) parts.push({ name, bytes: values[column] });
    else if (gap !== null) for (const [at, bytes] of values[column].entries()) gap[at] += bytes;
    else parts.push({ name: 'not in meminfo', bytes: (gap = values[column]) });
  }
  return parts;
}
