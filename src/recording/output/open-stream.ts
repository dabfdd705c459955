/**
 * Writes to a device or a pipe by name. A pipe is opened only when somebody reads it: opening it
 * before would hold the whole process up, deaf to signals, until somebody does (fifo(7)).
 */
import { close, constants, open, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { UserError } from '../../base/errors.js';
import type { Pieces } from '../../base/pieces.js';
import { systemErrorCode } from '../../base/system-errors.js';
import { cannotWrite } from './output-path.js';

/** How long a pipe may have no reader, ms: a reader that the same script starts is there by then. */
const READER_WAIT_MS = 10_000;
/** Time between two tries, ms. */
const RETRY_MS = 5;

/** Writes all pieces. Throws a UserError when it cannot, or when nobody reads a pipe within `waitMs`. */
export async function writeStream(path: string, pieces: Pieces, waitMs = READER_WAIT_MS): Promise<void> {
  const fd = await openStream(path, waitMs);
  try {
    for (const piece of pieces) await writePiece(fd, typeof piece === 'string' ? Buffer.from(piece) : piece);
  } catch (error) {
    throw error instanceof UserError ? error : cannotWrite(path, error);
  } finally {
    close(fd, () => undefined);
  }
}

async function openStream(path: string, waitMs: number): Promise<number> {
  // Appending: the file behind a descriptor such as /dev/stderr may hold something already.
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND | constants.O_NOCTTY;
  const startMs = performance.now();
  for (;;) {
    try {
      return await promisify(open)(path, flags);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENXIO') throw cannotWrite(path, error);
      if (performance.now() - startMs >= waitMs) throw unread(path, error);
      await later();
    }
  }
}

function unread(path: string, cause: unknown): UserError {
  return new UserError(`cannot write ${path}: it has no reader`, ['start its reader first'], { cause });
}

async function writePiece(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (systemErrorCode(error) !== 'EAGAIN') throw error;
      await later();
    }
  }
}

function later(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, RETRY_MS);
  });
}
