/** BpfCollector: the eBPF collector's process (bpf/unfreed.c) and the decoder of its stream. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import type { StartStep } from '../base/start-steps.js';
import { StreamDecoder } from '../decode/stream/stream-decoder.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { EndReason, TraceSink } from '../event/trace-sink.js';
import { type ChildExit, ChildProcess } from './child-process.js';
import type { Collector, CollectorExit, CollectorOptions } from './collector.js';
import { packageRoot } from './package-root.js';
import type { Privilege } from './privilege.js';
import { WatchedSink } from './watched-sink.js';

/** Returns the path of the built collector. */
export function bpfCollectorPath(): string {
  return join(packageRoot(), 'bpf', 'build', 'unfreed-collect');
}

export async function isBpfCollectorBuilt(): Promise<boolean> {
  return access(bpfCollectorPath(), constants.X_OK).then(
    () => true,
    () => false,
  );
}

export class BpfCollector implements Collector {
  readonly name = 'bpf';
  readonly finished: Promise<CollectorExit>;
  onStep: ((step: StartStep) => void) | null = null;
  private readonly options: CollectorOptions;
  private readonly privilege: Privilege;
  private settle: (exit: CollectorExit) => void = () => undefined;
  private child: ChildProcess | null = null;
  private sink: WatchedSink | null = null;
  private decodeError: Error | null = null;

  constructor(options: CollectorOptions, privilege: Privilege) {
    this.options = options;
    this.privilege = privilege;
    this.finished = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  async start(sink: TraceSink, dictionary: TraceDictionary): Promise<void> {
    const watched = new WatchedSink(sink);
    const decoder = new StreamDecoder(watched, dictionary);
    this.sink = watched;
    const child = new ChildProcess({
      privilege: this.privilege,
      command: [bpfCollectorPath(), ...collectorArguments(this.options)],
      onBytes: (chunk) => this.decode(() => decoder.push(chunk)),
      onStep: (step) => this.onStep?.(step),
    });
    this.child = child;
    let ready = false;
    const finished = child.finished.then((exit) => {
      // A process that sent nothing has no trace to end: start() rejects instead.
      if (ready) this.decode(() => decoder.finish());
      const error = this.exitError(exit, ready);
      this.settle({ code: exit.code, signal: exit.signal, stderrTail: exit.stderrTail, error });
      return error;
    });
    const early = await Promise.race([
      watched.ready.then(() => {
        ready = true;
        return null;
      }),
      finished,
    ]);
    if (!ready) throw early ?? new UserError('the eBPF collector ended before it began');
  }

  async stop(reason: EndReason): Promise<void> {
    if (this.sink !== null) this.sink.stopReason ??= reason;
    if (this.child === null) return;
    await this.child.stop();
    await this.finished;
  }

  /**
   * Runs a step of the decoder. An error must not be thrown inside an event handler: it is kept,
   * and the collector stopped.
   */
  private decode(step: () => void): void {
    if (this.decodeError !== null) return;
    try {
      step();
    } catch (error) {
      this.decodeError = error instanceof Error ? error : new Error('unknown');
      void this.child?.stop();
    }
  }

  private exitError(exit: ChildExit, started: boolean): UserError | null {
    const said = lastLine(exit.stderrTail);
    if (this.decodeError !== null) {
      return new UserError(`the eBPF collector's stream could not be read: ${this.decodeError.message}`, [], {
        cause: this.decodeError,
      });
    }
    if (exit.notStarted !== null) return new UserError(`${bpfCollectorPath()} did not start: ${exit.notStarted}`);
    if (exit.code === 0 && started) return null;
    if (started && this.sink?.stopReason != null && exit.signal === null) return null;
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    const what = started ? 'the eBPF collector ended early' : 'the eBPF collector could not start';
    return new UserError(`${what} (${how})${said === '' ? '' : `: ${said}`}`, [
      'see what is missing: unfreed doctor',
      'or accept bpftrace, which slows the machine down 5 to 23 times as much: --collector bpftrace',
    ]);
  }
}

/** Returns the arguments for bpf/build/unfreed-collect. */
export function collectorArguments(options: CollectorOptions): string[] {
  const args = ['--allocators', options.allocators.join(','), '--self', options.self, '--die-with-parent', '--steps'];
  for (const pid of options.selfPids) args.push('--self-pid', String(pid));
  if (options.minSizeBytes > 0) args.push('--min-size', String(options.minSizeBytes));
  if (options.sampleOneIn > 1) args.push('--sample', String(options.sampleOneIn));
  if (options.minAgeNs > 0) args.push('--min-age', `${Math.round(options.minAgeNs / 1e6)}ms`);
  if (options.maxOverhead !== null) args.push('--max-overhead', String(Number((options.maxOverhead * 100).toFixed(3))));
  if (options.stacks !== 'auto') args.push('--stacks', options.stacks);
  if (options.auditOneIn !== 1000) args.push('--audit', String(options.auditOneIn));
  for (const comm of options.watchedComms) args.push('--watch', comm);
  if (options.watchedParent !== null) args.push('--watch-pid', String(options.watchedParent));
  if (options.systemCalls) args.push('--system-calls');
  for (const pid of options.processes) args.push('--process', String(pid));
  if (options.childrenOf !== null) args.push('--children-of', String(options.childrenOf));
  if (options.heap) args.push('--heap');
  if (options.sampleBytes > 0) args.push('--sample-bytes', String(options.sampleBytes));
  if (options.commandName !== null) args.push('--command-name', options.commandName);
  args.push('--buffer', String(options.bufferBytes));
  return args;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
