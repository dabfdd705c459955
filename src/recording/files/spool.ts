/**
 * Spool: a file in the temporary directory that has no name, to put something in that can be read only once. It is
 * nobody else's business (mode 0600) and goes with the process, however that ends: its name is taken away before
 * anything is written.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../../base/format.js';

/** Of what is free in the directory, others need some too: it may be memory (tmpfs), or the only disk. */
const MOST_OF_FREE = 0.5;

export class Spool {
  /** Its length. */
  bytes = 0;
  private readonly limitBytes: number;
  private fd: number;

  private constructor(fd: number, limitBytes: number) {
    this.fd = fd;
    this.limitBytes = limitBytes;
  }

  /** Without a limit it takes half of what is free. Throws the system's error when it cannot be made. */
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

  /** Throws when there is no room for it: then part of it may have been written. */
  append(bytes: Uint8Array): void {
    if (this.bytes + bytes.length > this.limitBytes) {
      throw new Error(`it would take more than ${formatBytes(this.limitBytes)}, half of what was free`);
    }
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
    this.bytes += bytes.length;
  }

  /** Fills the buffer with what lies at a place, as far as there is something. */
  readAt(buffer: Uint8Array, position: number): number {
    return readSync(this.fd, buffer, 0, buffer.length, position);
  }

  /** Its room on the disk is free again. */
  close(): void {
    if (this.fd < 0) return;
    closeSync(this.fd);
    this.fd = -1;
  }
}
