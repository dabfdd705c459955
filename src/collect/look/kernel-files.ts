/**
 * Files of /proc and /sys, read synchronously: one takes some microseconds, a promise takes longer
 * than that. Callers read in slices (look-builder.ts, pause()).
 */
import { closeSync, openSync, readdirSync, readlinkSync, readSync, type Stats, statSync } from 'node:fs';

/** Every short file is read into the same bytes. */
const shared = Buffer.allocUnsafe(65_536);

/** Returns the text of a file, at most 64 KiB; null if it cannot be read. */
export function readShort(path: string): string | null {
  try {
    const file = openSync(path, 'r');
    try {
      let length = 0;
      // A file of /proc may give less than is there: it ends with a read of nothing.
      for (;;) {
        const count = readSync(file, shared, length, shared.length - length, null);
        length += count;
        if (count === 0 || length === shared.length || isWhole(length)) break;
      }
      return shared.toString('utf8', 0, length);
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

const NEWLINE = 0x0a;

/**
 * Returns the number that is the whole of a file: memory.current, memory.max. Null if it cannot be read, is 'max', or
 * no number that can be counted with. For files that are read a hundred thousand times: no text is made of it.
 */
export function readNumber(path: string): number | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const length = readSync(file, shared, 0, 64, null);
    let value = 0;
    for (let at = 0; at < length; at++) {
      const byte = shared[at];
      if (byte === NEWLINE) return at > 0 && Number.isSafeInteger(value) ? value : null;
      if (byte < 0x30 || byte > 0x39) return null;
      value = value * 10 + byte - 0x30;
    }
    return length > 0 && Number.isSafeInteger(value) ? value : null;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

/** A first read that gives less than a page has given all: seq_file starts with a buffer of a page. */
function isWhole(length: number): boolean {
  return length > 0 && length < 3072;
}

export type ReadText = { text: string; why: null } | { text: null; why: string };

/**
 * Returns the text of a file of any length, cut at a line once it is longer than `limit`; or why it
 * could not be read, in the words of a look.
 */
export function readWhole(path: string, limit: number): ReadText {
  try {
    const file = openSync(path, 'r');
    try {
      const full: Buffer[] = [];
      let length = 0;
      // A file of /proc may give less than is asked for; it ends with a read of nothing.
      for (;;) {
        const count = readSync(file, shared, length, shared.length - length, null);
        length += count;
        const isFull = length === shared.length;
        if (isFull) {
          full.push(Buffer.from(shared));
          length = 0;
        }
        if (count === 0 || full.length * shared.length > limit) break;
      }
      const text = Buffer.concat([...full, shared.subarray(0, length)]).toString('utf8');
      return { text: text.length > limit ? text.slice(0, text.lastIndexOf('\n', limit) + 1) : text, why: null };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { text: null, why: whyNot(error) };
  }
}

/**
 * Yields how many line ends each further 64 KiB of a file have: of a text that is too long to be kept, or to be read at
 * once. Ends early if the file cannot be read any more.
 */
export function* countLines(path: string): Generator<number> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return;
  }
  const bytes = Buffer.allocUnsafe(65_536);
  try {
    for (;;) {
      const length = readSync(file, bytes, 0, bytes.length, null);
      if (length === 0) return;
      let lines = 0;
      for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < length; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
      yield lines;
    }
  } catch {
    // The process has ended.
  } finally {
    closeSync(file);
  }
}

/** Yields the text of a file in pieces of at most 64 KiB. Throws what the system says if it cannot be read. */
export function* textPieces(path: string): Generator<string> {
  const file = openSync(path, 'r');
  const bytes = Buffer.allocUnsafe(65_536);
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const length = readSync(file, bytes, 0, bytes.length, null);
      if (length === 0) return;
      yield decoder.decode(bytes.subarray(0, length), { stream: true });
    }
  } finally {
    closeSync(file);
  }
}

/** Returns the reason of a failure to read: 'root only', 'not in this kernel', or the error's code. */
export function whyNot(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'EACCES' || code === 'EPERM') return process.geteuid?.() === 0 ? 'forbidden here' : 'root only';
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EOPNOTSUPP' || code === 'ENODEV'
    ? 'not in this kernel'
    : code.toLowerCase() || 'unreadable';
}

/** Returns the names in a folder; null if it cannot be read. */
export function namesIn(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

/** Returns the names of the folders in a folder; none if it cannot be read. */
export function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Returns where a link leads; null if it cannot be read. */
export function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Returns how many links a folder has; null if it cannot be told. */
export function linksOf(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.nlink ?? null;
  } catch {
    return null;
  }
}

/** Returns what stat() says; null if it fails. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
