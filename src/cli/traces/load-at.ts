/** A recording as it stood at one moment: a time, or when most was held. */
import { statSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { safeText } from '../../base/safe-text.js';
import type { Report } from '../../rank/report/report.js';
import { formatMoment } from '../../recording/trace/damage-text.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';
import type { TextFlags, TraceFlags } from '../options/flags.js';
import type { Moment } from '../options/moment.js';
import { readRecording, refuseTextFlags, traceFor } from './load-trace.js';
import { refuseUnknownProcess } from './named-processes.js';
import { readSteps } from './read-steps.js';

/** The moment of greatest held memory is found to this, or to a 2000th of the time until then if that is more. */
const FINEST_NS = 5e6;
const FINEST_SHARE = 1 / 2000;

/** A recording or text. */
export interface Input {
  path: string;
  /** Of texts only, in bytes. */
  pageSize?: number;
}

/** The pipeline at a moment, and the sentence that says which it is. */
export interface AtMoment {
  pipeline: Pipeline;
  note: string;
}

/**
 * Reads a recording up to a moment, including everything at exactly that time. A time beyond the end
 * means the end, which is said on stderr. The peak takes a first reading of the whole. Throws a
 * UserError when the recording cannot be read, or cannot be read twice for the peak.
 */
export async function readAt(input: Input, moment: Moment): Promise<AtMoment> {
  const timeNs = moment === 'peak' ? await peakOf(input) : moment;
  const { pipeline, atEnd } = await readSteps({ ...input, firstNs: timeNs, at: () => null });
  if (atEnd && moment !== 'peak' && pipeline.core.nowNs < timeNs) {
    const end = formatMoment(pipeline.core.nowNs);
    process.stderr.write(`${safeText(`unfreed: ${input.path} ends at ${end}, before --at ${formatMoment(timeNs)}`)}\n`);
  }
  if (!atEnd && pipeline.core.eventCount === 0) {
    throw new UserError(`the first event of ${input.path} comes after --at ${formatMoment(timeNs)}`, [], {
      usage: true,
    });
  }
  const when = formatMoment(pipeline.core.nowNs);
  const why = moment === 'peak' ? ", when most was held (no byte twice, without the tracer's own)" : '';
  return { pipeline, note: `all figures are of the moment ${when} of the trace${why}` };
}

/** The report with the sentence about its moment as first note, so that every format says it. */
export function ofMoment(report: Report, note: string | null): Report {
  if (note === null) return report;
  return { ...report, source: { ...report.source, notes: [note, ...report.source.notes] } };
}

/** Returns the time at which most was held, ns; the first of several. */
async function peakOf({ path, pageSize }: Input): Promise<number> {
  if (canBeReadOnce(path)) {
    throw new UserError(
      `--at peak reads its input twice, and ${path === '-' ? 'standard input' : path} can be read only once`,
      ['Save it to a file first, or give a time: --at 12s'],
    );
  }
  let peakNs = 0;
  let peakBytes = -1;
  const look = (pipeline: Pipeline, timeNs: number): number => {
    const bytes = pipeline.heldBytes();
    if (bytes > peakBytes) [peakNs, peakBytes] = [timeNs, bytes];
    return timeNs + Math.max(FINEST_NS, timeNs * FINEST_SHARE);
  };
  const { pipeline } = await readSteps({ path, pageSize, firstNs: FINEST_NS, at: look, readAgain: true });
  look(pipeline, pipeline.core.nowNs);
  return peakNs;
}

/** True for standard input, pipes and sockets; false also for what is not there: opening it says why. */
function canBeReadOnce(path: string): boolean {
  if (path === '-') return true;
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.isFIFO() || stat.isSocket() || stat.isCharacterDevice());
}

/** What `top` and `export` report on: this machine where `path` is null, else a recording, at its end or at `at`. */
export interface Subject {
  pipeline: Pipeline;
  /** Null at the end of the trace. */
  note: string | null;
}

/** Traces this machine or reads a recording. Throws a UserError when it cannot, and for a moment of a run to come. */
export async function subjectOf(path: string | null, flags: TraceFlags & TextFlags & Asked): Promise<Subject> {
  const { at, pageSize, duration } = flags;
  if (path === null) {
    refuseTextFlags(flags);
    refuseUnknownProcess(flags.pid);
    if (at !== undefined) {
      throw new UserError(
        '--at is a moment of a recording, and this machine is traced',
        ['Name a recording, or leave the option out.'],
        {
          usage: true,
        },
      );
    }
    return { pipeline: await traceFor(flags, duration), note: null };
  }
  if (at === undefined) return { pipeline: await readRecording(path, { pageSize }), note: null };
  return readAt({ path, pageSize }, at);
}

/** Flags of the commands that report on a subject. */
export interface Asked {
  at?: Moment;
  /** ns. */
  duration: number;
  pid?: number;
}
