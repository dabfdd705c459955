/** MemoryHistory: /proc/meminfo over the whole length of a trace, from the samples that the collector took. Bounded. */
import { MEMORY_PARTS, type MemoryPart, meminfoParts } from '../../proc/meminfo-parts.js';
import { HalvingSeries, type SavedSeries } from './bounded-series.js';

/** Point i stands for `stepNs` from firstNs + i * stepNs on. */
export interface MemoryView {
  firstNs: number;
  stepNs: number;
  /** MemTotal at the last sample, bytes. */
  totalBytes: number;
  /** In the order in which they are stacked, the lowest first; they add up to the total. */
  parts: { name: MemoryPart; bytes: number[] }[];
}

const TOTAL = MEMORY_PARTS.length;

export class MemoryHistory {
  private readonly series = new HalvingSeries([...MEMORY_PARTS, 'total'].map(() => 'last' as const));

  /** Takes the text of a sample; anything that is no meminfo changes nothing. */
  take(timeNs: number, text: string): void {
    const parts = meminfoParts(text);
    if (parts === null) return;
    const { series } = this;
    series.advance(timeNs);
    if (series.point < 0) return;
    let total = 0;
    for (const [column, bytes] of parts.entries()) {
      series.set(column, bytes);
      total += bytes;
    }
    series.set(TOTAL, total);
  }

  /** Null before the first sample. */
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

  /** False when it is nothing that save() gave. */
  restore(saved: unknown): boolean {
    return this.series.restore(saved);
  }
}
