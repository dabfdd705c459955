/**
 * Runs one trace, or reads one recording to its end, in this thread and returns the pipeline. The commands without a
 * screen share it.
 */
import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration, formatShortCount } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { stepText } from '../../base/start-steps.js';
import { type OpenOptions, type OpenRecording, openTrace } from '../../recording/open.js';
import { damageLines, damageSentence } from '../../recording/trace/damage-text.js';
import { LiveRun } from '../../session/live/live-run.js';
import { Pipeline, type TraceEnd } from '../../session/pipeline/pipeline.js';
import type { TextFlags, TraceFlags } from '../options/flags.js';
import { collectorOptions } from './collector-options.js';
import { Progress } from './progress.js';
import { noteReading } from './whole-read.js';

/** Reads a whole recording or text and prints its warnings. Throws a UserError when it cannot be opened or read. */
export async function readRecording(path: string, options: OpenOptions = {}): Promise<Pipeline> {
  const pipeline = new Pipeline('recording');
  const { dictionary } = pipeline;
  // Large recordings are decoded in another thread, beside the pairing.
  const recording = await openTrace(path, pipeline, dictionary, options);
  await readToEnd(path, recording, () => pipeline.core.eventCount);
  for (const line of readingWarnings(path, recording, pipeline.ended)) process.stderr.write(`${safeText(line)}\n`);
  noteReading(path, recording, pipeline);
  return pipeline;
}

/** Opens a recording with a pipeline that it fills; reads nothing yet. Throws a UserError when it cannot be opened. */
export async function openPipeline(
  path: string,
  options: OpenOptions = {},
): Promise<{ pipeline: Pipeline; recording: OpenRecording }> {
  const pipeline = new Pipeline('recording');
  return { pipeline, recording: await openTrace(path, pipeline, pipeline.dictionary, { ...options, thread: false }) };
}

/** Reads to the end (or until `isDone`) and closes the recording, with progress on a terminal. */
export async function readToEnd(
  path: string,
  recording: OpenRecording,
  events: () => number,
  isDone: () => boolean = () => false,
): Promise<void> {
  const progress = new Progress({ quiet: true });
  let shownMs = performance.now();
  try {
    while (!isDone() && (await recording.readNext())) {
      const now = performance.now();
      if (now - shownMs < 200) continue;
      shownMs = now;
      const share = recording.sizeBytes > 0 ? ` of ${formatBytes(recording.sizeBytes)}` : '';
      progress.show(`reading ${path}: ${formatBytes(recording.bytesRead)}${share}, ${formatCount(events())} events`);
    }
  } finally {
    recording.close();
    progress.clear();
  }
}

/** Lines that say how a recording was cut off, and which parts could not be read; empty when it is whole. */
export function readingWarnings(path: string, recording: OpenRecording, ended: TraceEnd | null): string[] {
  const lines: string[] = [];
  // If a part could not be read, the line about it also says where the file ends.
  if (ended?.reason === 'cut' && recording.damageCount === 0) lines.push(`unfreed: ${path}: ${ended.detail}`);
  const { damagedSpans, damageCount } = recording;
  if (damageCount > 0) {
    lines.push(`unfreed: ${path}: ${damageSentence(damagedSpans, damageCount)}`);
    lines.push(...damageLines(damagedSpans, damageCount).map((line) => `  ${line}`));
  }
  return lines;
}

/** Throws a UserError if a flag that is for texts was given for a live trace. */
export function refuseTextFlags({ pageSize }: TextFlags): void {
  if (pageSize === undefined) return;
  throw new UserError(
    '--page-size describes a text of another machine, and this machine is traced',
    ['Name the text, or leave the option out.'],
    { usage: true },
  );
}

/** Traces this machine for `durationNs`, or until Ctrl-C. Rejects with a UserError when it cannot. */
export async function traceFor(flags: TraceFlags, durationNs: number): Promise<Pipeline> {
  const run = new LiveRun({
    collector: collectorOptions(flags),
    recordPath: null,
    force: false,
    look: true,
    names: flags.names,
  });
  const progress = new Progress({ quiet: true });
  await runUntilStopped(run, durationNs, {
    progress,
    tracing: () => tracingText(run.pipeline.core, durationNs),
    afterStart: async () => progress.note(`tracing for ${formatDuration(durationNs)}; Ctrl-C ends`),
  });
  return run.pipeline;
}

/** "tracing 3.2s of 10s   67.5k events   Ctrl-C ends"; the time alone where the trace has no end of its own. */
export function tracingText(core: { nowNs: number; eventCount: number }, durationNs: number): string {
  const time = timeOf(core.nowNs, durationNs);
  return `tracing ${time}   ${formatShortCount(core.eventCount)} events   Ctrl-C ends`;
}

/** "9.4s of 18s"; the time alone where `durationNs` is Infinity. A trace may last a little longer than asked. */
export function timeOf(nowNs: number, durationNs: number): string {
  const now = tenths(Math.min(nowNs, durationNs));
  if (!Number.isFinite(durationNs)) return now;
  return `${now} of ${durationNs < MINUTE_NS ? `${Number((durationNs / 1e9).toFixed(2))}s` : formatDuration(durationNs)}`;
}

const MINUTE_NS = 59.95e9;

/** A time that is rewritten ten times a second: always in tenths, so that it does not jump. */
function tenths(ns: number): string {
  return ns < MINUTE_NS ? `${(ns / 1e9).toFixed(1)}s` : formatDuration(ns);
}

/** What runUntilStopped() shows and does besides. */
export interface RunDisplay {
  progress: Progress;
  /** The line of progress while events flow. */
  tracing: () => string;
  /** Called once all hooks are attached. */
  afterStart?: () => Promise<void>;
}

/** Time between two lines of progress. */
const SHOW_EVERY_MS = 100;

/**
 * Starts a run and stops it after `durationNs` (Infinity: never) or on SIGINT, SIGTERM or SIGHUP. The time counts from
 * the moment at which all hooks are attached. Shows what is being done from the first moment on. Resolves when the run
 * is over; rejects with its error, which says that nothing was traced if a signal came before the hooks were attached.
 */
export async function runUntilStopped(run: LiveRun, durationNs: number, display: RunDisplay): Promise<void> {
  const { progress, tracing, afterStart } = display;
  const beganMs = performance.now();
  let hasStarted = false;
  let stopping = false;
  // Not said before the collector has begun: what is refused until then is an error alone.
  let isAttaching = false;
  const show = (): void => {
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
    const { eventCount, nowNs } = run.pipeline.core;
    if (stopping) progress.show(hasStarted ? 'stopping: reading what is left in the buffers' : 'stopping');
    // The last step is over when the first events have come.
    else if (hasStarted && (eventCount > 0 || nowNs > 0)) progress.show(tracing());
    else progress.show(`${stepText(run.step)}   ${seconds}s`);
  };
  const stop = (): void => {
    stopping = true;
    void run.stop('stopped');
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  run.onStep = () => {
    if (!isAttaching) progress.note('attaching to this machine');
    isAttaching = true;
    show();
  };
  const timers: NodeJS.Timeout[] = [setInterval(show, SHOW_EVERY_MS)];
  try {
    show();
    await run.start();
    hasStarted = true;
    if (Number.isFinite(durationNs)) timers.push(setTimeout(() => void run.stop('duration'), durationNs / 1e6));
    void afterStart?.();
    await run.finished;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const signal of signals) process.off(signal, stop);
    run.onStep = null;
    progress.clear();
  }
}
