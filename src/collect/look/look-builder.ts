/**
 * LookBuilder: what a look has so far, and the time that is left for it. Times are of a clock that
 * the caller gives, in ms.
 */
import { setImmediate as immediate } from 'node:timers/promises';
import type { NotRead } from '../../proc/look.js';
import { type LookTable, tableText } from '../../proc/look-tables.js';
import { readWhole } from './kernel-files.js';

/** Other work gets its turn at least this often. */
const SLICE_MS = 8;
const TEXT_LIMIT = 64 << 20;

export class LookBuilder {
  readonly texts = new Map<string, string>();
  readonly notRead: NotRead[] = [];
  readonly root: boolean;
  /** Names of cards, addresses and tools that are missing are not errors: they are looked for once. */
  private readonly now: () => number;
  private readonly end: number;
  private sliceEnd: number;

  constructor(options: { now: () => number; deadlineMs: number; root: boolean }) {
    this.now = options.now;
    this.root = options.root;
    this.end = options.now() + options.deadlineMs;
    this.sliceEnd = options.now() + SLICE_MS;
  }

  /** Lets other work run if this slice is over. Must be called in every loop over files. */
  async pause(): Promise<void> {
    if (this.now() < this.sliceEnd) return;
    await immediate();
    this.sliceEnd = this.now() + SLICE_MS;
  }

  /** True if pause() would let other work run: a loop over a hundred thousand files asks this first, and need not wait. */
  isDue(): boolean {
    return this.now() >= this.sliceEnd;
  }

  /** True if the time is over, or `share` of it (0 to 1) for a walk that started at `from`. */
  isOver(from?: number, share = 1): boolean {
    const now = this.now();
    return now >= this.end || (from !== undefined && now - from >= (this.end - from) * share);
  }

  time(): number {
    return this.now();
  }

  /** Keeps a file as it is, under its path without the first slash. Returns its text. */
  keep(path: string, limit = TEXT_LIMIT): string | null {
    const { text, why } = readWhole(path, limit);
    if (text === null) this.miss(path.slice(1), why);
    else this.texts.set(path.slice(1), text);
    return text;
  }

  /** Keeps a file if this kernel has it; that one is not there says nothing. */
  keepIfThere(path: string, limit = TEXT_LIMIT): string | null {
    const { text, why } = readWhole(path, limit);
    if (text !== null) this.texts.set(path.slice(1), text);
    else if (why !== 'not in this kernel') this.miss(path.slice(1), why);
    return text;
  }

  table(name: LookTable, rows: Iterable<readonly (string | number | null)[]>): void {
    this.texts.set(name, tableText(name, rows));
  }

  /** Notes once for each text that it could not be read. */
  miss(what: string, why: string): void {
    if (!this.notRead.some((each) => each.what === what)) this.notRead.push({ what, why });
  }
}
