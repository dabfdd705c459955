/**
 * TextOrder: the order of time in a text. Rows of a text that runs forward pass at the cost of one
 * comparison. Where the first lines make the order doubtful, rows are held: joined files of single
 * CPUs are merged by time, shuffled rows are sorted. Where time falls back in a text that ran
 * forward, another trace begins, of which nothing is passed on: a pair must not cross it.
 */
import type { EventBatch } from '../../event/event-batch.js';
import { HeldRows } from './held-rows.js';
import { type RowPlace, Segments } from './segments.js';

/** Time may fall back that far within a trace, in ns: clocks of CPUs differ, buffers are read late. */
const JITTER_NS = 1e6;
const LATE_NS = 100e6;
/** For a clock of unknown unit: this part of the time so far. */
const LATE_SHARE = 1 / 1000;
/** Most rows that are held, 41 bytes each: 172 MB. */
const MAX_HELD = 1 << 22;

/** Where another trace begins. */
export interface OtherTrace {
  line: number;
  /** Since the first event of the text. */
  fromNs: number;
  toNs: number;
  events: number;
}

export class TextOrder {
  /** Greatest time that was passed on. */
  lastNs = 0;
  /** Rows of several files of one CPU each that were merged; 0 = none. */
  merged = 0;
  /** Rows that were in the order of something else than time, and were sorted; 0 = none. */
  sorted = 0;
  /** Rows that came after a later one, and could not be put in order. */
  late = 0;
  /** The same, by no more than the clocks of CPUs may differ: few of them show nothing. */
  slightlyLate = 0;
  /** Set once time has fallen back for good. */
  other: OtherTrace | null = null;
  /** More rows were out of order than can be held. */
  isFull = false;

  private readonly emit: (batch: EventBatch) => void;
  private readonly limit: number;
  private readonly held = new HeldRows();
  private readonly segments = new Segments();
  /** Rows before this one are held until all of them have come; Infinity = until the end. */
  private holdEnd = 0;
  private falls = false;
  /** True if they must be sorted then. */
  private sortsHeld = false;
  /** Rows noted, and rows that came in batches. */
  private noted = 0;
  private received = 0;
  /** An earlier row may be of another trace. */
  private floorNs = Number.NEGATIVE_INFINITY;
  private maxNs = Number.NEGATIVE_INFINITY;
  /** The first row that may be of another trace, which the next row decides; -1 = none. */
  private breakRow = -1;
  private breakNs = 0;
  private breakLine = 0;

  /** `limit`: rows that are held at most. */
  constructor(emit: (batch: EventBatch) => void, limit = MAX_HELD) {
    this.emit = emit;
    this.limit = limit;
  }

  /**
   * Holds rows until their order is known, or all of them if it `falls` back already. Must be called
   * before the first row.
   */
  hold(falls: boolean): void {
    this.holdEnd = Number.POSITIVE_INFINITY;
    this.falls = falls;
  }

  /** True while rows are held that came before those which are passed on now. */
  get isHolding(): boolean {
    return this.received < this.holdEnd;
  }

  /** Takes the time and place of the next row; its columns come later, with events(). `line` is its line in the text. */
  note(timeNs: number, place: RowPlace, line: number): void {
    this.noted++;
    if (this.noted <= this.holdEnd) return this.noteHeld(timeNs, place, line);
    if (this.breakRow >= 0 && this.other === null) this.decide(timeNs);
    if (this.other !== null) this.other.events++;
    else if (timeNs >= this.maxNs) this.advance(timeNs, place.wholeTime);
    else if (timeNs >= this.floorNs) this.noteLate(timeNs, place.wholeTime);
    else if (this.isFull) this.late++;
    else {
      this.breakRow = this.noted - 1;
      this.breakNs = timeNs;
      this.breakLine = line;
    }
  }

  /** Takes the columns of the next rows, in the order of note(). The batch's length may change. */
  events(batch: EventBatch): void {
    const first = this.received;
    const end = first + batch.length;
    const heldEnd = Math.min(end, this.holdEnd);
    if (first < heldEnd) this.held.append(batch, 0, heldEnd - first);
    this.received = end;
    if (end < this.holdEnd) return;
    // Rows from here on are of another trace, or wait for the row that decides.
    const passEnd = this.breakRow < 0 ? end : Math.max(first, Math.min(end, this.breakRow));
    const waits = this.breakRow >= 0 && this.breakRow < first;
    if (!waits && this.held.length > 0) this.releaseHeld();
    if (first < heldEnd) {
      // The rows that were not held follow those that were.
      this.held.append(batch, heldEnd - first, passEnd - first);
      this.releaseHeld();
    }
    if (this.other === null) this.held.append(batch, passEnd - first, batch.length);
    if (first < heldEnd) return;
    batch.length = passEnd - first;
    if (batch.length > 0) this.pass(batch);
  }

  /** The text is over: passes on what is held. */
  end(): void {
    if (this.isHolding) this.endHeld();
    if (this.breakRow >= 0 && this.other === null) this.decide(Number.NEGATIVE_INFINITY);
    if (this.other === null && this.held.length > 0) this.releaseHeld();
    this.held.clear();
  }

  private noteHeld(timeNs: number, place: RowPlace, line: number): void {
    const { segments } = this;
    segments.jitterNs = place.wholeTime ? 0 : JITTER_NS;
    segments.add(timeNs, place, line);
    const isForward = segments.list.length === 1 && !this.falls;
    if (!(isForward && segments.isMixed) && this.noted < this.limit) return;
    // The rows run forward on all CPUs, or are too many: the next ones pass as they come.
    this.holdEnd = this.noted;
    this.sortsHeld = this.isFull = !isForward;
    for (const { maxNs } of segments.list) this.advance(maxNs, place.wholeTime);
  }

  private noteLate(timeNs: number, isCount: boolean): void {
    if (isCount || timeNs < this.maxNs - JITTER_NS) this.late++;
    else this.slightlyLate++;
  }

  private advance(timeNs: number, isCount: boolean): void {
    if (timeNs <= this.maxNs) return;
    this.maxNs = timeNs;
    this.floorNs = timeNs - (isCount ? timeNs * LATE_SHARE : LATE_NS);
  }

  /** The row after the one that fell back: if it is back as well, another trace has begun. */
  private decide(timeNs: number): void {
    if (timeNs >= this.floorNs) {
      this.late++;
      this.breakRow = -1;
      return;
    }
    this.other = { line: this.breakLine, fromNs: this.maxNs, toNs: this.breakNs, events: 1 };
    if (this.breakRow < this.received) this.held.clear();
  }

  /** All rows were held to the end. */
  private endHeld(): void {
    const { segments, held } = this;
    this.holdEnd = this.received;
    const { list } = segments;
    if (list.length <= 1) return this.releaseHeld();
    const traces = segments.firstTrace();
    const next = list.at(traces);
    const rows = next?.firstRow ?? held.length;
    if (traces > 1 && segments.areCpusApart(traces)) this.merged = rows;
    else if (traces > 1) this.sorted = rows;
    if (next !== undefined) {
      const before = list[traces - 1];
      this.other = { line: next.line, fromNs: before.maxNs, toNs: next.minNs, events: held.length - rows };
    }
    this.releaseSorted(rows);
  }

  private pass(batch: EventBatch): void {
    const { timeNs } = batch;
    for (let row = 0; row < batch.length; row++) {
      if (timeNs[row] > this.lastNs) this.lastNs = timeNs[row];
      else if (timeNs[row] < 0) timeNs[row] = 0;
    }
    this.emit(batch);
  }

  private releaseHeld(): void {
    const { held } = this;
    if (this.sortsHeld) {
      this.sortsHeld = false;
      return this.releaseSorted(held.length);
    }
    held.release((batch) => this.pass(batch));
  }

  private releaseSorted(rows: number): void {
    const { held } = this;
    const times = new Float64Array(rows);
    const order = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      times[row] = held.timeOf(row);
      order[row] = row;
    }
    order.sort((a, b) => times[a] - times[b] || a - b);
    const startNs = rows > 0 ? Math.min(0, times[order[0]]) : 0;
    held.releaseSorted(order, startNs, (batch) => this.pass(batch));
  }
}
