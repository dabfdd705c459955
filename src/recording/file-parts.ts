/**
 * openRecording: opens what a name stands for: a file, standard input, or all files of a recording that was written as
 * a ring. Of such a ring FILE is the newest part and FILE.000001, FILE.000002 ... are the older ones, oldest first; the
 * ones that belong together say so themselves (part.ts), so files of an earlier ring do not mix in.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../base/errors.js';
import { DAMAGES_KEPT, type Damage } from '../event/damage.js';
import { TraceDictionary } from '../event/trace-dictionary.js';
import type { TraceSink } from '../event/trace-sink.js';
import { crc32, decompress } from './file-compression.js';
import { ReadHandle } from './file-handle.js';
import { openFile, openHandle, type SingleFile } from './file-input.js';
import type { InputContent, OpenOptions, OpenRecording, PartFile } from './open-recording.js';
import type { RecordingPart } from './part.js';
import { PartJoiner } from './part-joiner.js';
import { RecordingReader } from './reader.js';
import { RecordingSizes } from './sizes.js';

/** A part says what it is in its first chunk, which is small. */
const PEEK_BYTES = 1 << 16;
const SUFFIX = /^\.(\d{6,9})$/;

/**
 * Opens a recording or text ('-' = stdin) whose trace will go to `sink`; nothing is told before the first readNext().
 * Throws a UserError when it cannot be opened or is nothing that can be read.
 */
export async function openRecording(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: OpenOptions = {},
): Promise<OpenRecording> {
  if (path === '') throw new UserError('the recording has no name, expected a file', [], { usage: true });
  const joiner = new PartJoiner(sink);
  const paths = path === '-' ? [path] : await partPaths(path);
  if (paths.length === 1) return openFile(paths[0], joiner, dictionary, options);
  const waiting: WaitingPart[] = [];
  try {
    // All at once: the recorder may still be running, and takes the oldest away.
    for (const part of paths) {
      const handle = await openHandle(part);
      waiting.push({ path: part, handle, sizeBytes: (await handle.stat()).size });
    }
    const open = (part: WaitingPart): Promise<SingleFile> =>
      openFile(part.path, joiner, dictionary, options, part.handle);
    return new PartedRecording(waiting, joiner, open);
  } catch (error) {
    for (const part of waiting) part.handle.close();
    throw error;
  }
}

/** Name of an older part. */
export function partPath(path: string, number: number): string {
  return `${path}.${number.toString().padStart(6, '0')}`;
}

/** Files beside `path` that are named as its older parts, whatever is in them, in the order of their numbers. */
export function olderPartPaths(path: string): string[] {
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  const base = basename(path);
  const numbered = names.flatMap((name) => {
    const suffix = name.startsWith(base) ? SUFFIX.exec(name.slice(base.length)) : null;
    return suffix === null ? [] : [{ path: join(dirname(path), name), number: Number(suffix[1]) }];
  });
  return numbered.toSorted((a, b) => a.number - b.number).map((file) => file.path);
}

/** The files that `path` stands for, oldest first: itself alone, unless it is the newest part of several. */
async function partPaths(path: string): Promise<string[]> {
  const older = olderPartPaths(path);
  if (older.length === 0) return [path];
  const isThere = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const own = isThere ? await peekPart(path) : 'none';
  // A recording that is no part of a ring, or no recording at all.
  if (own === null) return [path];
  const parts: { path: string; part: RecordingPart }[] = [];
  for (const file of older) {
    const part = await peekPart(file);
    if (part !== null && part !== 'none') parts.push({ path: file, part });
  }
  // A recorder that was killed while it changed files leaves no newest one, or one with nothing in it.
  const ring = own === 'none' ? parts.at(-1)?.part.ring : own.ring;
  const same = parts.filter(({ part }) => part.ring === ring && (own === 'none' || part.number < own.number));
  if (same.length === 0) return [path];
  const paths = same.toSorted((a, b) => a.part.number - b.part.number).map((file) => file.path);
  return own === 'none' ? paths : [...paths, path];
}

/** Which part a file says that it is: null when it says nothing of the kind, 'none' when it has no whole chunk. */
async function peekPart(path: string): Promise<RecordingPart | null | 'none'> {
  let found: RecordingPart | null = null;
  const handle = await ReadHandle.open(path).catch(() => null);
  if (handle === null) return null;
  try {
    const head = new Uint8Array(PEEK_BYTES);
    const length = await handle.read(head);
    const ignore: TraceSink = { host() {}, symbol() {}, events() {}, losses() {}, counters() {}, clock() {}, end() {} };
    const onPart = (part: RecordingPart): void => {
      found ??= part;
    };
    const reader = new RecordingReader(ignore, new TraceDictionary(), { decompress, crc32, onPart });
    reader.push(head.subarray(0, length));
    return found ?? (reader.sizes.chunks === 0 && length < PEEK_BYTES ? 'none' : null);
  } catch {
    return null;
  } finally {
    handle.close();
  }
}

/** A part whose turn has not come: only its descriptor is held, for a reader takes some MB. */
interface WaitingPart {
  path: string;
  handle: ReadHandle;
  sizeBytes: number;
}

/** All parts of a recording, read one after the other. */
class PartedRecording implements OpenRecording {
  readonly content: InputContent = { format: 'unfreed', gzipped: false };
  readonly files: readonly PartFile[];
  readonly sizeBytes: number;
  /** Of the parts that are done. */
  private doneBytes = 0;
  private doneDamages: Damage[] = [];
  private doneDamageCount = 0;
  private readonly doneSizes = new RecordingSizes();
  private readonly waiting: WaitingPart[];
  private readonly joiner: PartJoiner;
  private readonly open: (part: WaitingPart) => Promise<SingleFile>;
  private current: SingleFile | null = null;
  private closed = false;

  constructor(waiting: WaitingPart[], joiner: PartJoiner, open: (part: WaitingPart) => Promise<SingleFile>) {
    this.waiting = [...waiting];
    this.joiner = joiner;
    this.open = open;
    this.files = waiting.map(({ path, sizeBytes }) => ({ path, sizeBytes, part: null }));
    this.sizeBytes = waiting.reduce((sum, part) => sum + part.sizeBytes, 0);
    this.doneSizes.headerBytes = 0;
  }

  get bytesRead(): number {
    return this.doneBytes + (this.current?.bytesRead ?? 0);
  }

  get damages(): readonly Damage[] {
    return [...this.doneDamages, ...(this.current?.damages ?? []), ...this.joiner.damages].slice(0, DAMAGES_KEPT);
  }

  get damageCount(): number {
    return this.doneDamageCount + (this.current?.damageCount ?? 0) + this.joiner.damages.length;
  }

  get sizes(): RecordingSizes {
    const sum = new RecordingSizes();
    sum.headerBytes = 0;
    sum.add(this.doneSizes);
    if (this.current !== null && this.current.sizes !== null) sum.add(this.current.sizes);
    return sum;
  }

  importSummary(): null {
    return null;
  }

  async readNext(): Promise<boolean> {
    if (this.closed) return false;
    const next = this.waiting[0];
    if (this.current === null) {
      if (next === undefined) return false;
      this.waiting.shift();
      this.joiner.isLast = this.waiting.length === 0;
      try {
        this.current = await this.open(next);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return this.passOver(error.message);
      }
      if (this.closed) this.current.close();
    }
    const { current } = this;
    if (await current.readNext()) return true;
    this.finishPart(current);
    return !this.joiner.isLast;
  }

  close(): void {
    this.closed = true;
    this.current?.close();
    for (const part of this.waiting) part.handle.close();
  }

  /** A part that is none: what it held shows in what the next one says was before it. */
  private passOver(reason: string): boolean {
    const at = this.joiner.lastTimeNs;
    this.doneDamages.push({ byteOffset: 0, fromNs: at, toNs: at, events: 0, reason });
    this.doneDamageCount++;
    if (this.joiner.isLast) this.joiner.cut(reason);
    return !this.joiner.isLast;
  }

  private finishPart(part: SingleFile): void {
    const at = this.files.length - this.waiting.length - 1;
    this.files[at].part = part.files[0].part;
    this.doneBytes += part.bytesRead;
    this.doneDamageCount += part.damageCount;
    this.doneDamages = [...this.doneDamages, ...part.damages].slice(0, DAMAGES_KEPT);
    if (part.sizes !== null) this.doneSizes.add(part.sizes);
    this.current = null;
  }
}
