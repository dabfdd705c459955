import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { Repairer } from '../../recording/rewrite/repairer.js';
import type { RewriteFlags } from '../options/flags.js';
import { readingWarnings } from '../traces/load-trace.js';
import { rewriteRecording } from '../traces/rewrite-recording.js';

/** Copies all that can be read of a damaged recording, and reports the losses. */
export async function runRepair(file: string, flags: RewriteFlags): Promise<void> {
  let repairer: Repairer | null = null;
  const { recording, tally, bytes } = await rewriteRecording(file, flags, {
    salvage: true,
    stage: (source, opened) => (repairer = new Repairer(source, opened)),
  });
  const warnings = readingWarnings(file, recording, endOf(repairer));
  const lines = [
    ...(warnings.length === 0 ? [`${file} is whole: nothing was lost`] : warnings),
    `wrote ${flags.output}, ${formatBytes(bytes)}: ${formatCount(tally.eventCount)} events in ` +
      `${formatDuration(tally.ended?.timeNs ?? 0)}, ${formatCount(tally.lostEvents)} lost`,
    `  unfreed replay ${flags.output}`,
  ];
  for (const line of lines) process.stderr.write(`${safeText(line)}\n`);
}

/** A function, because the compiler believes that a variable which only a callback sets is always null. */
function endOf(repairer: Repairer | null): Repairer['ended'] {
  return repairer === null ? null : repairer.ended;
}
