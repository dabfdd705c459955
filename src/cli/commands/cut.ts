import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { Cutter } from '../../recording/rewrite/cutter.js';
import { formatMoment } from '../../recording/trace/damage-text.js';
import type { CutFlags } from '../options/flags.js';
import { readingWarnings } from '../traces/load-trace.js';
import { rewriteRecording } from '../traces/rewrite-recording.js';

/** Copies the part of a recording between two moments into a new recording. */
export async function runCut(file: string, flags: CutFlags): Promise<void> {
  const { from: fromNs, to } = flags;
  if (fromNs >= to) throw new UserError('--from is not before --to', [], { usage: true });
  let cutter: Cutter | null = null;
  const { recording, tally, bytes } = await rewriteRecording(file, flags, {
    stage: (source) => (cutter = new Cutter(source, { fromNs, toNs: Math.min(to, Number.MAX_SAFE_INTEGER) })),
    isDone: () => cutter?.isDone === true,
    finish: (rewritten) => {
      if (rewritten.tally.eventCount > 0 || rewritten.tally.heldRows > 0) return;
      const lastNs = cutter?.lastTimeNs ?? 0;
      const span = `from ${formatMoment(fromNs)} ${Number.isFinite(to) ? `to ${formatMoment(to)}` : 'on'}`;
      throw new UserError(`${file} has no events ${span}`, [`it was read up to ${formatMoment(lastNs)}`]);
    },
  });
  const lines = [
    ...readingWarnings(file, recording, null),
    `wrote ${flags.output}, ${formatBytes(bytes)}: ${formatCount(tally.eventCount)} events in ` +
      `${formatDuration(tally.ended?.timeNs ?? 0)}, from ${formatMoment(fromNs)} of ${file}`,
    `  unfreed replay ${flags.output}`,
  ];
  for (const line of lines) process.stderr.write(`${safeText(line)}\n`);
}
