/**
 * ImageTable: the files of code that frames of processes are relative to, by their number. At most 65,536, and 16 Mi
 * characters of paths: what comes beyond that has no path.
 */
import type { TracedImage } from '../../event/process-facts.js';

const MOST_KEPT = 65_536;
const MOST_TEXT = 2 ** 24;
const MOST_NUMBER = 2 ** 22 - 1;

export class ImageTable {
  private readonly byNumber = new Map<number, TracedImage>();
  private textLength = 0;

  get size(): number {
    return this.byNumber.size;
  }

  /** Untrusted texts. Null: it is not known. */
  get(number: number): TracedImage | null {
    return this.byNumber.get(number) ?? null;
  }

  all(): TracedImage[] {
    return [...this.byNumber.values()];
  }

  /** Takes a fact. Numbers are never used again, so the latest one of a number has the same file. */
  take({ number, buildId, path }: TracedImage): void {
    if (!Number.isInteger(number) || number < 1 || number > MOST_NUMBER) return;
    const known = this.byNumber.get(number);
    if (known === undefined && this.byNumber.size >= MOST_KEPT) return;
    this.textLength -= known?.path.length ?? 0;
    const has = this.textLength + path.length <= MOST_TEXT;
    if (has) this.textLength += path.length;
    this.byNumber.set(number, { number, buildId, path: has ? path : '' });
  }

  /** About the bytes of save() as JSON. */
  get savedBytes(): number {
    return this.byNumber.size * 90 + this.textLength;
  }

  /** Returns the table as plain data. */
  save(): unknown {
    return this.all();
  }

  /** Returns the table of save(), which may have gone through JSON; null if `saved` cannot be one. */
  static restore(saved: unknown): ImageTable | null {
    if (!Array.isArray(saved) || saved.length > MOST_KEPT) return null;
    const table = new ImageTable();
    for (const each of saved as unknown[]) {
      const { number, buildId, path } = (typeof each === 'object' && each !== null ? each : {}) as Partial<TracedImage>;
      if (typeof number !== 'number' || typeof buildId !== 'string' || typeof path !== 'string') return null;
      table.take({ number, buildId, path });
      if (table.get(number)?.path !== path) return null;
    }
    return table.size === saved.length ? table : null;
  }
}
