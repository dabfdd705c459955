/**
 * ProcessObjects: what the trace has of each process's mappings at the moment of the kernel's latest figures for it: only
 * then can the two be compared.
 */
import type { TraceFact } from '../../event/trace-sink.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { ProcessObjects as Objects } from '../../rank/report/report-memory.js';
import { objectsOf } from '../../rank/trust/traced-processes.js';

/** Sums of mapped and reserved bytes and of heap blocks, by the number of the process. */
export type SavedObjects = [number: number, mapped: number, reserved: number, heap: number | null][];

export class ProcessObjects {
  private sums: ReadonlyMap<number, Objects> = new Map();

  get size(): number {
    return this.sums.size;
  }

  /** By the number of the process in the trace. */
  get byNumber(): ReadonlyMap<number, Objects> {
    return this.sums;
  }

  /** Takes a fact that the core has taken already; facts of other kinds change nothing. */
  take(fact: TraceFact, core: PairingCore): void {
    if (fact.type === 'counters' && fact.source === 'spaces') this.sums = objectsOf(core);
  }

  save(): SavedObjects {
    return Array.from(this.sums, ([number, { mapped, reserved, heap }]) => [number, mapped, reserved, heap]);
  }

  /** Restores the result of save(), which may have gone through JSON; changes nothing if `saved` cannot be one. */
  restore(saved: unknown): void {
    if (!Array.isArray(saved) || !saved.every(isRow)) return;
    this.sums = new Map(saved.map(([number, mapped, reserved, heap]) => [number, { mapped, reserved, heap }]));
  }
}

function isRow(value: unknown): value is SavedObjects[number] {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [number, mapped, reserved, heap] = value as unknown[];
  return [number, mapped, reserved, heap ?? 0].every((each) => Number.isSafeInteger(each) && (each as number) >= 0);
}
