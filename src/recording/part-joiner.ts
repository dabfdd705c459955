/**
 * PartJoiner: the parts of one recording, told one after the other, made into one trace: times run on, the end of a part
 * that another follows is no end, and events that are in no part are told as lost. Time 0 is that of the first part
 * that there is.
 */
import type { Damage } from '../event/damage.js';
import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import { LOSS_DAMAGED, type LossRow } from '../event/losses.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { missingPartsNote, type RecordingPart } from './part.js';

/** What joins the rest of a part to what was told before. */
export interface JoinerMark {
  /** Null = no file has said which part it is. */
  first: RecordingPart | null;
  shiftNs: number;
  startUnixMs: number;
  accounted: number;
  lastTimeNs: number;
}

/** Before anything was told. */
export const JOINER_START: JoinerMark = { first: null, shiftNs: 0, startUnixMs: 0, accounted: 0, lastTimeNs: 0 };

export class PartJoiner implements TraceSink {
  /** Parts that should be between others and are not. */
  readonly damages: Damage[] = [];
  /** The part being read is the last one: its end is the end. */
  isLast = true;
  /** Latest time told. */
  lastTimeNs = 0;

  private readonly sink: TraceSink;
  private first: RecordingPart | null = null;
  private shiftNs = 0;
  /** Wall clock at time 0 of the first part, 0 = not known. */
  private startUnixMs = 0;
  /** Events given or told as lost, from the start of the whole recording. */
  private accounted = 0;
  /** Greatest `eventsBefore` of a part: what is missing before one that was read already has been counted. */
  private countedTo = -1;

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  mark(): JoinerMark {
    const { first, shiftNs, startUnixMs, accounted, lastTimeNs } = this;
    return { first, shiftNs, startUnixMs, accounted, lastTimeNs };
  }

  /** Goes on as it was at a mark. */
  resume(mark: JoinerMark): void {
    this.first = mark.first;
    this.shiftNs = mark.shiftNs;
    this.startUnixMs = mark.startUnixMs;
    this.accounted = mark.accounted;
    this.lastTimeNs = mark.lastTimeNs;
  }

  /** To be called when a file says which part it is, before anything else that it tells. */
  begin(part: RecordingPart): void {
    if (this.first === null) {
      this.first = part;
      this.accounted = part.eventsBefore;
      return;
    }
    this.shiftNs = Math.max(0, part.startNs - this.first.startNs);
    const missing = part.eventsBefore - this.accounted;
    if (missing > 0) this.lose(missing, part);
    this.countedTo = Math.max(this.countedTo, part.eventsBefore);
  }

  host(facts: HostFacts): void {
    if (this.shiftNs === 0) this.startUnixMs = facts.startUnixMs;
    const note = this.first === null ? '' : missingPartsNote(this.first);
    const notes = note === '' ? facts.notes : [...facts.notes, note];
    this.sink.host({ ...facts, startUnixMs: this.startUnixMs, notes });
  }

  symbol(entry: SymbolisedAddress): void {
    this.sink.symbol(entry);
  }

  /** The batch is the reader's, which empties it afterwards: its times are moved in place. */
  events(batch: EventBatch): void {
    const { shiftNs } = this;
    if (shiftNs > 0) for (let row = 0; row < batch.length; row++) batch.timeNs[row] += shiftNs;
    this.accounted += batch.length;
    if (batch.length > 0) this.lastTimeNs = Math.max(this.lastTimeNs, batch.timeNs[batch.length - 1]);
    this.sink.events(batch);
  }

  losses(timeNs: number, rows: LossRow[]): void {
    for (const row of rows) if (row.cause === LOSS_DAMAGED) this.accounted += row.count;
    this.sink.losses(this.moved(timeNs), rows);
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.sink.counters(this.moved(timeNs), source, text);
  }

  clock(timeNs: number): void {
    this.sink.clock(this.moved(timeNs));
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    const time = this.moved(timeNs);
    if (this.isLast) this.sink.end(time, reason, detail);
  }

  /** The last part cannot be read at all. */
  cut(detail: string): void {
    this.sink.end(this.lastTimeNs, 'cut', detail);
  }

  private lose(events: number, part: RecordingPart): void {
    const toNs = this.shiftNs;
    const reason = `events before part ${part.number} that are in no file`;
    if (part.eventsBefore > this.countedTo) {
      this.damages.push({ byteOffset: 0, fromNs: Math.min(this.lastTimeNs, toNs), toNs, events, reason });
    }
    this.accounted += events;
    const row = { cause: LOSS_DAMAGED, kind: 0, cpu: -1, count: events, bytes: 0, countWithBytes: 0 };
    this.sink.losses(Math.max(this.lastTimeNs, toNs), [row]);
  }

  private moved(timeNs: number): number {
    const time = timeNs + this.shiftNs;
    if (time > this.lastTimeNs) this.lastTimeNs = time;
    return time;
  }
}
