/**
 * ReadHandle: a file, pipe or stdin that is read from front to back. Node's FileHandle cannot be had for stdin, and
 * opening /dev/stdin fails when it is a socket, which is what a Node parent gives its children.
 */
import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { systemErrorCode } from './system-errors.js';

/** Bytes from front to back. */
export interface ByteSource {
  /** Bytes taken from the file or pipe so far. */
  readonly bytesRead: number;
  /** Fills buffer[offset..) as far as bytes are there; 0 = the end. One call at a time. */
  read(buffer: Uint8Array, offset?: number): Promise<number>;
  /** Closes it, after the read that is under way if there is one. */
  close(): void;
}

const STDIN = 0;
/** Between two looks at a pipe that has nothing yet, after so many at once: most producers are only a moment behind. */
const RETRY_MS = 5;
const RETRIES_AT_ONCE = 50;

export class ReadHandle implements ByteSource {
  bytesRead = 0;
  private readonly fd: number;
  private readonly isOwn: boolean;
  private reading = false;
  private closing = false;

  private constructor(fd: number, isOwn = true) {
    this.fd = fd;
    this.isOwn = isOwn;
  }

  /** '-' is stdin. Rejects with the system's error. */
  static async open(path: string): Promise<ReadHandle> {
    const fd = path === '-' ? STDIN : await promisify(open)(path, 'r');
    return new ReadHandle(await unblocked(fd));
  }

  /** A handle on a descriptor that another thread has opened and will close. */
  static borrow(descriptor: number): ReadHandle {
    return new ReadHandle(descriptor, false);
  }

  /** Of this process, whose threads may read by it as long as the handle is open. */
  get descriptor(): number {
    return this.fd;
  }

  stat(): Promise<Stats> {
    return promisify(fstat)(this.fd);
  }

  read(buffer: Uint8Array, offset = 0): Promise<number> {
    return this.fill(buffer, offset, null);
  }

  /** Fills the buffer with what lies at a place of a file. */
  readAt(buffer: Uint8Array, position: number): Promise<number> {
    return this.fill(buffer, 0, position);
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (!this.reading) this.release();
  }

  private async fill(buffer: Uint8Array, offset: number, position: number | null): Promise<number> {
    this.reading = true;
    let retries = 0;
    try {
      while (!this.closing) {
        try {
          const { bytesRead } = await promisify(read)(this.fd, buffer, offset, buffer.length - offset, position);
          this.bytesRead += bytesRead;
          return bytesRead;
        } catch (error) {
          if (systemErrorCode(error) !== 'EAGAIN') throw error;
          await new Promise((resolve) => {
            if (retries++ < RETRIES_AT_ONCE) setImmediate(resolve);
            else setTimeout(resolve, RETRY_MS);
          });
        }
      }
      return 0;
    } finally {
      this.reading = false;
      if (this.closing) this.release();
    }
  }

  private release(): void {
    // Reading only: there is nothing that a failing close could lose.
    if (this.isOwn && this.fd !== STDIN) close(this.fd, () => undefined);
  }
}

/**
 * A pipe is opened once more, without blocking: a read that waits for a silent producer could not be called off, and would
 * keep the process from ending. Linux gives a new description of the same pipe; where it does not, reads block.
 */
async function unblocked(fd: number): Promise<number> {
  const stats = await promisify(fstat)(fd);
  if (!stats.isFIFO()) return fd;
  try {
    const again = await promisify(open)(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fd !== STDIN) await promisify(close)(fd);
    return again;
  } catch {
    return fd;
  }
}
