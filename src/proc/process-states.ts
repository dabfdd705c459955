/**
 * ProcessStates: which of the processes that took pages are gone, and how many anonymous pages the
 * others map, at the latest sample. Of the gone only those are kept that still hold pages.
 */
import { parseProcesses } from './processes.js';

/** Above this number those that hold nothing are forgotten. */
const GONE_LIMIT = 65_536;

export class ProcessStates {
  readonly gone = new Set<number>();
  /** Anonymous pages mapped, by process. */
  mapped: ReadonlyMap<number, number> = new Map();
  /** The set is made smaller when it has grown to this. */
  private limit = GONE_LIMIT;

  /** Takes a sample. `holders` returns the processes whose pages are outstanding; it is seldom called. */
  take(text: string, holders: () => ReadonlySet<number>): void {
    const lines = parseProcesses(text);
    for (const pid of lines.back) this.gone.delete(pid);
    for (const [first, last] of lines.gone) {
      for (let pid = first; pid <= last; pid++) this.gone.add(pid);
      if (this.gone.size > this.limit) this.prune(holders());
    }
    this.mapped = lines.mapped;
  }

  private prune(holders: ReadonlySet<number>): void {
    for (const pid of this.gone) if (!holders.has(pid)) this.gone.delete(pid);
    this.limit = Math.max(GONE_LIMIT, 2 * this.gone.size);
  }

  /** Returns the states as plain data. */
  save(): unknown {
    return { gone: [...this.gone], mapped: [...this.mapped], limit: this.limit };
  }

  /** Returns the states of save(), which may have gone through JSON; null if `saved` cannot be one. */
  static restore(saved: unknown): ProcessStates | null {
    const { gone, mapped, limit } = (saved ?? {}) as Partial<Record<string, unknown>>;
    if (!Array.isArray(gone) || !gone.every(isCount) || !Array.isArray(mapped) || !isCount(limit)) return null;
    if (!mapped.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isCount))) return null;
    const states = new ProcessStates();
    for (const pid of gone) states.gone.add(pid as number);
    states.mapped = new Map(mapped as [number, number][]);
    states.limit = limit as number;
    return states;
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
