/** Lines of the kernel's log that are about memory, as 'log/kernel'. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { memoryLines } from '../../proc/log/memory-lines.js';
import { whyNot } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';

const RECORD_LIMIT = 8192;
/** The log of a kernel with a buffer of 16 MB. */
const RECORDS = 400_000;

/** /dev/kmsg gives one record a read, and EAGAIN after the last (Documentation/ABI/testing/dev-kmsg). */
export async function keepKernelLog(look: LookBuilder): Promise<void> {
  const record = Buffer.allocUnsafe(RECORD_LIMIT);
  const lines: string[] = [];
  let file: number;
  try {
    file = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    look.miss('log/kernel', whyNot(error));
    return;
  }
  try {
    for (let count = 0; count < RECORDS && !look.isOver(); count++) {
      const length = readRecord(file, record);
      if (length === 0) break;
      if (length > 0) addRecord(lines, record.toString('utf8', 0, length));
      if (count % 64 === 0) await look.pause();
    }
  } finally {
    closeSync(file);
  }
  if (lines.length === 0) look.miss('log/kernel', 'empty');
  else look.texts.set('log/kernel', memoryLines(lines.join('\n')));
}

/** Returns the length of the next record, 0 after the last, -1 for one that was overwritten. */
function readRecord(file: number, record: Buffer): number {
  try {
    return readSync(file, record, 0, RECORD_LIMIT, null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EPIPE' || code === 'EINVAL' ? -1 : 0;
  }
}

/** "6,339,5140900,-;text\n KEY=value\n": level, number, microseconds. Control characters stand as \x0a. */
function addRecord(lines: string[], record: string): void {
  const match = /^\d{1,6},\d{1,20},(\d{1,18}),[^;]{0,64};(.*)$/m.exec(record);
  if (match === null) return;
  const seconds = (Number(match[1]) / 1e6).toFixed(6);
  const text = match[2].replace(/\\x([\da-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  for (const line of text.split('\n')) lines.push(`[${seconds.padStart(12)}] ${line}`);
}
