/**
 * openRecording: opens a file, standard input, or all files of a recording that was written as a
 * ring, by one name. FILE is the newest part of a ring; FILE.000001, FILE.000002 ... are the older
 * ones, oldest first. Each part names its ring (part.ts), so files of an earlier ring do not mix
 * in.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../base/errors.js';
import { NO_SINK } from '../../event/passing-sink.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { TraceSink } from '../../event/trace-sink.js';
import type { RecordingPart } from '../format/part.js';
import { PartJoiner } from '../trace/part-joiner.js';
import { RecordingReader } from '../trace/reader.js';
import type { OpenOptions, OpenRecording, PartFile } from '../trace/seekable-recording.js';
import { crc32, decompress } from './node-codecs.js';
import { type OpenParts, PartedRecording } from './parted-recording.js';
import { ReadHandle } from './read-handle.js';
import { openFile, openHandle } from './single-file.js';

/** A part names its ring and number in its first chunk, which is small. */
const PEEK_BYTES = 1 << 16;
const SUFFIX = /^\.(\d{6,9})$/;

/**
 * Opens a recording or text ('-' = stdin) whose trace will go to `sink`; nothing is sent before the
 * first readNext(). Throws a UserError if it cannot be opened, or is in no format that can be read.
 */
export async function openRecording(
  path: string,
  sink: TraceSink,
  dictionary: TraceDictionary,
  options: OpenOptions = {},
): Promise<OpenRecording> {
  if (path === '')
    throw new UserError('the name of the recording is empty', ['Name a file, or - for standard input.'], {
      usage: true,
    });
  const paths = path === '-' ? [path] : await partPaths(path);
  if (paths.length === 1) return openFile(paths[0], new PartJoiner(sink), dictionary, options);
  return new PartedRecording(await openParts(paths), sink, dictionary);
}

/**
 * Opens files that are parts of one recording, in their order. All stay open, because the recorder
 * may rename or delete them meanwhile. Throws a UserError if one cannot be opened.
 */
export async function openParts(paths: readonly string[]): Promise<OpenParts> {
  const files: PartFile[] = [];
  const handles: ReadHandle[] = [];
  try {
    for (const path of paths) {
      const handle = await openHandle(path);
      handles.push(handle);
      files.push({ path, sizeBytes: (await handle.stat()).size, part: null });
    }
    return { files, handles, index: null };
  } catch (error) {
    for (const handle of handles) handle.close();
    throw error;
  }
}

/** Returns the name of an older part. */
export function partPath(path: string, number: number): string {
  return `${path}.${number.toString().padStart(6, '0')}`;
}

/**
 * Returns the files beside `path` that are named like older parts of it, whatever they hold, in the
 * order of their numbers.
 */
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

/**
 * Returns the files of the recording `path`, oldest first: `path` alone, unless it is the newest
 * part of several.
 */
export async function partPaths(path: string): Promise<string[]> {
  const older = olderPartPaths(path);
  if (older.length === 0) return [path];
  const isThere = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const own = isThere ? await peekPart(path) : 'none';
  // Not a part of a ring, or not a recording.
  if (own === null) return [path];
  const parts: { path: string; part: RecordingPart }[] = [];
  for (const file of older) {
    const part = await peekPart(file);
    if (part !== null && part !== 'none') parts.push({ path: file, part });
  }
  // A recorder that was killed while it changed files leaves no newest part, or an empty one.
  const ring = own === 'none' ? parts.at(-1)?.part.ring : own.ring;
  const same = parts.filter(({ part }) => part.ring === ring && (own === 'none' || part.number < own.number));
  if (same.length === 0) return [path];
  const paths = same.toSorted((a, b) => a.part.number - b.part.number).map((file) => file.path);
  return own === 'none' ? paths : [...paths, path];
}

/**
 * Returns which part a file is, by its first chunk: null if it is no part of a ring, 'none' if it
 * has no whole chunk.
 */
export async function peekPart(path: string): Promise<RecordingPart | null | 'none'> {
  let found: RecordingPart | null = null;
  const handle = await ReadHandle.openFile(path);
  if (handle === null) return null;
  try {
    const head = new Uint8Array(PEEK_BYTES);
    const length = await handle.read(head);
    const onPart = (part: RecordingPart): void => {
      found ??= part;
    };
    const reader = new RecordingReader(NO_SINK, new TraceDictionary(), { decompress, crc32, onPart });
    reader.push(head.subarray(0, length));
    return found ?? (reader.sizes.chunks === 0 && length < PEEK_BYTES ? 'none' : null);
  } catch {
    return null;
  } finally {
    handle.close();
  }
}
