/**
 * NewFile: a file being written, readable by its owner alone (mode 0600), because recordings and
 * exports hold kernel addresses and process names. The name of an older file is taken by renaming:
 * until then the older one is whole, and whoever has it open, or has a link to it, keeps it.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode } from '../../base/system-errors.js';
import { cannotWrite } from './output-path.js';

/** Longest file name of Linux's file systems, bytes (NAME_MAX in linux/limits.h). */
const NAME_MAX = 255;
const SUFFIX_BYTES = '.unfreed-'.length + 12 + '.tmp'.length;

export class NewFile {
  readonly path: string;
  /** Its descriptor; -1 once it is closed. */
  fd: number;
  /** Where it is now: at `path`, or beside it under a temporary name; '' once it is discarded. */
  private at: string;

  private constructor(path: string, at: string, fd: number) {
    this.path = path;
    this.at = at;
    this.fd = fd;
  }

  /** Makes a file at a name that nothing bears. Throws the system's error: EEXIST if something does. */
  static make(path: string): NewFile {
    return new NewFile(path, path, openNew(path));
  }

  /** Makes a file beside `path`, which takes that name in place(). Throws a UserError if it cannot be made. */
  static makeBeside(path: string): NewFile {
    const random = `.unfreed-${randomBytes(6).toString('hex')}.tmp`;
    const name = Buffer.from(basename(path))
      .subarray(0, NAME_MAX - SUFFIX_BYTES - 1)
      .toString('latin1');
    const at = join(dirname(path), `.${name.replaceAll(/[^\x21-\x7e]/g, '_')}${random}`);
    try {
      return new NewFile(path, at, openNew(at));
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Takes over a file that is open for writing. */
  static adopt(path: string, fd: number): NewFile {
    return new NewFile(path, path, fd);
  }

  /** True until place(), if it was made beside the name that it will have. */
  get isUnplaced(): boolean {
    return this.at !== this.path;
  }

  /** Throws the system's error. */
  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done, bytes.length - done);
  }

  /** Gives it its name, in place of a file that bears it. Does nothing a second time. Throws the system's error. */
  place(): void {
    if (this.at === '' || !this.isUnplaced) return;
    renameSync(this.at, this.path);
    this.at = this.path;
  }

  /** Like place(), but throws EEXIST if something bears the name by now. */
  placeNew(): void {
    if (this.at === '' || !this.isUnplaced) return;
    try {
      linkSync(this.at, this.path);
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') throw error;
      // This file system has no hard links.
      return this.place();
    }
    const before = this.at;
    this.at = this.path;
    rmSync(before, { force: true });
  }

  /** Waits for the disk. Throws the system's error. */
  sync(): void {
    try {
      fsyncSync(this.fd);
    } catch (error) {
      // EINVAL: this file system cannot sync; that matters only in a power cut.
      if (systemErrorCode(error) !== 'EINVAL') throw error;
    }
  }

  close(): void {
    const { fd } = this;
    this.fd = -1;
    if (fd < 0) return;
    try {
      closeSync(fd);
    } catch {
      // sync() has reported any error already.
    }
  }

  /** Closes and deletes it; a file that it was to replace stays. Does nothing if that fails, or a second time. */
  discard(): void {
    this.close();
    const { at } = this;
    this.at = '';
    if (at === '') return;
    try {
      rmSync(at, { force: true });
    } catch {
      // For example a disk that failed.
    }
  }
}

function openNew(path: string): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
}
