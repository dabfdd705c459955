/**
 * Spool: a file without a name in the temporary directory, for the copy of an input that can be
 * read only once. Only its owner can read it (mode 0600), and it disappears with the process,
 * however that ends: its name is removed before anything is written.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../../base/format.js';

/**
 * Share of the free space that it may take. Others need some too: the directory may be memory
 * (tmpfs), or on the only disk.
 */
const MOST_OF_FREE = 0.5;

export class Spool {
  /** Its length in bytes. */
  bytes = 0;
  private readonly limitBytes: number;
  private fd: number;

  private constructor(fd: number, limitBytes: number) {
    this.fd = fd;
    this.limitBytes = limitBytes;
  }

  /**
   * Without a limit it takes at most half of the free space. Throws the system's error if it cannot
   * be made.
   */
  static open(directory: string, limitBytes?: number): Spool {
    const path = join(directory, `unfreed-${randomBytes(8).toString('hex')}`);
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      unlinkSync(path);
      const { bavail, bsize } = statfsSync(directory);
      return new Spool(fd, limitBytes ?? bavail * bsize * MOST_OF_FREE);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Throws if there is no room for all bytes: some may have been written then. */
  append(bytes: Uint8Array): void {
    if (this.bytes + bytes.length > this.limitBytes) {
      throw new Error(`it would take more than ${formatBytes(this.limitBytes)}, half of what was free`);
    }
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
    this.bytes += bytes.length;
  }

  /** Reads into the buffer from a place, and returns the number of bytes; 0 at the end. */
  readAt(buffer: Uint8Array, position: number): number {
    return readSync(this.fd, buffer, 0, buffer.length, position);
  }

  /** Closes it and so frees its disk space. */
  close(): void {
    if (this.fd < 0) return;
    closeSync(this.fd);
    this.fd = -1;
  }
}
