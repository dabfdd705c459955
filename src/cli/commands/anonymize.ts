import { formatBytes } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { Anonymiser } from '../../recording/rewrite/anonymiser.js';
import type { AnonymizeFlags } from '../options/flags.js';
import { readingWarnings } from '../traces/load-trace.js';
import { rewriteRecording } from '../traces/rewrite-recording.js';

/** Writes a copy of a recording without the names of the machine and its processes. */
export async function runAnonymize(file: string, flags: AnonymizeFlags): Promise<void> {
  const { recording, tally, bytes } = await rewriteRecording(file, flags, {
    stage: (source) => new Anonymiser(source, { keep: new Set(flags.keep) }),
  });
  const lines = [...readingWarnings(file, recording, tally.ended), `wrote ${flags.output}, ${formatBytes(bytes)}`];
  for (const line of lines) process.stderr.write(`${safeText(line)}\n`);
}
