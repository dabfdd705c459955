import { accessSync, constants as fsConstants, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration } from '../../base/format.js';
import { describeSystemError, systemErrorCode } from '../../base/system-errors.js';
import { DEAR } from '../../collect/choose.js';
import { type LiveOptions, LiveRun } from '../../session/live/live-run.js';
import type { RecordFlags } from '../options/flags.js';
import { collectorOptions, runUntilStopped } from '../traces/load-trace.js';
import { Progress } from '../traces/progress.js';

/** Traces this machine into a file until the duration is over, the command has exited, or a signal comes. */
export async function runRecord(command: string[], flags: RecordFlags): Promise<void> {
  const run = new LiveRun({
    collector: collectorOptions(flags),
    recordPath: flags.output,
    force: flags.force,
    ...limits(flags),
  });
  if (flags.output === '-') {
    throw new UserError('a recording goes to a file, not to standard output', ['Name one: -o x.unfreed'], {
      usage: true,
    });
  }
  refuseUnknownCommand(command);
  const progress = new Progress({ quiet: false });
  const rate = new RateMeter();
  const commandRun = new CommandRun(command);
  try {
    await runUntilStopped(
      run,
      flags.duration ?? Number.POSITIVE_INFINITY,
      () => progress.show(statusLine(run, rate)),
      async () => {
        progress.say(
          `recording this machine to ${flags.output} (${run.pipeline.facts.collector} collector); Ctrl-C stops`,
        );
        if (run.pipeline.facts.notes.includes(DEAR)) progress.say(DEAR);
        if (command.length === 0) return;
        await commandRun.finish();
        await run.stop('command-exited');
      },
    );
  } finally {
    progress.clear();
    commandRun.kill();
  }
  if (commandRun.failure !== null) {
    // The command never ran, so the recording holds nothing of it.
    rmSync(flags.output, { force: true });
    throw commandRun.failure;
  }
  progress.say(...summary(run, flags.output, flags.keep !== undefined));
}

/** Throws before an older recording is replaced, if the command cannot be found or may not be run. */
function refuseUnknownCommand([file]: string[]): void {
  if (file === undefined) return;
  const folders = file.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  let problem: unknown = Object.assign(new Error(), { code: 'ENOENT' });
  for (const folder of folders) {
    try {
      return accessSync(join(folder, file), fsConstants.X_OK);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') problem = error;
    }
  }
  throw new UserError(`cannot run ${file}: ${describeSystemError(problem)}`);
}

/** --max-size ends the run at that size; with --keep it is the size of one file of a ring. */
function limits({ maxSize, keep }: RecordFlags): Pick<LiveOptions, 'stopAtBytes' | 'ring'> {
  if (keep === undefined) return maxSize === undefined ? {} : { stopAtBytes: maxSize };
  if (maxSize === undefined) {
    throw new UserError('--keep says how many files of --max-size are kept, and there is no --max-size', [], {
      usage: true,
    });
  }
  return { ring: { maxBytes: maxSize, keep } };
}

function statusLine(run: LiveRun, rate: RateMeter): string {
  const { core } = run.pipeline;
  const lost = core.lossLedger.lostEvents;
  return (
    `recording ${formatDuration(core.nowNs)}  ${formatCount(core.eventCount)} events  ` +
    `${formatCount(rate.perSecond(core.eventCount, performance.now()))}/s  ${formatBytes(run.recordingBytes)}  ` +
    `${lost === 0 ? 'lost 0' : `LOST ${formatCount(lost)}`}  (Ctrl-C: stop)`
  );
}

function summary(run: LiveRun, path: string, isRing: boolean): string[] {
  const { core } = run.pipeline;
  const size = run.recordingBytes;
  const { events, timeNs } = run.recordedPart ?? { events: core.eventCount, timeNs: core.nowNs };
  const perEvent = events === 0 || isRing ? '' : `, ${(size / events).toFixed(1)} bytes an event`;
  const lost = core.lossLedger.lostEvents;
  return [
    `recorded ${formatDuration(timeNs)}: ${formatCount(events)} events, ` +
      `${lost === 0 ? 'none' : formatCount(lost)} lost, ${formatBytes(size)}${perEvent}`,
    `  unfreed replay ${path}`,
  ];
}

/** Events per second over the interval since the previous call. */
class RateMeter {
  private count = 0;
  private atMs = 0;
  private rate = 0;

  perSecond(count: number, nowMs: number): number {
    if (this.atMs > 0 && nowMs > this.atMs) this.rate = Math.round(((count - this.count) / (nowMs - this.atMs)) * 1000);
    this.count = count;
    this.atMs = nowMs;
    return this.rate;
  }
}

/** The user's command, which gets our terminal. */
class CommandRun {
  /** Why it could not be started; null if it could. */
  failure: UserError | null = null;
  private readonly words: string[];
  private readonly abort = new AbortController();
  private running = false;

  constructor(words: string[]) {
    this.words = words;
  }

  async finish(): Promise<void> {
    const [file, ...args] = this.words;
    this.running = true;
    const result = await execa(file, args, { stdio: 'inherit', reject: false, cancelSignal: this.abort.signal });
    this.running = false;
    if (result.failed && result.exitCode === undefined && result.signal === undefined) {
      this.failure = new UserError(`cannot run ${file}: ${describeSystemError(result.cause ?? result)}`);
    } else if (this.abort.signal.aborted) {
      process.stderr.write('unfreed: the recording is over; the command was told to end\n');
    } else if (result.exitCode !== undefined && result.exitCode !== 0) {
      process.stderr.write(`unfreed: the command exited with ${result.exitCode}\n`);
    } else if (result.signal !== undefined) {
      process.stderr.write(
        `unfreed: the command was ended by ${result.signal} (${constants.signals[result.signal]})\n`,
      );
    }
  }

  kill(): void {
    if (this.running) this.abort.abort();
  }
}
