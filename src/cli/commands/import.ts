import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { isDumpFormat } from '../../recording/trace/dump-reader.js';
import type { ImportFlags } from '../options/flags.js';
import { readingWarnings } from '../traces/load-trace.js';
import { type Rewritten, rewriteRecording } from '../traces/rewrite-recording.js';
import { partError } from '../traces/whole-read.js';

/** Turns another tool's text, or the collector's raw stream, into a recording. */
export async function runImport(file: string, flags: ImportFlags): Promise<void> {
  const rewritten = await rewriteRecording(file, flags, {
    userFrames: flags.userFrames,
    pageSize: flags.pageSize,
    check: ({ content }) => {
      if (content.format !== 'unfreed' || content.gzipped) return;
      throw new UserError(`${file} is a recording already`, [`unfreed replay ${file}`]);
    },
    finish: ({ tally, recording }) => {
      if (tally.eventCount > 0 || tally.heldRows > 0) return;
      const notes = recording.importSummary()?.notes ?? [];
      throw new UserError(`${file} holds no events: nothing was written`, [
        ...notes,
        ...(partError(file, recording)?.nextSteps ?? []),
      ]);
    },
  });
  for (const line of importSummary(file, flags.output, rewritten)) process.stderr.write(`${safeText(line)}\n`);
  const { problems = [] } = rewritten.recording.importSummary() ?? {};
  const error = problems.length === 0 ? null : partError(file, rewritten.recording);
  if (error !== null) throw error;
}

function importSummary(file: string, output: string, { recording, tally, bytes }: Rewritten): string[] {
  const { format, gzipped } = recording.content;
  const summary = recording.importSummary();
  const lines = summary === null || summary.lines === 0 ? '' : `${formatCount(summary.lines)} lines, `;
  const lost = tally.lostEvents === 0 ? 'none lost' : `${formatCount(tally.lostEvents)} LOST`;
  const isDump = isDumpFormat(format);
  const found = isDump
    ? `${formatCount(tally.heldRows)} ${format === 'page_owner' ? 'allocations' : 'sums'} of what was held, no events`
    : `${formatCount(tally.eventCount)} events in ${formatDuration(tally.ended?.timeNs ?? 0)}, ${lost}`;
  const [units, unit] = isDump
    ? [tally.heldRows, format === 'page_owner' ? 'an allocation' : 'a sum']
    : [tally.eventCount, 'an event'];
  return [
    `read ${formatBytes(recording.bytesRead)} of ${format}${gzipped ? ', gzipped' : ''}: ${lines}${found}`,
    ...(summary?.notes ?? []).map((note) => `  ${note}`),
    ...(summary === null || summary.firstBadLine === '' ? [] : [`  the first: ${summary.firstBadLine.slice(0, 200)}`]),
    ...readingWarnings(file, recording, tally.ended),
    `wrote ${output}, ${formatBytes(bytes)}, ${(bytes / units).toFixed(1)} bytes ${unit}`,
    `  unfreed replay ${output}`,
  ];
}
