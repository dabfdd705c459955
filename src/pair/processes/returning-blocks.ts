/**
 * ReturningBlocks: heap blocks that a realloc() has freed and may have to give back, because it may fail. The most recent
 * ones are kept: by the time another MOST realloc() have begun, a call has returned or it will be a free for good.
 */

/** Calls of realloc() that may be under way at the same time: more than a machine has threads in it. */
const MOST = 4096;
/** Words of a block: key (high, low), row of its call path, size, word PID, word NAMES. */
const WORDS = 6;

export interface ReturnedBlock {
  path: number;
  size: number;
  pid: number;
  names: number;
  /** When it was allocated, and when it was freed, ns. */
  timeNs: number;
  freedNs: number;
}

export class ReturningBlocks {
  private readonly words = new Int32Array(MOST * WORDS);
  private readonly times = new Float64Array(MOST * 2);
  private next = 0;

  /** A block was freed. Words are signed, as in a LiveTable. */
  note(hi: number, lo: number, block: ReturnedBlock): void {
    const at = this.next;
    this.words.set([hi, lo, block.path, block.size, block.pid, block.names], at * WORDS);
    this.times[at * 2] = block.timeNs;
    this.times[at * 2 + 1] = block.freedNs;
    this.next = (at + 1) % MOST;
  }

  /** Takes out the block of this key that was freed last, and forgets those before it; null if none is known. */
  take(hi: number, lo: number): ReturnedBlock | null {
    const { words, times } = this;
    let last: ReturnedBlock | null = null;
    for (let i = 1; i <= MOST; i++) {
      const at = (this.next + MOST - i) % MOST;
      const word = at * WORDS;
      const path = words[word + 2];
      if (path === 0 || words[word] !== hi || words[word + 1] !== lo) continue;
      words[word + 2] = 0;
      const [size, pid, names] = words.subarray(word + 3, word + 6);
      last ??= { path, size, pid, names, timeNs: times[at * 2], freedNs: times[at * 2 + 1] };
    }
    return last;
  }

  /** Forgets the blocks of a process: it has ended. */
  forget(process: number): void {
    for (let word = 0; word < this.words.length; word += WORDS) {
      if (this.words[word] >>> 16 === process) this.words[word + 2] = 0;
    }
  }

  /** Returns what is kept as plain data, the oldest first; 0 in the place of a block that was taken out. */
  save(): unknown {
    const saved: (number[] | 0)[] = [];
    for (let i = 0; i < MOST; i++) {
      const at = (this.next + i) % MOST;
      const words = this.words.subarray(at * WORDS, (at + 1) * WORDS);
      if (words[2] !== 0) saved.push([...words, this.times[at * 2], this.times[at * 2 + 1]]);
      else if (saved.length > 0) saved.push(0);
    }
    return saved;
  }

  /** Returns the blocks of save(), which may have gone through JSON; null if `saved` cannot be that. `isPath` knows rows of the heap. */
  static restore(saved: unknown, isPath: (path: number) => boolean): ReturningBlocks | null {
    if (!Array.isArray(saved) || saved.length > MOST) return null;
    const blocks = new ReturningBlocks();
    for (const each of saved as unknown[]) {
      if (each === 0) {
        blocks.next = (blocks.next + 1) % MOST;
        continue;
      }
      if (!Array.isArray(each) || each.length !== WORDS + 2) return null;
      const [hi, lo, path, size, pid, names, timeNs, freedNs] = each as unknown[];
      const words = [hi, lo, path, size, pid, names];
      if (!words.every(isWord) || !((path as number) > 0 && isPath(path as number))) return null;
      if (typeof timeNs !== 'number' || typeof freedNs !== 'number') return null;
      const [block, key] = [{ path, size, pid, names, timeNs, freedNs } as ReturnedBlock, [hi, lo] as number[]];
      blocks.note(key[0], key[1], block);
    }
    return blocks;
  }
}

function isWord(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0);
}
