/**
 * Runs one trace, or reads one recording to its end, in this thread and returns the pipeline. The commands without a
 * screen share it.
 */
import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { type CollectorOptions, defaultCollectorOptions } from '../../collect/collector.js';
import { type OpenOptions, type OpenRecording, openTrace } from '../../recording/open.js';
import { damageLines, damageSentence } from '../../recording/trace/damage-text.js';
import { LiveRun } from '../../session/live/live-run.js';
import { Pipeline, type TraceEnd } from '../../session/pipeline/pipeline.js';
import type { TextFlags, TraceFlags } from '../options/flags.js';
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

/** The options of the collector for these flags. */
export function collectorOptions(flags: TraceFlags): CollectorOptions {
  const defaults = defaultCollectorOptions();
  return {
    ...defaults,
    collector: flags.collector,
    bufferBytes: flags.buffer,
    sampleOneIn: flags.sample,
    minAgeNs: flags.minAge,
    maxOverhead: flags.maxOverhead ?? null,
    stacks: flags.stacks,
    auditOneIn: flags.audit,
    self: flags.dropSelf ? 'drop' : 'mark',
    allocators: flags.allocator.length === 0 ? defaults.allocators : flags.allocator,
    minSizeBytes: flags.minSize,
  };
}

/** Throws a UserError if a flag that is for texts was given for a live trace. */
export function refuseTextFlags({ pageSize }: TextFlags): void {
  if (pageSize === undefined) return;
  throw new UserError('--page-size is of a text that is read, and this machine is traced', [], { usage: true });
}

/** Traces this machine for `durationNs`, or until Ctrl-C. Rejects with a UserError when it cannot. */
export async function traceFor(flags: TraceFlags, durationNs: number): Promise<Pipeline> {
  const run = new LiveRun({ collector: collectorOptions(flags), recordPath: null, force: false });
  const progress = new Progress({ quiet: true });
  await runUntilStopped(run, durationNs, () => {
    const { core } = run.pipeline;
    progress.show(
      `tracing: ${formatDuration(core.nowNs)} of ${formatDuration(durationNs)}, ${formatCount(core.eventCount)} events (Ctrl-C: stop now)`,
    );
  });
  progress.clear();
  return run.pipeline;
}

/**
 * Starts a run and stops it after `durationNs` (Infinity: never) or on SIGINT, SIGTERM or SIGHUP. Calls `onTick` five
 * times a second meanwhile, and `afterStart` once the run has started. Resolves when the run is over; rejects with its
 * error.
 */
export async function runUntilStopped(
  run: LiveRun,
  durationNs: number,
  onTick: () => void,
  afterStart?: () => Promise<void>,
): Promise<void> {
  const stop = (): void => void run.stop('stopped');
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  const timers: NodeJS.Timeout[] = [];
  try {
    await run.start();
    timers.push(setInterval(onTick, 200));
    if (Number.isFinite(durationNs)) timers.push(setTimeout(() => void run.stop('duration'), durationNs / 1e6));
    void afterStart?.();
    await run.finished;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const signal of signals) process.off(signal, stop);
  }
}
