import { accessSync, constants as fsConstants, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { UserError } from '../../base/errors.js';
import { formatBytes, formatCount, formatDuration, formatShortCount } from '../../base/format.js';
import { cutMiddle, safeText, textWidth } from '../../base/safe-text.js';
import { describeSystemError, systemErrorCode } from '../../base/system-errors.js';
import { DEAR } from '../../collect/choose.js';
import { answerLines, growthPhrase } from '../../export/parts/answer-text.js';
import { defaultSelection } from '../../rank/report/selection.js';
import type { LiveOptions } from '../../session/live/live-options.js';
import { LiveRun } from '../../session/live/live-run.js';
import type { RecordFlags } from '../options/flags.js';
import { collectorOptions } from '../traces/collector-options.js';
import { runUntilStopped, timeOf } from '../traces/load-trace.js';
import { Progress } from '../traces/progress.js';

/** Traces this machine into a file until the duration is over, the command has exited, or a signal comes. */
export async function runRecord(command: string[], flags: RecordFlags): Promise<void> {
  const ofCommand = commandMemory(command, flags);
  const run = new LiveRun({
    collector: {
      ...collectorOptions(flags),
      childrenOf: ofCommand ? process.pid : null,
      sampleBytes: flags.sampleBytes ?? 0,
      commandName: ofCommand ? command[0] : null,
      watchedComms: flags.watchComm,
      watchedParent: command.length > 0 ? process.pid : null,
    },
    takesMarks: true,
    recordPath: flags.output,
    force: flags.force,
    look: true,
    names: flags.names,
    census: flags.census,
    ...limits(flags),
  });
  if (flags.output === '-') {
    throw new UserError('a recording goes to a file, not to standard output', ['Name one: -o x.unfreed'], {
      usage: true,
    });
  }
  refuseUnknownCommand(command);
  const progress = new Progress({ quiet: false });
  const durationNs = flags.duration ?? Number.POSITIVE_INFINITY;
  const commandRun = new CommandRun(command);
  const growth = new GrowthLook(run);
  try {
    await runUntilStopped(run, durationNs, {
      progress,
      tracing: () => recordingText(recordingOf(run, flags.output), durationNs, growth.phrase(), progress.columns),
      afterStart: async () => {
        const collector = run.pipeline.facts.collector;
        progress.note(`recording this machine to ${flags.output} (${collector} collector); Ctrl-C ends`);
        if (run.pipeline.facts.notes.includes(DEAR)) progress.say(DEAR);
        if (command.length === 0) return;
        await commandRun.finish(run.environment);
        await run.stop('command-exited');
      },
    });
  } finally {
    commandRun.kill();
  }
  if (commandRun.failure !== null) {
    // The command never ran, so the recording holds nothing of it.
    rmSync(flags.output, { force: true });
    throw commandRun.failure;
  }
  // The sentences are of the whole trace, however few rows are asked for: those that every other command begins with.
  const report = run.pipeline.report(defaultSelection(1));
  const holds = report.conclusions.every(({ kind }) => kind !== 'doubt');
  const [recorded, ...commands] = recordedText(recordingOf(run, flags.output), holds);
  const columns = process.stderr.isTTY ? Math.max(40, process.stderr.columns) : 100;
  progress.say(recorded, ...answerLines(report, columns), ...commands);
}

function wrongUsage(message: string, step: string): never {
  throw new UserError(message, [step], { usage: true });
}

/** True if the memory of the command is traced. Throws a UserError for what cannot be meant. */
function commandMemory(command: string[], { heap, maps, process: processes, sampleBytes }: RecordFlags): boolean {
  const flag = heap ? '--heap' : maps ? '--maps' : null;
  const ofProcesses = processes.length > 0;
  if (maps && ofProcesses)
    wrongUsage('--maps is of the command to run, and -p of processes that run', 'Give one of the two.');
  if (heap && ofProcesses && command.length > 0) {
    wrongUsage('--heap is of the command to run, or of the processes of -p', 'Give one of the two.');
  }
  if (flag !== null && !ofProcesses && command.length === 0) {
    wrongUsage(`${flag} is of the command to run, and there is none`, 'Give one behind --, or processes: -p PID');
  }
  if (sampleBytes !== undefined && (!heap || ofProcesses)) {
    wrongUsage(
      '--sample-bytes is of the heap of a command',
      'unfreed record --heap --sample-bytes 512k -o FILE -- CMD',
    );
  }
  return flag !== null && !ofProcesses;
}

/** Least time between two looks at what grows. */
const LOOK_EVERY_MS = 2000;
/** The share of this thread's time that these looks may take: the rest is for events. */
const LOOK_SHARE = 0.05;

/** What grows, for the line of progress, which is rewritten far more often. */
class GrowthLook {
  private readonly run: LiveRun;
  private text = '';
  private dueMs = 0;

  constructor(run: LiveRun) {
    this.run = run;
  }

  /** 'nothing grows yet'; '' where nobody sees it, or before the first event. */
  phrase(): string {
    const beganMs = performance.now();
    if (!process.stderr.isTTY || beganMs < this.dueMs) return this.text;
    this.text = growthPhrase(this.run.pipeline.report(defaultSelection(1)));
    const nowMs = performance.now();
    this.dueMs = nowMs + Math.max(LOOK_EVERY_MS, (nowMs - beganMs) / LOOK_SHARE);
    return this.text;
  }
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

/** What the texts below say of a recording. */
export interface RecordingState {
  /** Name of the machine and path of the file, untrusted. */
  host: string;
  path: string;
  timeNs: number;
  events: number;
  bytes: number;
  lostEvents: number;
}

function recordingOf(run: LiveRun, path: string): RecordingState {
  const { core, facts } = run.pipeline;
  const { events, timeNs } = run.recordedPart ?? { events: core.eventCount, timeNs: core.nowNs };
  const lostEvents = core.lossLedger.lostEvents;
  return { host: facts.hostname, path, timeNs, events, bytes: run.recordingBytes, lostEvents };
}

/** Columns of a path in the line of progress, which has other things to say on 80. */
const MOST_PATH = 24;

/**
 * The line of progress; `durationNs` is Infinity where only Ctrl-C or the command ends the recording. `growth` says what
 * grows, '' = unknown. On few columns the number of events is left out first, then the
 * size of the file, then the names.
 */
export function recordingText(state: RecordingState, durationNs: number, growth: string, columns: number): string {
  const { host, path, timeNs, events, bytes, lostEvents } = state;
  const count = `${formatShortCount(events)} events`;
  const size = formatBytes(bytes);
  const what = `recording ${host === '' ? 'this machine' : safeText(host)} to ${cutMiddle(safeText(path), MOST_PATH)}`;
  const parts = [
    what,
    timeOf(timeNs, durationNs),
    count,
    size,
    lostEvents === 0 ? '' : `lost ${formatCount(lostEvents)}`,
    safeText(growth),
    'Ctrl-C ends',
  ].filter((part) => part !== '');
  const without = (...left: string[]): string => parts.filter((part) => !left.includes(part)).join('   ');
  const lines = [without(), without(count), without(count, size)];
  // At last the names: who began it knows them.
  const shortest = ['recording', without(what, count, size)].join('   ');
  return lines.find((line) => textWidth(line) <= columns) ?? shortest;
}

/**
 * The lines that stay at the end: what was recorded, then how to look at it and how to send it. `holds`: what was lost
 * does not change the answer.
 */
export function recordedText({ path, timeNs, events, bytes, lostEvents }: RecordingState, holds: boolean): string[] {
  const file = shellWord(path);
  const lost = `lost ${formatCount(lostEvents)}${lostEvents > 0 && holds ? ' (the answer holds)' : ''}`;
  return [
    `recorded ${formatDuration(timeNs)}: ${formatShortCount(events)} events, ${formatBytes(bytes)}, ${lost}`,
    `look     unfreed replay ${file}`,
    `send     unfreed export ${file} -o ${shellWord(`${path.replace(/\.unfreed$/, '')}.html`)}`,
  ];
}

/** A path as one word of a shell, so that the command can be typed as printed. */
function shellWord(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll("'", "'\\''")}'`;
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

  /** Runs it with these variables of the environment, besides ours. */
  async finish(env: Readonly<Record<string, string>>): Promise<void> {
    const [file, ...args] = this.words;
    this.running = true;
    const result = await execa(file, args, { stdio: 'inherit', reject: false, cancelSignal: this.abort.signal, env });
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
