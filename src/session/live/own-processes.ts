import { readlinkSync } from 'node:fs';
import type { EventBatch } from '../../event/event-batch.js';
import { FREE_BIT, SELF_BIT } from '../../event/kinds.js';
import { PassingSink } from '../../event/passing-sink.js';
import type { TraceFact, TraceSink } from '../../event/trace-sink.js';

/** What a process takes may be read from the stream so much later than it ended; its number is not given again so soon. */
const LINGER_NS = 5e9;
/** Processes that are known at a time: two of each census. */
const MOST = 16;
/** PROC_PID_INIT_INO (include/linux/proc_ns.h). */
const FIRST_NAMESPACE = 'pid:[4026531836]';

interface Own {
  pid: number;
  /** Time of the trace up to which the number is that of this process. */
  untilNs: number;
}

/**
 * OwnProcesses: marks the memory of processes that the program starts beside a trace (a census) as the tracer's own, as
 * the collector marks its own and the program's. They are known here before any of their events is read: the thread
 * that starts them is the one that reads. Not so through sudo: the number of its child is known once that has begun, and
 * what it took until then, some 1 MiB for some ms, is not marked.
 */
export class OwnProcesses extends PassingSink {
  private readonly all: Own[] = [];
  private readonly knowsNumbers: boolean;
  private newestNs = 0;
  /** The collector does not mark the tracer's own. */
  private keeps = false;

  /** `knowsNumbers`: a number that this process knows another by is the one in events, which is the kernel's. */
  constructor(sink: TraceSink, knowsNumbers: boolean = isFirstNamespace()) {
    super(sink);
    this.knowsNumbers = knowsNumbers;
  }

  /** Does what starts processes, each of which must be reported to `began`. They have ended when it settles. */
  async during<T>(work: (began: (pid: number) => void) => Promise<T>): Promise<T> {
    const started: Own[] = [];
    try {
      return await work((pid) => {
        if (!this.knowsNumbers) return;
        const own: Own = { pid, untilNs: Number.POSITIVE_INFINITY };
        started.push(own);
        this.all.push(own);
        if (this.all.length > MOST) this.all.shift();
      });
    } finally {
      for (const own of started) own.untilNs = this.newestNs + LINGER_NS;
    }
  }

  /** Marks rows of the batch in place: its producer fills it anew after this call. */
  override events(batch: EventBatch): void {
    const { length, timeNs } = batch;
    if (length > 0) this.newestNs = Math.max(this.newestNs, timeNs[length - 1]);
    if (!this.keeps) for (const own of this.all) mark(batch, own);
    super.events(batch);
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'host') this.keeps = fact.facts.self === 'keep';
    else if (fact.type === 'clock') this.newestNs = Math.max(this.newestNs, fact.timeNs);
    super.fact(fact);
  }
}

function mark({ length, pid, kind, timeNs }: EventBatch, { pid: ours, untilNs }: Own): void {
  for (let row = pid.indexOf(ours); row >= 0 && row < length; row = pid.indexOf(ours, row + 1)) {
    if ((kind[row] & FREE_BIT) === 0 && timeNs[row] <= untilNs) kind[row] |= SELF_BIT;
  }
}

function isFirstNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === FIRST_NAMESPACE;
  } catch {
    return false;
  }
}
