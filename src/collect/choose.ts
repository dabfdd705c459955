/** The choice of a collector that this machine can run: --collector auto|bpf|bpftrace. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../base/errors.js';
import type { StartStep } from '../base/start-steps.js';
import { PassingSink } from '../event/passing-sink.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { EndReason, TraceFact, TraceSink } from '../event/trace-sink.js';
import { BpfCollector, bpfCollectorPath, isBpfCollectorBuilt } from './bpf-collector.js';
import { BpftraceCollector } from './bpftrace-collector.js';
import {
  type Collector,
  type CollectorExit,
  type CollectorName,
  type CollectorOptions,
  isOfProcesses,
} from './collector.js';
import { findPrivilege } from './privilege.js';
import { toolVersion } from './tools.js';

/** What the choice depends on. */
export interface Choices {
  asked: CollectorOptions['collector'];
  bpfBuilt: boolean;
  bpftraceVersion: string | null;
}

/**
 * Returns the collector to use. An eBPF collector that is built is never given up for bpftrace: one
 * that cannot start is an error, because tracing through bpftrace is so much dearer that it must be
 * asked for. Throws a UserError if there is none.
 */
export function collectorFor(choices: Choices): CollectorName {
  const { asked, bpfBuilt, bpftraceVersion } = choices;
  if (asked !== 'bpftrace' && bpfBuilt) return 'bpf';
  if (asked === 'bpf') {
    throw new UserError(`the eBPF collector is not built: ${bpfCollectorPath()} is missing`, BUILD_STEPS);
  }
  if (bpftraceVersion !== null) return 'bpftrace';
  if (asked === 'bpftrace') {
    throw new UserError('bpftrace is not installed', ['install it: apt-get install bpftrace', 'or: --collector bpf']);
  }
  throw new UserError('nothing to trace with: the eBPF collector is not built and bpftrace is not installed', [
    ...BUILD_STEPS,
    'or install bpftrace: apt-get install bpftrace',
  ]);
}

/** The note of a trace that took bpftrace unasked; the ratio is that of a load's slow-downs (bpf/COSTS.md). */
export const DEAR =
  'through bpftrace, because the eBPF collector is not built: the traced machine slows down 5 to 23 times as much, ' +
  'and events are lost above some 100,000 a second; build it: npm run setup';

const BUILD_STEPS = ['build it: npm run setup (what is missing for that: unfreed doctor)'];

/**
 * Returns a collector for this machine, not started. Throws a UserError that names what is missing
 * and what to do.
 */
export async function chooseCollector(options: CollectorOptions): Promise<Collector> {
  const asked = askedFor(options);
  const name = collectorFor({
    asked,
    bpfBuilt: await isBpfCollectorBuilt(),
    bpftraceVersion: await toolVersion('bpftrace', ['--version']),
  });
  const privilege = await findPrivilege();
  if (privilege === null) {
    throw new UserError('tracing this machine needs root, or the capabilities BPF, PERFMON and SYSLOG', [
      'run it as root: sudo unfreed ... (unfreed doctor says which rights are there)',
      'or read a recording: unfreed replay FILE',
    ]);
  }
  await refuseFewFiles();
  if (name === 'bpf') return new BpfCollector(options, privilege);
  const collector = new BpftraceCollector(options, privilege);
  return asked === 'bpftrace' ? collector : new UnaskedBpftrace(collector);
}

/**
 * Returns the collector that the options require. Throws a UserError rather than ignore what
 * bpftrace cannot do.
 */
function askedFor(options: CollectorOptions): CollectorOptions['collector'] {
  if (isOfProcesses(options)) {
    if (options.collector === 'bpftrace') {
      throw new UserError('the memory of processes needs the eBPF collector: bpftrace cannot trace it', [
        'trace with --collector bpf',
      ]);
    }
    return 'bpf';
  }
  if (options.minAgeNs === 0 && options.maxOverhead === null) return options.collector;
  if (options.collector === 'bpftrace') {
    throw new UserError('--min-age and --max-overhead need the eBPF collector: bpftrace has neither', [
      'trace with --collector bpf',
    ]);
  }
  return 'bpf';
}

/** Descriptors that starting a collector takes in this process: programs, pipes, files of /proc. */
const LEAST_FILES = 64;

/** Throws a UserError if this process may open too few files; the runtime has raised the limit as far as it can. */
async function refuseFewFiles(): Promise<void> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const limit = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? LEAST_FILES);
  if (limit >= LEAST_FILES) return;
  throw new UserError(`live tracing opens up to ${LEAST_FILES} files, and the limit is ${limit} (ulimit -n)`, [
    'raise the limit: ulimit -n 1024',
  ]);
}

/** Starts bpftrace where nobody asked for it, and notes in the trace what that means. */
class UnaskedBpftrace implements Collector {
  readonly name = 'bpftrace';
  readonly finished: Promise<CollectorExit>;
  private readonly collector: Collector;

  constructor(collector: Collector) {
    this.collector = collector;
    this.finished = collector.finished;
  }

  get pid(): number | null {
    return this.collector.pid;
  }

  get onStep(): ((step: StartStep) => void) | null {
    return this.collector.onStep;
  }

  set onStep(onStep: ((step: StartStep) => void) | null) {
    this.collector.onStep = onStep;
  }

  start(sink: TraceSink, dictionary: TraceDictionary): Promise<void> {
    return this.collector.start(new NotingSink(sink, [DEAR]), dictionary);
  }

  stop(reason: EndReason): Promise<void> {
    return this.collector.stop(reason);
  }
}

/** NotingSink: passes a trace on, with more notes in the host facts. */
class NotingSink extends PassingSink {
  private readonly notes: readonly string[];

  constructor(sink: TraceSink, notes: readonly string[]) {
    super(sink);
    this.notes = notes;
  }

  override fact(fact: TraceFact): void {
    if (fact.type !== 'host') return super.fact(fact);
    const { facts } = fact;
    super.fact({ type: 'host', facts: { ...facts, notes: [...this.notes, ...facts.notes] } });
  }
}
