import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { Repairer } from '../../recording/repairer.js';
import { type CopyFlags, copyRecording } from '../copy.js';
import { readingWarnings } from '../gather.js';

/** Copies all that can be read of a damaged recording, and says what is lost. */
export async function runRepair(file: string, flags: CopyFlags): Promise<void> {
  const copied = await copyRecording(file, flags, {
    salvage: true,
    stage: (source, damages) => new Repairer(source, damages),
  });
  const { recording, tally, bytes } = copied;
  const warnings = readingWarnings(file, recording, tally.ended);
  const lines = [
    ...(warnings.length === 0 ? [`${file} is whole: nothing was lost`] : warnings),
    `wrote ${flags.output}, ${formatBytes(bytes)}: ${formatCount(tally.eventCount)} events in ` +
      `${formatDuration(tally.ended?.timeNs ?? 0)}, ${formatCount(tally.lostEvents)} lost`,
    `  unfreed replay ${flags.output}`,
  ];
  for (const line of lines) process.stderr.write(`${safeText(line)}\n`);
}
