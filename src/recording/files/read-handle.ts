/**
 * ReadHandle: reads a file, pipe or stdin from front to back. Node has no FileHandle for stdin, and
 * opening /dev/stdin fails if it is a socket, which a Node parent gives its children.
 */
import { close, constants, fstat, open, read, readlink, readSync, type Stats, stat } from 'node:fs';
import { promisify } from 'node:util';
import { systemErrorCode } from '../../base/system-errors.js';
import { examine, RECOGNISED_BYTES, type Recognised, recogniseMagic, SEARCHED_BYTES } from '../../decode/recognise.js';
import { FILE_HEADER_BYTES } from '../format/chunk-header.js';
import { isText } from './unsupported-input.js';

/** A source of bytes that is read from front to back. */
export interface ByteSource {
  /** Bytes taken from the file or pipe so far. */
  readonly bytesRead: number;
  /**
   * Reads into buffer[offset..) as many bytes as are there, and resolves to their number; 0 = the
   * end. One call at a time.
   */
  read(buffer: Uint8Array, offset?: number): Promise<number>;
  /** Closes it, after the running read if there is one. */
  close(): void;
}

const STDIN = 0;
/**
 * Time between two reads of a pipe that is empty, after RETRIES_AT_ONCE reads without a wait: most
 * producers are only a moment behind.
 */
const RETRY_MS = 5;
const RETRIES_AT_ONCE = 50;
/** How long a pipe with a name may have no writer before the first: scripts start reader and writer in any order. */
const WRITER_WAIT_MS = 10_000;
/**
 * Opening a pipe for reading waits for a writer unless it must not block (fifo(7)), and keeps a
 * thread of Node, and so the process, from ending meanwhile. A device may wait for its line.
 */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

export class ReadHandle implements ByteSource {
  bytesRead = 0;
  private readonly fd: number;
  private readonly isOwn: boolean;
  private reading = false;
  private closing = false;
  /** For a pipe with a name that nobody may have opened for writing yet: how long to wait, ms; else 0. */
  private writerWaitMs = 0;

  private constructor(fd: number, isOwn = true) {
    this.fd = fd;
    this.isOwn = isOwn;
  }

  /**
   * Opens a file or pipe; '-' is stdin. Rejects with the system's error. Opening never waits; the
   * first read of a pipe with a name waits for its writer, `writerWaitMs` at most.
   */
  static async open(path: string, writerWaitMs = WRITER_WAIT_MS): Promise<ReadHandle> {
    if (path === '-') return new ReadHandle(await unblocked(STDIN));
    const fd = await promisify(open)(path, READ_FLAGS);
    const handle = new ReadHandle(fd);
    if (await isNamedPipe(fd)) handle.writerWaitMs = writerWaitMs;
    return handle;
  }

  /** Opens a regular file; returns null for anything else, or if it cannot be opened. */
  static async openFile(path: string): Promise<ReadHandle | null> {
    // A pipe must not even be opened: its writer would start, and find its reader gone.
    const isFile = await promisify(stat)(path).then(
      (found) => found.isFile(),
      () => false,
    );
    const fd = isFile ? await promisify(open)(path, READ_FLAGS).catch(() => -1) : -1;
    if (fd < 0) return null;
    const handle = new ReadHandle(fd);
    if ((await handle.stat()).isFile()) return handle;
    handle.close();
    return null;
  }

  /** Returns a handle on a descriptor that another thread has opened and will close. */
  static borrow(descriptor: number): ReadHandle {
    return new ReadHandle(descriptor, false);
  }

  /** File descriptor; all threads of this process may read by it while the handle is open. */
  get descriptor(): number {
    return this.fd;
  }

  stat(): Promise<Stats> {
    return promisify(fstat)(this.fd);
  }

  read(buffer: Uint8Array, offset = 0): Promise<number> {
    return this.fill(buffer, offset, null);
  }

  /** Reads into the buffer from a place in a file, and resolves to the number of bytes; 0 = the end. */
  readAt(buffer: Uint8Array, position: number): Promise<number> {
    return this.isOwn ? this.fill(buffer, 0, position) : this.readNow(buffer, position);
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (!this.reading) this.release();
  }

  /** The thread that borrows a file has nothing else to do meanwhile, and the thread pool costs time. */
  private async readNow(buffer: Uint8Array, position: number): Promise<number> {
    const length = readSync(this.fd, buffer, 0, buffer.length, position);
    this.bytesRead += length;
    return length;
  }

  private async fill(buffer: Uint8Array, offset: number, position: number | null): Promise<number> {
    this.reading = true;
    const startMs = performance.now();
    let retries = 0;
    try {
      while (!this.closing) {
        try {
          const { bytesRead } = await promisify(read)(this.fd, buffer, offset, buffer.length - offset, position);
          this.bytesRead += bytesRead;
          // A pipe that nobody has opened for writing yet reads as one that is at its end.
          if (bytesRead > 0 || this.writerWaitMs === 0) {
            this.writerWaitMs = 0;
            return bytesRead;
          }
          if (performance.now() - startMs >= this.writerWaitMs) throw new Error('the pipe has no writer');
        } catch (error) {
          if (systemErrorCode(error) !== 'EAGAIN') throw error;
          // There is a writer.
          this.writerWaitMs = 0;
        }
        await new Promise((resolve) => {
          if (retries++ < RETRIES_AT_ONCE && this.writerWaitMs === 0) setImmediate(resolve);
          else setTimeout(resolve, RETRY_MS);
        });
      }
      return 0;
    } finally {
      this.reading = false;
      if (this.closing) this.release();
    }
  }

  private release(): void {
    // The file was only read, so a close that fails loses nothing.
    if (this.isOwn && this.fd !== STDIN) close(this.fd, () => undefined);
  }
}

/** True for a pipe with a name (mkfifo), of which there may be no writer yet; a shell's pipe has one from its start. */
async function isNamedPipe(fd: number): Promise<boolean> {
  if (!(await promisify(fstat)(fd)).isFIFO()) return false;
  const target = await promisify(readlink)(`/proc/self/fd/${fd}`).catch(() => '');
  return !target.startsWith('pipe:');
}

/**
 * Opens a pipe again, without blocking, and returns the new descriptor: a read that waits for a
 * silent producer could not be cancelled, and would keep the process from ending. Linux gives a new
 * description of the same pipe; if it does not, reads block. Returns `fd` for anything but a pipe.
 */
async function unblocked(fd: number): Promise<number> {
  const stats = await promisify(fstat)(fd);
  if (!stats.isFIFO()) return fd;
  try {
    return await promisify(open)(`/proc/self/fd/${fd}`, READ_FLAGS);
  } catch {
    return fd;
  }
}

/** Bytes of one read. */
const HEAD_BYTES = 1 << 18;

/** The first bytes of a source. */
export interface Head {
  head: Uint8Array;
  /** What examine() returns for these bytes. */
  recognised: Recognised;
}

/**
 * Returns the first bytes: FILE_HEADER_BYTES or more if they hold a magic, else RECOGNISED_BYTES or
 * more, and up to SEARCHED_BYTES of a text in which no event has come; fewer if the source has fewer.
 */
export async function readHead(source: ByteSource): Promise<Head> {
  const first = await readUpTo(source, new Uint8Array(HEAD_BYTES), { from: 0, wanted: RECOGNISED_BYTES });
  const recognised = examine(first);
  if (first.length < RECOGNISED_BYTES || recognised.format !== 'unknown' || !isText(first)) {
    return { head: first, recognised };
  }
  const longer = new Uint8Array(SEARCHED_BYTES + HEAD_BYTES);
  longer.set(first);
  const head = await readUpTo(source, longer, { from: first.length, wanted: SEARCHED_BYTES });
  return { head, recognised: examine(head) };
}

/** Reads until `wanted` bytes are in the buffer, or it shows a magic, or the source ends. Returns what is in it. */
async function readUpTo(
  source: ByteSource,
  buffer: Uint8Array,
  { from, wanted }: { from: number; wanted: number },
): Promise<Uint8Array> {
  let length = from;
  while (length < wanted) {
    const bytesRead = await source.read(buffer, length);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length >= FILE_HEADER_BYTES && recogniseMagic(buffer.subarray(0, length)) !== 'unknown') break;
  }
  return buffer.subarray(0, length);
}
