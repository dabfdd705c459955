/**
 * ProcessLives: whether the process that took some memory still lives, by the starts and exits that the trace
 * tells. A pid may be used again, so the time of the alloc decides which process it was.
 *
 * Kept are the last exit of a pid, and the last start after an exit: earlier lives need none, for what they took
 * is older than both. What lost rows leave open is said to live: "gone" is told only where it is known.
 */
import type { Lives } from './lives.js';

/** Exits that are kept before those of processes that hold nothing are forgotten. */
const MOST_EXITS = 65_536;
/** Events of a process may be read so much later than its exit, ns. */
const LATE_NS = 10e9;

/** As a checkpoint keeps it: pid, exit and start after it (-1: none), ns, one after the other. */
export interface SavedLives {
  rows: number[];
  lostFromNs: number | null;
}

export class ProcessLives {
  /** False where the trace tells of no lives: then nothing is known of any process. */
  known = false;
  private readonly exits = new Map<number, number>();
  private readonly starts = new Map<number, number>();
  /** A start from here on may have been lost. */
  private lostFromNs = Number.POSITIVE_INFINITY;
  private limit = MOST_EXITS;

  /** `holders` returns the processes that hold something now. */
  take(timeNs: number, { rows, lostRows }: Lives, holders: () => ReadonlySet<number>): void {
    this.known = true;
    if (lostRows > 0) this.lostFromNs = Math.min(this.lostFromNs, rows.length === 0 ? timeNs : timeNs - rows[0].agoNs);
    for (const { agoNs, what, pid } of rows) {
      const atNs = timeNs - agoNs;
      // An exit may be told twice, and rows of two CPUs may come in any order.
      if (what === 'exit') this.exits.set(pid, Math.max(atNs, this.exits.get(pid) ?? 0));
      else if (what === 'start' && this.exits.has(pid)) this.starts.set(pid, Math.max(atNs, this.starts.get(pid) ?? 0));
    }
    if (this.exits.size > this.limit) this.forget(timeNs, holders());
  }

  /** True if the process that took memory at a time is known to have ended. */
  isGone(pid: number, timeNs: number): boolean {
    const exitNs = this.exits.get(pid);
    if (exitNs === undefined) return false;
    if (timeNs <= exitNs) return true;
    // Taken behind the last exit: on its way out, or by another process with the same number.
    const startNs = this.starts.get(pid) ?? -1;
    return startNs <= exitNs && timeNs < this.lostFromNs;
  }

  /** `holders` returns the processes that hold something now; nothing is asked of the others. */
  save(holders: () => ReadonlySet<number>): SavedLives | null {
    if (!this.known) return null;
    const asked = holders();
    const rows: number[] = [];
    for (const [pid, exitNs] of this.exits) if (asked.has(pid)) rows.push(pid, exitNs, this.starts.get(pid) ?? -1);
    return { rows, lostFromNs: Number.isFinite(this.lostFromNs) ? this.lostFromNs : null };
  }

  /** Returns false if this is no result of save(). */
  restore({ rows, lostFromNs }: SavedLives): boolean {
    if (!Array.isArray(rows) || rows.length % 3 !== 0 || !rows.every(Number.isFinite)) return false;
    this.known = true;
    this.lostFromNs = typeof lostFromNs === 'number' ? lostFromNs : Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows.length; i += 3) {
      this.exits.set(rows[i], rows[i + 1]);
      if (rows[i + 2] >= 0) this.starts.set(rows[i], rows[i + 2]);
    }
    return true;
  }

  private forget(nowNs: number, holders: ReadonlySet<number>): void {
    for (const [pid, exitNs] of this.exits) {
      if (holders.has(pid) || exitNs > nowNs - LATE_NS) continue;
      this.exits.delete(pid);
      this.starts.delete(pid);
    }
    // Many processes that hold something are no reason to look again at each row.
    this.limit = Math.max(MOST_EXITS, this.exits.size * 2);
  }
}
