/**
 * The dictionary in a recording: each entry stands in the chunk that first needs it, or in an
 * earlier one. Ids in a file run from 1 in order of first sight; each chunk states the first id of
 * its entries, so a reader that lost a chunk knows which ids were never defined.
 */

import type { NameTable } from '../../event/tables/name-table.js';
import type { StackTable } from '../../event/tables/stack-table.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { ByteReader, ByteWriter, decodeText, encodeText, unzigzag, zigzag } from './bytes.js';
import type { IdMaps } from './column-decoder.js';
import type { unfreed } from './generated/schema.js';

/**
 * Stands before a frame address that is written whole, as two u32, because it is too far from the
 * one before it.
 */
const WHOLE_FRAME = 1;
const MAX_FRAME_DIFFERENCE = 2 ** 50;
/** One Definitions message is closed when it has this many bytes; the rest goes in a chunk of its own. */
const FULL_BYTES = 1 << 20;
/** Frames of a call path at most; the decoder of a stream cuts call paths here too. */
const MAX_DEPTH = 1 << 16;
const MAX_NAME_BYTES = 4096;

/** Writes the entries that a dictionary has gained since the last call. */
export class DefinitionsEncoder {
  private readonly dictionary: TraceDictionary;
  private frames = 0;
  private stacks = 0;
  private comms = 0;
  private caches = 0;
  private cgroups = 0;
  private readonly frameBytes = new ByteWriter();
  private readonly stackBytes = new ByteWriter();
  private readonly cgroupBytes = new ByteWriter();

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
  }

  get pending(): boolean {
    const { stacks, comms, caches, cgroups } = this.dictionary;
    const frames = stacks.frames.size;
    const names = comms.size > this.comms || caches.size > this.caches || cgroups.size > this.cgroups;
    return names || frames > this.frames || stacks.size > this.stacks;
  }

  /**
   * Returns new entries, as many as one message takes, valid until the next call; null if there are
   * none. `pending` is true if there are more.
   */
  take(): unfreed.Definitions.$Properties | null {
    if (!this.pending) return null;
    const message: unfreed.Definitions.$Properties = {
      firstFrame: this.frames + 1,
      firstStack: this.stacks + 1,
      firstComm: this.comms + 1,
      firstCache: this.caches + 1,
    };
    this.takeFrames();
    message.frameCount = this.frames + 1 - (message.firstFrame ?? 0);
    message.frames = this.frameBytes.bytes();
    // Paths refer to frames, so they wait until every frame is written.
    this.takeStacks();
    message.stackCount = this.stacks + 1 - (message.firstStack ?? 0);
    message.stacks = this.stackBytes.bytes();
    if (this.cgroups < this.dictionary.cgroups.size) {
      message.firstCgroup = this.cgroups + 1;
      message.cgroups = newNames(this.dictionary.cgroups, this.cgroups);
      this.cgroups += message.cgroups.length;
    }
    // Tasks refer to cgroups, so they wait until every cgroup is written.
    if (this.cgroups === this.dictionary.cgroups.size) this.takeTasks(message);
    message.caches = newNames(this.dictionary.caches, this.caches);
    this.caches += message.caches.length;
    return message;
  }

  private takeFrames(): void {
    const { frames } = this.dictionary.stacks;
    const { frameBytes } = this;
    frameBytes.clear();
    let lastHi = 0;
    let lastLo = 0;
    while (this.frames < frames.size && frameBytes.length < FULL_BYTES) {
      const id = ++this.frames;
      const hi = frames.hi[id];
      const lo = frames.lo[id];
      const difference = (hi - lastHi) * 0x100000000 + (lo - lastLo);
      if (Math.abs(difference) < MAX_FRAME_DIFFERENCE) {
        frameBytes.varint(zigzag(difference) * 2);
      } else {
        frameBytes.varint(WHOLE_FRAME);
        frameBytes.u32(hi);
        frameBytes.u32(lo);
      }
      lastHi = hi;
      lastLo = lo;
    }
  }

  private takeTasks(message: unfreed.Definitions.$Properties): void {
    const { comms } = this.dictionary;
    const { cgroupBytes } = this;
    message.comms = newNames(comms, this.comms);
    cgroupBytes.clear();
    for (let i = 1; i <= message.comms.length; i++) cgroupBytes.varint(comms.cgroup(this.comms + i));
    // A trace without cgroups has no such column.
    if (this.cgroups > 0) message.commCgroups = cgroupBytes.bytes();
    this.comms += message.comms.length;
  }

  private takeStacks(): void {
    const { stacks } = this.dictionary;
    const { stackBytes } = this;
    stackBytes.clear();
    if (this.frames < stacks.frames.size) return;
    while (this.stacks < stacks.size && stackBytes.length < FULL_BYTES) {
      const id = ++this.stacks;
      const depth = stacks.depth(id);
      stackBytes.varint(depth);
      for (let i = 0; i < depth; i++) stackBytes.varint(stacks.frameId(id, i));
    }
  }
}

function newNames(table: Pick<NameTable, 'size' | 'name'>, from: number): Uint8Array[] {
  const names: Uint8Array[] = [];
  let bytes = 0;
  for (let id = from + 1; id <= table.size && bytes < FULL_BYTES; id++) {
    const name = encodeText(table.name(id)).subarray(0, MAX_NAME_BYTES);
    names.push(name);
    bytes += name.length + 8;
  }
  return names;
}

/** Adds a file's definitions to a dictionary and maps the file's ids to the dictionary's. */
export class DefinitionsDecoder implements IdMaps {
  private readonly dictionary: TraceDictionary;
  private readonly frames = new IdColumn();
  private readonly stacks = new IdColumn();
  private readonly comms = new IdColumn();
  private readonly caches = new IdColumn();
  private readonly cgroups = new IdColumn();
  private path = new Uint32Array(256);

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
  }

  stackId(fileId: number): number {
    return this.stacks.get(fileId);
  }

  commId(fileId: number): number {
    return this.comms.get(fileId);
  }

  cacheId(fileId: number): number {
    return this.caches.get(fileId);
  }

  cgroupId(fileId: number): number {
    return this.cgroups.get(fileId);
  }

  /** Bytes of memory that the id maps take. */
  get byteLength(): number {
    const { frames, stacks, comms, caches, cgroups } = this;
    const names = comms.byteLength + caches.byteLength + cgroups.byteLength;
    return frames.byteLength + stacks.byteLength + names;
  }

  /** Returns false if the message contradicts itself; the entries before the contradiction are kept. */
  add(message: unfreed.Definitions.$Properties): boolean {
    return (
      this.addFrames(message.firstFrame ?? 0, message.frameCount ?? 0, message.frames ?? EMPTY) &&
      this.addStacks(message.firstStack ?? 0, message.stackCount ?? 0, message.stacks ?? EMPTY) &&
      addNames(this.cgroups, this.dictionary.cgroups, message.firstCgroup ?? 0, message.cgroups ?? []) &&
      this.addTasks(message) &&
      addNames(this.caches, this.dictionary.caches, message.firstCache ?? 0, message.caches ?? [])
    );
  }

  private addTasks({ firstComm, comms, commCgroups }: unfreed.Definitions.$Properties): boolean {
    const cgroups = new ByteReader(commCgroups ?? EMPTY);
    // Recordings from before cgroups were recorded have no such column.
    const withCgroups = (commCgroups ?? EMPTY).length > 0;
    const intern = (name: string): number =>
      this.dictionary.comms.intern(name, withCgroups ? this.cgroups.get(cgroups.varint()) : 0);
    const isGood = addNames(this.comms, { intern }, firstComm ?? 0, comms ?? []);
    return isGood && (!withCgroups || cgroups.finished);
  }

  private addFrames(first: number, count: number, bytes: Uint8Array): boolean {
    if (count > bytes.length || !this.frames.begin(first, count)) return false;
    const table = this.dictionary.stacks.frames;
    const reader = new ByteReader(bytes);
    let hi = 0;
    let lo = 0;
    for (let i = 0; i < count && !reader.bad; i++) {
      const code = reader.varint();
      if (code === WHOLE_FRAME) {
        hi = reader.u32();
        lo = reader.u32();
      } else {
        const sum = lo + unzigzag(Math.floor(code / 2));
        lo = sum >>> 0;
        hi = (hi + Math.floor(sum / 0x100000000)) >>> 0;
      }
      this.frames.set(first + i, table.intern(hi, lo));
    }
    return reader.finished;
  }

  private addStacks(first: number, count: number, bytes: Uint8Array): boolean {
    if (count > bytes.length || !this.stacks.begin(first, count)) return false;
    const table = this.dictionary.stacks;
    const reader = new ByteReader(bytes);
    for (let i = 0; i < count && !reader.bad; i++) {
      const depth = reader.varint();
      if (depth > MAX_DEPTH || depth > bytes.length) return false;
      this.stacks.set(first + i, this.readPath(reader, depth, table));
    }
    return reader.finished;
  }

  /**
   * Returns our id of a path; 0 if the path has a frame that is not known, for half a path would be
   * a wrong one.
   */
  private readPath(reader: ByteReader, depth: number, table: StackTable): number {
    if (depth > this.path.length) this.path = new Uint32Array(depth);
    let known = true;
    for (let i = 0; i < depth; i++) {
      const frame = this.frames.get(reader.varint());
      if (frame === 0) known = false;
      this.path[i] = frame;
    }
    return known && !reader.bad ? table.intern(this.path, depth) : 0;
  }
}

function addNames(ids: IdColumn, table: Pick<NameTable, 'intern'>, first: number, names: Uint8Array[]): boolean {
  if (!ids.begin(first, names.length)) return false;
  for (let i = 0; i < names.length; i++) {
    if (names[i].length > MAX_NAME_BYTES) return false;
    ids.set(first + i, table.intern(decodeText(names[i])));
  }
  return true;
}

/**
 * Maps dense file ids to our ids. Grows only by entries that are there; a gap (lost chunks) costs 4
 * bytes an id.
 */
class IdColumn {
  private ids = new Uint32Array(0);

  get byteLength(): number {
    return this.ids.byteLength;
  }

  get(fileId: number): number {
    return fileId < this.ids.length ? this.ids[fileId] : 0;
  }

  /** Makes room for `count` ids from `first`; returns false if no valid file can have them. */
  begin(first: number, count: number): boolean {
    if (count === 0) return true;
    if (first === 0 || first + count > MAX_IDS) return false;
    let capacity = Math.max(FIRST_IDS, this.ids.length);
    while (capacity < first + count) capacity *= 2;
    if (capacity === this.ids.length) return true;
    const grown = new Uint32Array(capacity);
    grown.set(this.ids);
    this.ids = grown;
    return true;
  }

  set(fileId: number, id: number): void {
    this.ids[fileId] = id;
  }
}

/**
 * 4 Mi call paths or frames; a trace has thousands. Bounds an id column to 16 MB, and the
 * dictionary to some 300 MB.
 */
const MAX_IDS = 1 << 22;
const FIRST_IDS = 1024;
const EMPTY = new Uint8Array(0);
