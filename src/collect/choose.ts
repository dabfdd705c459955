/** The choice of a collector that this machine can run: --collector auto|bpf|bpftrace. */
import { UserError } from '../base/errors.js';
import { PassingSink } from '../event/passing-sink.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { EndReason, TraceFact, TraceSink } from '../event/trace-sink.js';
import { BpfCollector, bpfCollectorPath, isBpfCollectorBuilt } from './bpf-collector.js';
import { BpftraceCollector } from './bpftrace-collector.js';
import type { Collector, CollectorExit, CollectorName, CollectorOptions } from './collector.js';
import { findPrivilege, type Privilege } from './privilege.js';
import { toolVersion } from './tools.js';

/** What the choice depends on. */
export interface Choices {
  asked: CollectorOptions['collector'];
  bpfBuilt: boolean;
  bpftraceVersion: string | null;
}

/** Returns the collectors to try, best first. Throws a UserError if there is none. */
export function collectorOrder(choices: Choices): CollectorName[] {
  const { asked, bpfBuilt, bpftraceVersion } = choices;
  if (asked !== 'bpftrace' && bpfBuilt)
    return asked === 'auto' && bpftraceVersion !== null ? ['bpf', 'bpftrace'] : ['bpf'];
  if (asked === 'bpf') {
    throw new UserError(`the eBPF collector is not built: there is no ${bpfCollectorPath()}`, BUILD_STEPS);
  }
  if (bpftraceVersion !== null) return ['bpftrace'];
  if (asked === 'bpftrace') {
    throw new UserError('bpftrace is not installed', ['install it: apt-get install bpftrace', 'or: --collector bpf']);
  }
  throw new UserError('nothing to trace with: the eBPF collector is not built and bpftrace is not installed', [
    ...BUILD_STEPS,
    'or install bpftrace: apt-get install bpftrace',
  ]);
}

const BUILD_STEPS = [
  'build it (needs clang, libbpf-dev, bpftool and make): npm run setup',
  'see what is missing: unfreed doctor',
];

/**
 * Returns a collector for this machine, not started. Throws a UserError that names what is missing
 * and what to do.
 */
export async function chooseCollector(options: CollectorOptions): Promise<Collector> {
  const order = collectorOrder({
    asked: askedFor(options),
    bpfBuilt: await isBpfCollectorBuilt(),
    bpftraceVersion: await toolVersion('bpftrace', ['--version']),
  });
  const privilege = await findPrivilege();
  if (privilege === null) {
    throw new UserError('live tracing takes root, and sudo without a password is not there', [
      'run it as root: sudo unfreed ...',
      'or read a recording: unfreed replay FILE',
    ]);
  }
  const candidates = order.map((name) => makeCollector(name, options, privilege));
  return candidates.length === 1 ? candidates[0] : new FirstThatStarts(candidates);
}

/**
 * Returns the collector that the options require. Throws a UserError rather than ignore what
 * bpftrace cannot do.
 */
function askedFor(options: CollectorOptions): CollectorOptions['collector'] {
  if (options.minAgeNs === 0 && options.maxOverhead === null) return options.collector;
  if (options.collector === 'bpftrace') {
    throw new UserError('--min-age and --max-overhead are of the eBPF collector: bpftrace has neither', [
      'trace with --collector bpf',
    ]);
  }
  return 'bpf';
}

function makeCollector(name: CollectorName, options: CollectorOptions, privilege: Privilege): Collector {
  return name === 'bpf' ? new BpfCollector(options, privilege) : new BpftraceCollector(options, privilege);
}

/**
 * Tries one collector after the other: an eBPF collector that this kernel refuses must not prevent
 * the use of bpftrace.
 */
class FirstThatStarts implements Collector {
  readonly finished: Promise<CollectorExit>;
  private readonly candidates: Collector[];
  private current: Collector;
  private stopped: EndReason | null = null;
  private settle: (exit: Promise<CollectorExit>) => void = () => undefined;

  constructor(candidates: Collector[]) {
    this.candidates = candidates;
    this.current = candidates[0];
    this.finished = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get name(): CollectorName {
    return this.current.name;
  }

  get pid(): number | null {
    return this.current.pid;
  }

  async start(sink: TraceSink, dictionary: TraceDictionary): Promise<void> {
    const failures: UserError[] = [];
    for (const candidate of this.candidates) {
      this.current = candidate;
      try {
        const notes = failures.map((failure) => failure.message);
        await candidate.start(new NotingSink(sink, notes), dictionary);
        this.settle(candidate.finished);
        return;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        failures.push(error);
        if (this.stopped !== null) break;
      }
    }
    this.settle(this.current.finished);
    throw new UserError(failures.map((failure) => failure.message).join('; and '), failures[0].nextSteps, {
      cause: failures[0],
    });
  }

  async stop(reason: EndReason): Promise<void> {
    this.stopped = reason;
    await this.current.stop(reason);
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
