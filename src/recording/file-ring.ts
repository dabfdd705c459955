/**
 * RecordingRing: a recording being written to a ring of files, for captures that last longer than a disk. FILE is always
 * the newest part; when it has grown to its size it becomes FILE.000001, FILE.000002 ... and the oldest are deleted.
 * So one name is enough to read them all, the order is in the names, and only one file is renamed at a time.
 *
 * Each part is a recording by itself: its own time 0, the host facts, and of dictionary and symbols what it needs.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { UserError } from '../base/errors.js';
import { AddressTable } from '../event/address-table.js';
import type { EventBatch } from '../event/event-batch.js';
import type { HostFacts } from '../event/host-facts.js';
import type { LossRow } from '../event/losses.js';
import type { TraceDictionary } from '../event/trace-dictionary.js';
import type { CounterSource, EndReason, SymbolisedAddress, TraceSink } from '../event/trace-sink.js';
import { FILE_HEADER_BYTES, isRecording } from './chunk-header.js';
import { createRecording, type RecordingFile, type RecordingOutput } from './file.js';
import { describeSystemError } from './file-errors.js';
import { olderPartPaths, partPath } from './file-parts.js';
import type { CheckpointPacing } from './index-writer.js';
import { RING_BYTES } from './part.js';
import { RingIndex } from './ring-index.js';
import { KnownSymbols, UsedDictionary } from './used-dictionary.js';

/** A part's time 0 is so much before its first event, for events of two CPUs may come out of order. */
const SKEW_NS = 10e6;
/** Share of a part that its index and dictionary may take. */
const MOST_CLOSING = 0.15;

export interface RingOptions {
  dictionary: TraceDictionary;
  force?: boolean;
  /** A part is closed with the chunk that gives it this size, which is exceeded by less than that chunk (some 200 KB). */
  maxBytes: number;
  /** Parts that are kept, the newest one included; at least 2. */
  keep: number;
  /** How often checkpoints are worth their place; absent = there will be none, and no index. */
  pacing?: CheckpointPacing;
}

/** Throws a UserError when the first file cannot be made, or parts of another ring are in the way. */
export function createRing(path: string, options: RingOptions): RecordingRing {
  clearOlderParts(path, options.force === true);
  return new RecordingRing(path, options);
}

export class RecordingRing implements TraceSink, RecordingOutput {
  /** Told once when the recording ends early. While it is null, the call that failed throws instead. */
  onError: ((error: UserError) => void) | null = null;
  readonly sink: TraceSink = this;

  private readonly path: string;
  private readonly options: RingOptions;
  private readonly symbols = new KnownSymbols();
  private readonly ring = randomBytes(RING_BYTES).toString('hex');
  private facts: HostFacts | null = null;
  private number = 1;
  private startNs = 0;
  private nowNs = 0;
  private eventsBefore = 0;
  private eventCount = 0;
  private used: UsedDictionary;
  /** Addresses whose symbols came since this part began. */
  private came = new AddressTable();
  private file: RecordingFile;
  /** Closed parts that are still there, oldest first. */
  private older: { path: string; bytes: number }[] = [];
  /** Null = nothing more of the kind is written. */
  private index: RingIndex | null;
  private failed = false;

  constructor(path: string, options: RingOptions) {
    this.path = path;
    this.options = options;
    this.index = options.pacing === undefined ? null : new RingIndex(options.pacing);
    this.used = this.newDictionary();
    this.file = this.newFile(options.force === true);
  }

  /** Bytes in all parts that are there. */
  get bytes(): number {
    return this.older.reduce((sum, part) => sum + part.bytes, this.file.bytes);
  }

  /** Parts written so far, also those that are gone. */
  get partCount(): number {
    return this.number;
  }

  /** Symbols that have been told in all parts, which is more often than they came. */
  get symbolsTold(): number {
    return this.index?.symbolsTold ?? 0;
  }

  flush(): void {
    this.file.flush();
    this.rotateIfFull();
  }

  /** Is a checkpoint of some `size` bytes worth its place, now that `events` have been told? It is to fit in this part. */
  wantsCheckpoint(events: number, size: number): boolean {
    return this.index !== null && this.file.bytes + size < this.roomBytes && this.file.wantsCheckpoint(events, size);
  }

  /** Puts a checkpoint here: the state after all that was told since the first part began. */
  checkpoint(state: Uint8Array, events: number, timeNs: number): void {
    this.file.checkpoint(state, events, timeNs);
  }

  /** After the end of the trace, before close(): makes the checkpoints of the last part findable. */
  writeIndex(): void {
    this.dropLargeIndex();
    this.index?.close(this.file);
  }

  close(): void {
    this.file.close();
  }

  host(facts: HostFacts): void {
    this.facts = facts;
    this.tellHost();
    // A part says what it is in a small first chunk: who looks for the parts of a ring reads no more of each.
    this.file.flush();
  }

  /** Told as it comes, also where its frame is one of an earlier part; again in later parts, when they use that. */
  symbol(entry: SymbolisedAddress): void {
    this.symbols.add(entry);
    this.came.intern(entry.addressHi, entry.addressLo);
    this.tellSymbol(entry);
  }

  events(batch: EventBatch): void {
    // Chunk by chunk: after each is looked whether the part has its size.
    for (let from = 0; from < batch.length && !this.failed; ) {
      const to = Math.min(batch.length, from + this.file.chunkRoom);
      this.used.hand(batch, from, to, this.startNs, this.file.sink);
      // Such as allocs that are told late because of their least age.
      if (this.used.clampedRows > 0) this.index = null;
      this.eventCount += to - from;
      this.see(batch.timeNs[to - 1]);
      from = to;
      this.rotateIfFull(() => earliest(batch, from));
    }
  }

  losses(timeNs: number, rows: LossRow[]): void {
    this.file.sink.losses(this.moved(timeNs), rows);
    this.rotateIfFull();
  }

  counters(timeNs: number, source: CounterSource, text: string): void {
    this.file.sink.counters(this.moved(timeNs), source, text);
    this.rotateIfFull();
  }

  clock(timeNs: number): void {
    this.file.sink.clock(this.moved(timeNs));
    this.rotateIfFull();
  }

  end(timeNs: number, reason: EndReason, detail: string): void {
    this.file.sink.end(this.moved(timeNs), reason, detail);
  }

  /** `nextNs` tells the earliest time that is known to come. */
  private rotateIfFull(nextNs: () => number = () => Number.POSITIVE_INFINITY): void {
    if (this.failed || this.file.bytes < this.roomBytes) return;
    try {
      this.rotate(nextNs());
    } catch (error) {
      this.fail(error instanceof UserError ? error : new UserError(describeSystemError(error), [], { cause: error }));
    }
  }

  /** Of a part, without what will close it; that is not written where it would be much of it. */
  private get roomBytes(): number {
    const { maxBytes } = this.options;
    if (this.index === null) return maxBytes;
    return Math.max(maxBytes * (1 - MOST_CLOSING), maxBytes - this.index.closingBytes(this.used.dictionary));
  }

  /** Ends the indexes where this part's would take it beyond its size. */
  private dropLargeIndex(): void {
    const bytes = this.index?.closingBytes(this.used.dictionary) ?? 0;
    if (bytes > this.options.maxBytes * MOST_CLOSING) this.index = null;
  }

  private rotate(nextNs: number): void {
    const { path } = this;
    // What the trace has learned so far comes before what it will learn, so that ids are those of one file.
    this.used.takeNew();
    this.file.sink.end(this.moved(this.nowNs), 'size-limit', 'the recording goes on in the next file');
    this.dropLargeIndex();
    if (this.index?.close(this.file) === false) this.index = null;
    this.file.closeInBackground();
    const closed = partPath(path, this.number);
    renameSync(path, closed);
    this.older.push({ path: closed, bytes: this.file.bytes });
    // Room is made before it is needed.
    while (this.older.length >= this.options.keep) {
      const [oldest] = this.older.splice(0, 1);
      rmSync(oldest.path, { force: true });
      // What is known of the time since the first part began is of no use without that.
      this.index = null;
    }
    this.number++;
    this.startNs = Math.max(this.startNs, Math.floor(Math.min(this.nowNs - SKEW_NS, nextNs)));
    this.eventsBefore = this.eventCount;
    this.used = this.newDictionary();
    this.file = this.newFile(false);
    this.tellHost();
    // So that it can be read, and says what it is, from now on.
    this.file.flush();
  }

  private newDictionary(): UsedDictionary {
    const { dictionary } = this.options;
    // The first part has all symbols, as they come; in later ones those that came before.
    const came = new AddressTable();
    this.came = came;
    const tell = (entry: SymbolisedAddress): void => {
      if (this.number > 1 && came.find(entry.addressHi, entry.addressLo) === 0) this.tellSymbol(entry);
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

  private tellHost(): void {
    const { facts, startNs } = this;
    if (facts === null) return;
    const startUnixMs = facts.startUnixMs === 0 ? 0 : facts.startUnixMs + Math.round(startNs / 1e6);
    this.file.sink.host({ ...facts, startUnixMs });
  }

  private tellSymbol(entry: SymbolisedAddress): void {
    if (this.index?.note(entry) === false) this.index = null;
    this.file.sink.symbol(entry);
  }

  private see(timeNs: number): void {
    if (timeNs > this.nowNs) this.nowNs = timeNs;
  }

  private moved(timeNs: number): number {
    this.see(timeNs);
    // Told later than it was: whoever reads it comes to another state than the trace.
    if (timeNs < this.startNs) this.index = null;
    return Math.max(0, timeNs - this.startNs);
  }

  private fail(error: UserError): void {
    if (this.failed) return;
    this.failed = true;
    if (this.onError === null) throw error;
    this.onError(error);
  }
}

/** Least time in rows [from, length), Infinity if there are none. */
function earliest(batch: EventBatch, from: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = from; row < batch.length; row++) if (batch.timeNs[row] < least) least = batch.timeNs[row];
  return least;
}

/** Parts of an earlier ring of that name would be taken for parts of this one by whoever looks at the folder. */
function clearOlderParts(path: string, force: boolean): void {
  const found = olderPartPaths(path);
  if (found.length === 0) return;
  if (!force) {
    throw new UserError(`${found[0]} exists already, a part of an earlier recording`, [
      'choose another name, or overwrite it with --force',
    ]);
  }
  for (const part of found) if (startsAsRecording(part)) rmSync(part, { force: true });
}

function startsAsRecording(path: string): boolean {
  const head = new Uint8Array(FILE_HEADER_BYTES);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, head);
  } finally {
    closeSync(fd);
  }
  return isRecording(head);
}
