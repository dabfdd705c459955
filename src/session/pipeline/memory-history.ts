/** MemoryHistory: /proc/meminfo over the whole length of a trace, from the collector's samples. Its size is bounded. */

import type { MemoryAccount } from '../../proc/memory-account.js';
import { MEMORY_PARTS, type MemoryPart, memoryParts } from '../../proc/memory-parts.js';
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

export class MemoryHistory {
  private readonly series = new BoundedSeries([...MEMORY_PARTS, 'total'].map(() => 'last' as const));

  take(account: MemoryAccount): void {
    const parts = memoryParts(account);
    const { series } = this;
    series.advance(account.timeNs);
    if (series.point < 0) return;
    let total = 0;
    for (const [column, bytes] of parts.entries()) {
      series.set(column, bytes);
      total += bytes;
    }
    series.set(TOTAL, total);
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
}
