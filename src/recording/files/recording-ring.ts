/**
 * RecordingRing: writes a recording to a ring of files, for captures that last longer than a disk.
 * FILE is always the newest part. When it reaches its size it becomes FILE.000001, FILE.000002 ...
 * and the oldest are deleted. So one name is enough to read them all, the order is in the names,
 * and only one file is renamed at a time.
 *
 * Each part is a recording by itself: it has its own time 0, the host facts, and the definitions
 * and symbols it needs, and the processes that live.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
import type { EventBatch } from '../../event/event-batch.js';
import { shifted, timeOf } from '../../event/facts.js';
import type { HostFacts } from '../../event/host-facts.js';
import { AddressTable } from '../../event/tables/address-table.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { FactOf, SymbolisedAddress, TraceFact, TraceSink } from '../../event/trace-sink.js';
import { factBytes } from '../format/items.js';
import { RING_BYTES } from '../format/part.js';
import type { CheckpointPacing } from '../trace/index-writer.js';
import { KnownProcesses } from '../trace/known-processes.js';
import { KnownSymbols, UsedDictionary } from '../trace/used-dictionary.js';
import { partPath } from './open-parts.js';
import { createRecording, type RecordingFile, type RecordingOutput } from './recording-file.js';
import { RingIndex } from './ring-index.js';
import { inTheWay, refuseRing } from './ring-place.js';

/** A part's time 0 is this long before its first event: events of two CPUs may come out of order. */
const SKEW_NS = 10e6;
const RECORDED_SO_FAR = 'move it away; the recording ended there, and what was written before can be read';
/** Share of a part that its index and dictionary may take. */
const MOST_CLOSING = 0.15;
/** Share of a part that the look in it may take, before it is compressed (some five to one). */
const MOST_LOOK = 0.25;

export interface RingOptions {
  dictionary: TraceDictionary;
  force?: boolean;
  /**
   * A part is closed after the chunk that brings it to this size, and exceeds it by less than that
   * chunk (some 200 KB).
   */
  maxBytes: number;
  /** Parts to keep, the newest one included; at least 2. */
  keep: number;
  /** How often checkpoints are worth their space; absent = no checkpoints and no index. */
  pacing?: CheckpointPacing;
}

/**
 * Throws a UserError if the first file cannot be made, or if something is in the way of its parts;
 * nothing is deleted then.
 */
export function createRing(path: string, options: RingOptions): RecordingRing {
  const older = refuseRing(path, options.force === true);
  const ring = new RecordingRing(path, options);
  // Parts of an earlier ring would be taken for parts of this one.
  for (const part of older) rmSync(part, { force: true });
  return ring;
}

export class RecordingRing implements TraceSink, RecordingOutput {
  /** Called once if the recording ends early. While it is null, the call that failed throws instead. */
  onError: ((error: UserError) => void) | null = null;
  readonly sink: TraceSink = this;

  private readonly path: string;
  private readonly options: RingOptions;
  private readonly symbols = new KnownSymbols();
  private readonly processes = new KnownProcesses();
  private readonly ring = randomBytes(RING_BYTES).toString('hex');
  private facts: HostFacts | null = null;
  private look: FactOf<'look'> | null = null;
  private number = 1;
  private startNs = 0;
  private nowNs = 0;
  private eventsBefore = 0;
  private eventCount = 0;
  private used: UsedDictionary;
  /** Addresses whose symbols came since this part began. */
  private came = new AddressTable();
  private file: RecordingFile;
  /** Closed parts that still exist, oldest first. */
  private older: { path: string; bytes: number }[] = [];
  /** Null = no more indexes are written. */
  private index: RingIndex | null;
  private failed = false;

  constructor(path: string, options: RingOptions) {
    this.path = path;
    this.options = options;
    this.index = options.pacing === undefined ? null : new RingIndex(options.pacing);
    this.used = this.newDictionary();
    this.file = this.newFile(options.force === true);
  }

  /** Bytes in all parts that exist. */
  get bytes(): number {
    return this.older.reduce((sum, part) => sum + part.bytes, this.file.bytes);
  }

  /** Parts written so far, deleted ones included. */
  get partCount(): number {
    return this.number;
  }

  /** Symbol facts written in all parts: more than came, because parts repeat those they need. */
  get symbolsSent(): number {
    return this.index?.symbolsSent ?? 0;
  }

  flush(): void {
    this.file.flush();
    this.rotateIfFull();
  }

  /**
   * True if a checkpoint of about `size` bytes is worth its space after `events` events, and fits
   * in this part.
   */
  wantsCheckpoint(events: number, size: number): boolean {
    return this.index !== null && this.file.bytes + size < this.roomBytes && this.file.wantsCheckpoint(events, size);
  }

  /** Writes a checkpoint here: the state after all calls since the first part began. */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    this.file.checkpoint(state, events, timeNs);
  }

  /**
   * Writes the index of the last part's checkpoints; must be called after the end of the trace,
   * before close().
   */
  writeIndex(): void {
    this.dropLargeIndex();
    this.index?.close(this.file);
  }

  close(): void {
    this.file.close();
  }

  events(batch: EventBatch): void {
    // Chunk by chunk: the size of the part is checked after each.
    for (let from = 0; from < batch.length && !this.failed; ) {
      const to = Math.min(batch.length, from + this.file.chunkRoom);
      this.used.hand(batch, from, to, this.startNs, this.file.sink);
      // For example allocs that come late because of --min-age.
      if (this.used.clampedRows > 0) this.index = null;
      this.eventCount += to - from;
      this.see(batch.timeNs[to - 1]);
      from = to;
      this.rotateIfFull(() => earliest(batch, from));
    }
  }

  fact(fact: TraceFact): void {
    switch (fact.type) {
      case 'host':
        this.facts = fact.facts;
        this.sendHost();
        // A part names its ring and number in a small first chunk, so a search for the parts of a
        // ring reads only that.
        this.file.flush();
        return;
      case 'symbol':
        return this.symbol(fact.entry);
      case 'look':
        // Parts may be deleted: each has the last look, unless that would be much of it.
        if (factBytes(fact) <= this.options.maxBytes * MOST_LOOK) this.look = fact;
        this.file.sink.fact(this.moved(fact));
        return this.rotateIfFull();
      default:
        this.processes.note(fact);
        this.file.sink.fact(this.moved(this.used.fact(fact)));
        if (fact.type !== 'end') this.rotateIfFull();
    }
  }

  /**
   * Writes a symbol as it comes, even if its frame is one of an earlier part; later parts that use
   * it get it again.
   */
  private symbol(entry: SymbolisedAddress): void {
    this.symbols.add(entry);
    this.came.intern(entry.addressHi, entry.addressLo);
    this.sendSymbol(entry);
  }

  /** `nextNs` returns the earliest time that is known to come. */
  private rotateIfFull(nextNs: () => number = () => Number.POSITIVE_INFINITY): void {
    if (this.failed || this.file.bytes < this.roomBytes) return;
    try {
      this.rotate(nextNs());
    } catch (error) {
      this.fail(error instanceof UserError ? error : new UserError(describeSystemError(error), [], { cause: error }));
    }
  }

  /** Bytes of a part without its closing index, which is left out if it would be too large a share. */
  private get roomBytes(): number {
    const { maxBytes } = this.options;
    if (this.index === null) return maxBytes;
    return Math.max(maxBytes * (1 - MOST_CLOSING), maxBytes - this.index.closingBytes(this.used.dictionary));
  }

  /** Stops writing indexes if this part's index would exceed its share of the part. */
  private dropLargeIndex(): void {
    const bytes = this.index?.closingBytes(this.used.dictionary) ?? 0;
    if (bytes > this.options.maxBytes * MOST_CLOSING) this.index = null;
  }

  private rotate(nextNs: number): void {
    const { path } = this;
    const closed = partPath(path, this.number);
    // It came after the ring began (ring-place.ts), and renaming would delete it.
    if (lstatSync(closed, { throwIfNoEntry: false }) !== undefined) throw inTheWay(closed, RECORDED_SO_FAR);
    // All definitions so far come before later ones, so that ids are those of one file.
    this.used.takeNew();
    const detail = 'the recording goes on in the next file';
    this.file.sink.fact(this.moved({ type: 'end', timeNs: this.nowNs, reason: 'size-limit', detail }));
    this.dropLargeIndex();
    if (this.index?.close(this.file) === false) this.index = null;
    this.file.closeInBackground();
    renameSync(path, closed);
    this.older.push({ path: closed, bytes: this.file.bytes });
    // Old parts are deleted before the space is needed.
    while (this.older.length >= this.options.keep) {
      const [oldest] = this.older.splice(0, 1);
      rmSync(oldest.path, { force: true });
      // The index counts from the start of the first part: it is useless without it.
      this.index = null;
    }
    this.number++;
    this.startNs = Math.max(this.startNs, Math.floor(Math.min(this.nowNs - SKEW_NS, nextNs)));
    this.eventsBefore = this.eventCount;
    this.used = this.newDictionary();
    this.file = this.newFile(false);
    this.sendHost();
    // So that the part can be read, and names itself, from now on.
    this.file.flush();
    if (this.look !== null) this.file.sink.fact({ ...this.look, timeNs: 0 });
    for (const fact of this.processes.facts()) this.file.sink.fact(fact);
  }

  private newDictionary(): UsedDictionary {
    const { dictionary } = this.options;
    // The first part gets all symbols as they come; later parts get the earlier symbols that they
    // use.
    const came = new AddressTable();
    this.came = came;
    const tell = (entry: SymbolisedAddress): void => {
      if (this.number > 1 && came.find(entry.addressHi, entry.addressLo) === 0) this.sendSymbol(entry);
    };
    return new UsedDictionary(dictionary, this.symbols, tell, this.number === 1 ? 'all' : 'new');
  }

  private newFile(force: boolean): RecordingFile {
    const { pacing } = this.options;
    const budget = this.index?.budget;
    const file = createRecording(this.path, { force, dictionary: this.used.dictionary, pacing, budget });
    file.onError = (error) => this.fail(error);
    const { ring, number, startNs, eventsBefore } = this;
    file.beginPart({ ring, number, startNs, eventsBefore });
    return file;
  }

  private sendHost(): void {
    const { facts, startNs } = this;
    if (facts !== null) this.file.sink.fact(shifted({ type: 'host', facts }, -startNs));
  }

  private sendSymbol(entry: SymbolisedAddress): void {
    if (this.index?.note(entry) === false) this.index = null;
    this.file.sink.fact({ type: 'symbol', entry });
  }

  private see(timeNs: number): void {
    if (timeNs > this.nowNs) this.nowNs = timeNs;
  }

  /** Returns the fact in the time of this part. */
  private moved(fact: TraceFact): TraceFact {
    const timeNs = timeOf(fact);
    if (timeNs === null) return fact;
    this.see(timeNs);
    // It is written at a later time than its own, so the state of a reader would differ from that
    // of the trace.
    if (timeNs < this.startNs) this.index = null;
    return shifted(fact, -this.startNs);
  }

  private fail(error: UserError): void {
    if (this.failed) return;
    this.failed = true;
    if (this.onError === null) throw error;
    this.onError(error);
  }
}

/** Returns the least time in rows [from, length); Infinity if there are none. */
function earliest(batch: EventBatch, from: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = from; row < batch.length; row++) if (batch.timeNs[row] < least) least = batch.timeNs[row];
  return least;
}
