/**
 * PartJoiner: joins the parts of a recording, which come one after the other, to one trace. Times
 * run on from part to part, only the end of the last part ends the trace, and events that are in no
 * part are reported as lost. Time 0 is that of the first part present.
 */
import type { Damage } from '../../event/damage.js';
import type { EventBatch } from '../../event/event-batch.js';
import { shifted, timeOf } from '../../event/facts.js';
import type { HostFacts } from '../../event/host-facts.js';
import { LOSS_DAMAGED } from '../../event/losses.js';
import { PassingSink } from '../../event/passing-sink.js';
import type { TraceFact } from '../../event/trace-sink.js';
import { missingPartsNote, type RecordingPart } from '../format/part.js';

/** The state from which the rest of a part can be joined. */
export interface JoinerMark {
  /** The first part; null = no part has begun. */
  first: RecordingPart | null;
  shiftNs: number;
  startUnixMs: number;
  accounted: number;
  lastTimeNs: number;
}

/** The state before the first part. */
export const JOINER_START: JoinerMark = { first: null, shiftNs: 0, startUnixMs: 0, accounted: 0, lastTimeNs: 0 };

export class PartJoiner extends PassingSink {
  /** Spans of parts that are missing between others. */
  readonly damagedSpans: Damage[] = [];
  /** The part being read is the last one: its end is the end. */
  isLast = true;
  /** Latest time passed on, ns. */
  lastTimeNs = 0;

  private first: RecordingPart | null = null;
  private shiftNs = 0;
  /** Wall clock at time 0 of the first part, 0 = unknown. */
  private startUnixMs = 0;
  /** Events passed on or reported as lost, from the start of the whole recording. */
  private accounted = 0;
  /**
   * Greatest `eventsBefore` of a part so far. When a part is read again, the events missing before
   * it have been counted.
   */
  private countedTo = -1;

  mark(): JoinerMark {
    const { first, shiftNs, startUnixMs, accounted, lastTimeNs } = this;
    return { first, shiftNs, startUnixMs, accounted, lastTimeNs };
  }

  /** Continues from the state at a mark. */
  resume(mark: JoinerMark): void {
    this.first = mark.first;
    this.shiftNs = mark.shiftNs;
    this.startUnixMs = mark.startUnixMs;
    this.accounted = mark.accounted;
    this.lastTimeNs = mark.lastTimeNs;
  }

  /** Begins a part; must be called before any other call for it. */
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

  /** Moves the times in place: the batch is the reader's, which empties it afterwards. */
  override events(batch: EventBatch): void {
    const { shiftNs } = this;
    if (shiftNs > 0) for (let row = 0; row < batch.length; row++) batch.timeNs[row] += shiftNs;
    this.accounted += batch.length;
    if (batch.length > 0) this.lastTimeNs = Math.max(this.lastTimeNs, batch.timeNs[batch.length - 1]);
    super.events(batch);
  }

  override fact(fact: TraceFact): void {
    if (fact.type === 'host') return super.fact({ ...fact, facts: this.joinedHost(fact.facts) });
    if (fact.type === 'losses') {
      for (const row of fact.rows) if (row.cause === LOSS_DAMAGED) this.accounted += row.count;
    }
    const moved = shifted(fact, this.shiftNs);
    this.lastTimeNs = Math.max(this.lastTimeNs, timeOf(moved) ?? 0);
    if (fact.type !== 'end' || this.isLast) super.fact(moved);
  }

  /** Ends the trace; called when the last part cannot be read at all. */
  cut(detail: string): void {
    super.fact({ type: 'end', timeNs: this.lastTimeNs, reason: 'cut', detail });
  }

  private lose(events: number, part: RecordingPart): void {
    const toNs = this.shiftNs;
    const reason = `events before part ${part.number} that are in no file`;
    if (part.eventsBefore > this.countedTo) {
      this.damagedSpans.push({ byteOffset: 0, fromNs: Math.min(this.lastTimeNs, toNs), toNs, events, reason });
    }
    this.accounted += events;
    const row = { cause: LOSS_DAMAGED, kind: 0, cpu: -1, count: events, bytes: 0, countWithBytes: 0 };
    super.fact({ type: 'losses', timeNs: Math.max(this.lastTimeNs, toNs), rows: [row] });
  }

  /** Returns host facts with the start time of the first part, and a note of the parts missing before it. */
  private joinedHost(facts: HostFacts): HostFacts {
    if (this.shiftNs === 0) this.startUnixMs = facts.startUnixMs;
    const note = this.first === null ? '' : missingPartsNote(this.first);
    const notes = note === '' ? facts.notes : [...facts.notes, note];
    return { ...facts, startUnixMs: this.startUnixMs, notes };
  }
}
