/** Looks of a recording for `unfreed triage`: those that it carries, or else its samples of the kernel's counters. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import { TraceTally } from '../../event/trace-tally.js';
import type { Look } from '../../proc/look.js';
import { isRecordingFile } from '../../recording/files/recording-file.js';
import { isRecording } from '../../recording/format/chunk-header.js';
import { openTrace } from '../../recording/open.js';
import { RecordedLooks } from '../../session/look/recorded-looks.js';
import { readingWarnings, readToEnd } from './load-trace.js';

/** Bytes whose content tells what is in a gzipped file. */
const HEAD_BYTES = 4096;

/** True for a recording, gzipped or not, by its first bytes. False for what cannot be read: reading it says why. */
export function holdsRecording(path: string): boolean {
  if (isRecordingFile(path)) return true;
  const head = new Uint8Array(HEAD_BYTES);
  try {
    if (!statSync(path).isFile()) return false;
    const fd = openSync(path, 'r');
    try {
      const length = readSync(fd, head);
      // The head alone is no whole gzip file.
      const unpacked = gunzipSync(head.subarray(0, length), { finishFlush: constants.Z_SYNC_FLUSH });
      return isRecording(unpacked);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** Reads a recording to its end, for its last samples. Throws a UserError if it cannot be read, or shows nothing of memory. */
export async function looksOfRecording(path: string): Promise<Look[]> {
  const recorded = new RecordedLooks();
  const tally = new TraceTally(recorded);
  const recording = await openTrace(path, tally, new TraceDictionary(), { thread: false });
  await readToEnd(path, recording, () => tally.eventCount);
  for (const line of readingWarnings(path, recording, tally.ended)) process.stderr.write(`${safeText(line)}\n`);
  const looks = recorded.looks(path);
  if (looks.length > 0) return looks;
  throw new UserError(
    `${path} has no look at the machine, and no samples of /proc/meminfo: there is nothing to judge`,
    [`What it traced: unfreed top ${path}`],
  );
}
