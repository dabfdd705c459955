/** top --interval: a ranking each interval, for logs and serial consoles, below a head line with the time. */
import { UserError } from '../../base/errors.js';
import { LiveRun } from '../../session/live/live-run.js';
import type { Pipeline } from '../../session/pipeline/pipeline.js';
import type { TopFlags } from '../options/flags.js';
import { collectorOptions } from '../traces/collector-options.js';
import { refuseTextFlags, runUntilStopped } from '../traces/load-trace.js';
import { refuseUnknownProcess } from '../traces/named-processes.js';
import { Progress } from '../traces/progress.js';
import { readSteps } from '../traces/read-steps.js';

/** When to print: every `everyNs` of the trace, `count` times at most. */
export interface Intervals {
  everyNs: number;
  /** Infinity = until the trace ends. */
  count: number;
}

/** Returns the intervals that the flags ask for; null without --interval. Throws a UserError for flags that contradict. */
export function intervalsFrom({ interval, count, at }: Pick<TopFlags, 'interval' | 'count' | 'at'>): Intervals | null {
  if (interval === undefined) {
    if (count === undefined) return null;
    throw new UserError(
      '--count is the number of rankings with --interval',
      ['For example: --interval 5s --count 10'],
      {
        usage: true,
      },
    );
  }
  if (at !== undefined) throw new UserError('--at is one moment, and --interval many', [], { usage: true });
  return { everyNs: interval, count: count ?? Number.POSITIVE_INFINITY };
}

/** Prints what is to be seen of the pipeline as it is. */
export type PrintPipeline = (pipeline: Pipeline) => void;

/**
 * Traces this machine, or reads a recording where `file` is not null, and prints a ranking at each
 * interval and at the end. Ends after `count` rankings, at the end of the trace, or on a signal: then
 * without another ranking, unless it would be the first. Returns the pipeline as it was last.
 */
export async function printIntervals(
  file: string | null,
  flags: TopFlags,
  intervals: Intervals & { print: PrintPipeline },
): Promise<Pipeline> {
  const { print, count } = intervals;
  const blocks = new Blocks(intervals, print);
  if (file === null) {
    refuseTextFlags(flags);
    refuseUnknownProcess(flags.pid);
    return traceIntervals(flags, blocks);
  }
  const { pipeline, atEnd } = await readSteps({
    path: file,
    pageSize: flags.pageSize,
    firstNs: blocks.nextNs,
    at: (now) => {
      blocks.printAt(now);
      return blocks.printed < count ? blocks.nextNs : null;
    },
    silent: true,
  });
  if (atEnd) blocks.printLast(pipeline);
  return pipeline;
}

async function traceIntervals(flags: TopFlags, blocks: Blocks): Promise<Pipeline> {
  const run = new LiveRun({
    collector: collectorOptions(flags),
    recordPath: null,
    force: false,
    look: true,
    names: flags.names,
  });
  const { pipeline } = run;
  const timer = setInterval(() => {
    if (pipeline.core.nowNs < blocks.nextNs || blocks.isComplete) return;
    blocks.printAt(pipeline);
    if (blocks.isComplete) void run.stop('duration');
  }, LOOK_EVERY_MS);
  try {
    // Once events flow, the rankings themselves are the sign of life: the line of progress is empty.
    await runUntilStopped(run, flags.duration, { progress: new Progress({ quiet: true }), tracing: () => '' });
  } finally {
    clearInterval(timer);
  }
  // Who ends the trace by a signal has seen enough.
  if (blocks.printed === 0 || pipeline.ended?.reason === 'duration') blocks.printLast(pipeline);
  return pipeline;
}

/** Time between two looks at the clock of the trace. */
const LOOK_EVERY_MS = 100;

/** Counts the rankings and knows the time of the next. */
class Blocks {
  /** Time of the trace at which the next is due. */
  nextNs: number;
  printed = 0;
  private lastNs = -1;
  private readonly intervals: Intervals;
  private readonly print: PrintPipeline;

  constructor(intervals: Intervals, print: PrintPipeline) {
    this.intervals = intervals;
    this.print = print;
    this.nextNs = intervals.everyNs;
  }

  get isComplete(): boolean {
    return this.printed >= this.intervals.count;
  }

  printAt(pipeline: Pipeline): void {
    const { nowNs } = pipeline.core;
    this.print(pipeline);
    this.printed++;
    this.lastNs = nowNs;
    const { everyNs } = this.intervals;
    // A machine that could not keep up leaves intervals out, and does not print them in a row afterwards.
    this.nextNs = (Math.floor(nowNs / everyNs) + 1) * everyNs;
  }

  /** What came after the last interval. */
  printLast(pipeline: Pipeline): void {
    if (!this.isComplete && pipeline.core.nowNs > this.lastNs) this.printAt(pipeline);
  }
}
