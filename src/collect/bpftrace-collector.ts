/**
 * BpftraceCollector: bpftrace running bpf/unfreed.bt, the decoder of its lines, and the samples of
 * /proc that the script cannot take.
 */
import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import type { StartStep } from '../base/start-steps.js';
import { type BpftraceClocks, BpftraceTextDecoder } from '../decode/bpftrace/bpftrace-text.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, TraceSink } from '../event/trace-sink.js';
import { shortZoneinfo } from '../proc/zoneinfo.js';
import { parseKallsyms } from '../symbols/kernel-symbols.js';
import { bpftraceHost, possibleCpus } from './bpftrace-host.js';
import { assembleScript } from './bpftrace-script.js';
import { type ChildExit, ChildProcess } from './child-process.js';
import type { Collector, CollectorExit, CollectorOptions } from './collector.js';
import { packageRoot } from './package-root.js';
import { asRoot, type Privilege, readAsRoot } from './privilege.js';
import { toolVersion } from './tools.js';
import { inPrivateTracefs, readTracefs } from './tracefs.js';
import { WatchedSink } from './watched-sink.js';

/** bpftrace 0.17 takes some seconds to compile and attach on a slow machine; after a minute it hangs. */
const START_TIMEOUT_MS = 60_000;
const SAMPLE_EVERY_MS = 1000;
/** slabinfo walks the list of every slab under its lock, so it is not read each second. */
const SLOW_SAMPLE_EVERY = 5;

export class BpftraceCollector implements Collector {
  readonly name = 'bpftrace';
  readonly finished: Promise<CollectorExit>;
  onStep: ((step: StartStep) => void) | null = null;
  private readonly options: CollectorOptions;
  private readonly privilege: Privilege;
  private settle: (exit: CollectorExit) => void = () => undefined;
  private markTicking: () => void = () => undefined;
  private child: ChildProcess | null = null;
  private sink: WatchedSink | null = null;
  private decoder: BpftraceTextDecoder | null = null;
  private sampler: NodeJS.Timeout | null = null;
  private samples = 0;
  private stopReason: EndReason | null = null;

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
    this.onStep?.({ name: 'types', done: 0, of: 0 });
    const { script, lookup, machine, hooks, notes } = await this.prepare();
    if (this.stopReason !== null) throw new UserError('stopped before tracing began');
    const watched = new WatchedSink(sink);
    const decoder = new BpftraceTextDecoder(watched, dictionary, { lookup, clocks: machineClocks() });
    this.sink = watched;
    this.decoder = decoder;
    const ticking = new Promise<void>((resolve) => {
      this.markTicking = resolve;
    });
    const child = new ChildProcess({
      privilege: this.privilege,
      command: bpftraceCommand(this.options, machine),
      input: script,
      onBytes: (chunk) => {
        decoder.push(chunk);
        if (decoder.ticking) this.markTicking();
      },
      onStderr: (text) => decoder.pushStderr(text),
    });
    this.child = child;
    // bpftrace compiles and attaches without a word; its first line is the next sign of life.
    this.onStep?.({ name: 'programs', done: 0, of: hooks, notes });
    let started = false;
    const finished = child.finished.then((exit) => {
      this.stopSampling();
      const error = this.exitError(exit, started);
      if (started) decoder.finish(error === null ? 'stopped' : 'failed', error?.message ?? '');
      this.settle({ code: exit.code, signal: exit.signal, stderrTail: exit.stderrTail, error });
      return error;
    });
    const timeout = setTimeout(() => void child.stop('SIGINT'), START_TIMEOUT_MS);
    const early = await Promise.race([
      ticking.then(() => {
        started = true;
        this.onStep?.({ name: 'events', done: 0, of: 0, notes });
        return null;
      }),
      finished,
    ]);
    clearTimeout(timeout);
    if (!started) throw early ?? new UserError('bpftrace ended before it began');
    this.startSampling();
  }

  async stop(reason: EndReason): Promise<void> {
    this.stopReason ??= reason;
    if (this.sink !== null) this.sink.stopReason ??= this.stopReason;
    if (this.child === null) return;
    // bpftrace runs the script's END on SIGINT.
    await this.child.stop('SIGINT');
    await this.finished;
  }

  private async prepare() {
    const tracefs = await readTracefs(this.privilege);
    if (tracefs.error !== null || tracefs.formats.size === 0) {
      throw new UserError(`the tracepoints cannot be read: ${tracefs.error ?? 'none there'}`, [
        'as root: mount -t tracefs tracefs /sys/kernel/tracing',
        'see what is missing: unfreed doctor',
      ]);
    }
    const [source, kallsyms, info, version] = await Promise.all([
      readFile(join(packageRoot(), 'bpf', 'unfreed.bt'), 'utf8'),
      readAsRoot(this.privilege, '/proc/kallsyms'),
      bpftraceInfo(this.privilege),
      toolVersion('bpftrace', ['--version']),
    ]);
    const table = parseKallsyms(kallsyms ?? new Uint8Array());
    const host = await bpftraceHost(this.options, {
      version: version ?? '',
      formats: tracefs.formats,
      privateMount: tracefs.needsMount,
      symbolsHidden: table.size === 0,
    });
    const target = {
      formats: tracefs.formats,
      allocators: host.allocators,
      possibleCpus: await possibleCpus(),
      seesBtf: /^\s*btf: yes/m.test(info),
      host,
    };
    const { hooks } = assembleScript(source, target);
    const { text } = assembleScript(source, { ...target, host: { ...host, hooks } });
    return {
      script: text,
      hooks: hooks.length,
      notes: host.notes,
      machine: { needsMount: tracefs.needsMount, pageSize: host.pageSize, cpus: host.cpus },
      lookup: (symbol: string, offset: number, module: string | null) => table.locate(symbol, offset, module),
    };
  }

  private startSampling(): void {
    const sample = async (): Promise<void> => {
      const slow = this.samples++ % SLOW_SAMPLE_EVERY === 0;
      // zoneinfo first: it is of one moment with the meminfo behind it.
      const both = ['zoneinfo', 'meminfo'] as const;
      const texts = await Promise.all(both.map((source) => this.readCounters(source)));
      for (const [i, source] of both.entries()) this.addCounters(source, texts[i]);
      if (!slow) return;
      for (const source of ['vmstat', 'slabinfo'] as const) this.addCounters(source, await this.readCounters(source));
    };
    void sample();
    this.sampler = setInterval(() => void sample(), SAMPLE_EVERY_MS);
    this.sampler.unref();
  }

  private addCounters(source: CounterSource, text: string): void {
    if (text !== '') this.decoder?.addCounters(source, text);
  }

  private async readCounters(source: CounterSource): Promise<string> {
    const bytes = await (source === 'slabinfo'
      ? readAsRoot(this.privilege, '/proc/slabinfo')
      : readFile(`/proc/${source}`).catch(() => null));
    const text = bytes === null ? '' : new TextDecoder().decode(bytes);
    return source === 'zoneinfo' ? shortZoneinfo(text) : text;
  }

  private stopSampling(): void {
    if (this.sampler !== null) clearInterval(this.sampler);
    this.sampler = null;
  }

  private exitError(exit: ChildExit, started: boolean): UserError | null {
    if (exit.notStarted !== null) return new UserError(`bpftrace did not start: ${exit.notStarted}`);
    if (started && exit.signal === null && this.stopReason !== null) return null;
    const said = whatItSaid(exit.stderrTail);
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
    const what = started ? 'bpftrace ended early' : 'bpftrace could not start';
    return new UserError(`${what} (${how})${said === '' ? '' : `: ${said}`}`, ['see what is missing: unfreed doctor']);
  }
}

/** Returns the command that must be run as root with the script on stdin. Exported for its test. */
export function bpftraceCommand(
  options: CollectorOptions,
  machine: { needsMount: boolean; pageSize: number; cpus: number },
): string[] {
  const { needsMount, pageSize, cpus } = machine;
  const drop = options.self === 'drop' ? 1 : 0;
  const args = [options.selfPids[0] ?? 0, drop, options.minSizeBytes, Math.max(options.sampleOneIn, 1), pageSize];
  // In the shell script instead of our environment, which sudo does not pass on. $$ remains
  // bpftrace's pid after exec.
  const script = [
    `BPFTRACE_MAP_KEYS_MAX=65536 BPFTRACE_STRLEN=32 BPFTRACE_PERF_RB_PAGES=${bufferPages(options.bufferBytes / cpus, pageSize)}`,
    `BPFTRACE_NO_USER_SYMBOLS=1 exec bpftrace -q -B full - "$$" ${args.join(' ')}`,
  ].join(' ');
  return needsMount ? inPrivateTracefs(script) : ['sh', '-c', script];
}

/**
 * Returns the pages of one CPU's buffer, which must be a power of two. At most 16 MiB: bpftrace
 * empties one CPU's buffer before it looks at the next, whose events are delayed by that time
 * (decode/bpftrace/time-order.ts must bridge it).
 */
function bufferPages(bytesPerCpu: number, pageSize: number): number {
  const pages = Math.min(Math.max(bytesPerCpu, 256 * 1024), 16 * 2 ** 20) / pageSize;
  return 2 ** Math.floor(Math.log2(pages));
}

/** Returns the output of `bpftrace --info`. */
async function bpftraceInfo(privilege: Privilege): Promise<string> {
  const result = await asRoot(privilege, ['bpftrace', '--info']);
  return `${result.stdout}\n${result.stderr}`;
}

/**
 * Returns the line of stderr that explains a failure, '' if there is none. Skips the harmless line
 * about locked memory, and those about lost events.
 */
export function whatItSaid(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/RLIMIT_MEMLOCK|^Lost \d+ events/.test(line));
  return lines.find((line) => line.includes('ERROR')) ?? lines.at(-1) ?? '';
}

/**
 * Clocks for the decoder. bpftrace's nsecs count CLOCK_MONOTONIC or, in newer versions,
 * CLOCK_BOOTTIME; the two differ on a machine that has slept. The clock is the one on which the
 * start lies just before now.
 */
function machineClocks(): BpftraceClocks {
  let startedAtMs = performance.now();
  return {
    start(nsecs) {
      const ages = [Number(process.hrtime.bigint() - nsecs) / 1e6, uptime() * 1000 - Number(nsecs) / 1e6];
      // uptime() has a resolution of 10 ms.
      const passed = Math.min(...ages.filter((age) => age > -20));
      const ageMs = Number.isFinite(passed) ? Math.max(passed, 0) : 0;
      startedAtMs = performance.now() - ageMs;
      return Math.round(Date.now() - ageMs);
    },
    elapsedNs: () => (performance.now() - startedAtMs) * 1e6,
  };
}
