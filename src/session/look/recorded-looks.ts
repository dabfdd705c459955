import type { EventBatch } from '../../event/event-batch.js';
import type { HostFacts } from '../../event/host-facts.js';
import {
  type CarriedLook,
  type CounterSource,
  type FactOf,
  MOST_LOOKS,
  type TraceFact,
  type TraceSink,
} from '../../event/trace-sink.js';
import { carriedLook } from '../../proc/kept-look.js';
import type { Look } from '../../proc/look.js';
import { tableText } from '../../proc/look-tables.js';

/** Samples that are of one moment lie within this of each other: the collectors take them once a second. */
const MOMENT_NS = 500e6;
/** Readings of meminfo whose spread is the noise of a counter. */
const READINGS = 5;
const KEPT: readonly CounterSource[] = ['meminfo', 'zoneinfo', 'vmstat', 'slabinfo'];

/** Samples of the kernel's counters in one moment, by their source. */
interface Moment {
  timeNs: number;
  texts: Map<CounterSource, string>;
}

/**
 * RecordedLooks: the looks of a trace that passes by: those that it carries, and what the samples of
 * the kernel's counters show at its start and at its end.
 */
export class RecordedLooks implements TraceSink {
  private host: HostFacts | null = null;
  private carried: CarriedLook[] = [];
  private first: Moment | null = null;
  private last: Moment | null = null;
  /** Moments behind the first; the latest is `last`. */
  private readonly early: Moment[] = [];

  events(_batch: EventBatch): void {}

  fact(fact: TraceFact): void {
    if (fact.type === 'host') this.host ??= fact.facts;
    else if (fact.type === 'look') this.look(fact.look);
    else if (fact.type === 'counters' && KEPT.includes(fact.source)) this.sample(fact);
  }

  /**
   * Returns the looks, oldest first; empty if the trace has neither looks nor samples of meminfo. What
   * it carries is judged, and the samples give the pace; where it carries none, its end is judged.
   */
  looks(source: string): Look[] {
    const carried = this.carried.map((look) => carriedLook(look, source));
    const { first, last, early } = this;
    if (first === null || last === null || !first.texts.has('meminfo')) return carried;
    // Quick readings mark a look that is not judged (triage-looks.ts).
    if (carried.length > 0) return last === first ? carried : [...carried, this.ofMoment(last, source, early)];
    return last === first
      ? [this.ofMoment(first, source, [])]
      : [this.ofMoment(first, source, early), this.ofMoment(last, source, [])];
  }

  private look(look: CarriedLook): void {
    // The parts of a ring repeat it.
    if (this.carried.length < MOST_LOOKS && this.carried.every(({ unixMs }) => unixMs !== look.unixMs))
      this.carried.push(look);
  }

  private sample({ timeNs, source, text }: FactOf<'counters'>): void {
    const { first, last } = this;
    // A slow source may be sampled less often: its first text is of the first moment all the same.
    if (first !== null && !first.texts.has(source)) first.texts.set(source, text);
    if (last === null || timeNs - last.timeNs > MOMENT_NS) {
      const moment: Moment = { timeNs, texts: new Map(last?.texts).set(source, text) };
      this.first ??= moment;
      this.last = moment;
      if (moment !== this.first && this.early.length < READINGS) this.early.push(moment);
    } else last.texts.set(source, text);
  }

  private ofMoment({ timeNs, texts }: Moment, source: string, readings: readonly Moment[]): Look {
    const named = new Map<string, string>();
    const { host } = this;
    if (host !== null) named.set('table/machine', machineTable(host));
    for (const [name, text] of texts) named.set(`proc/${name}`, text);
    for (const [index, reading] of readings.entries()) {
      for (const name of ['meminfo', 'zoneinfo'] as const) {
        const text = reading.texts.get(name);
        if (text !== undefined) named.set(`proc/${name}#${index + 1}`, text);
      }
    }
    const timeMs = host === null || host.startUnixMs === 0 ? null : host.startUnixMs + timeNs / 1e6;
    return { timeMs, origin: 'recording', source, texts: named, notRead: [] };
  }
}

function machineTable(host: HostFacts): string {
  const { hostname, kernel, arch, pageSize, cpus, percpuFirstChunkBytes, balloonInTotal } = host;
  const row = [
    hostname,
    kernel,
    arch,
    '',
    pageSize,
    cpus,
    null,
    percpuFirstChunkBytes,
    balloonInTotal ? 1 : 0,
    'kernel',
  ];
  return tableText('table/machine', [row]);
}
