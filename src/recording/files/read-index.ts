/** Reads a recording's index, and the checkpoints that it lists. An index with any fault counts as absent. */

import { TraceDictionary } from '../../event/trace-dictionary.js';
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import {
  CHUNK_HEADER_BYTES,
  type ChunkHeader,
  checkFileHeader,
  FILE_HEADER_BYTES,
  isRecording,
  parseChunkHeader,
} from '../format/chunk-header.js';
import {
  CHUNK_CHECKPOINT,
  CHUNK_DICTIONARY,
  CHUNK_FOOTER,
  CHUNK_INDEX,
  decodeDictionary,
  decodeFooter,
  decodeIndex,
  decodePart,
  FOOTER_BYTES,
  type IndexedCheckpoint,
} from '../format/index-format.js';
import type { RecordingPart } from '../format/part.js';
import { RecordingReader } from '../trace/reader.js';
import type {
  LoadedCheckpoint,
  PartFile,
  PlacedCheckpoint,
  RecordingIndex,
  RecordingMark,
} from '../trace/seekable-recording.js';
import { crc32, decompress } from './node-codecs.js';
import type { ReadHandle } from './read-handle.js';

/** The first chunk, which says whether the file is one of several, is small. */
const PEEK_BYTES = 1 << 16;

/**
 * Bytes of all dictionaries of a recording, decompressed: several million call paths and symbols.
 * The file that exceeds this, and those after it, are read as if they had no index.
 */
const MAX_DICTIONARY_BYTES = 128 << 20;

interface Files {
  files: readonly PartFile[];
  handles: readonly ReadHandle[];
}

interface Chunk {
  header: ChunkHeader;
  payload: Uint8Array;
}

interface FileIndex {
  checkpoints: IndexedCheckpoint[];
  /** Payloads of the dictionary chunks that hold definitions. */
  dictionary: Uint8Array[];
  symbols: SymbolisedAddress[];
  /** Bytes of all its dictionary chunks, decompressed. */
  bytes: number;
}

/**
 * Returns the index of a recording, as far as its files have one from the first file on; null if
 * the first has none.
 */
export async function readIndex({ files, handles }: Files): Promise<RecordingIndex | null> {
  const heads: (Head | null)[] = [];
  for (const handle of handles) heads.push(await lookInto(handle));
  const [head] = heads;
  if (head === null) return null;
  const found: RecordingIndex = { checkpoints: [], dictionaries: [], symbols: [] };
  const { part: first, startUnixMs } = head;
  let bytesBefore = 0;
  let room = MAX_DICTIONARY_BYTES;
  for (const [file, { sizeBytes }] of files.entries()) {
    const part = heads[file]?.part ?? null;
    // The state in a checkpoint of a ring counts from the start of its first file, so every file
    // from that one on must be there.
    if (first !== null && (part === null || part.ring !== first.ring || part.number !== file + 1)) break;
    const index = await readFileIndex(handles[file], sizeBytes, room);
    if (index === null) break;
    room -= index.bytes;
    const shiftNs = first === null || part === null ? 0 : Math.max(0, part.startNs - first.startNs);
    for (const checkpoint of index.checkpoints) {
      if (first === null || part === null) {
        found.checkpoints.push(checkpoint);
        continue;
      }
      const lastTimeNs = shiftNs + checkpoint.lastTimeNs;
      const joined = { first, shiftNs, startUnixMs, accounted: part.eventsBefore, lastTimeNs };
      found.checkpoints.push({ ...checkpoint, part: { file, bytesBefore, joined } });
    }
    found.dictionaries.push(index.dictionary);
    for (const entry of index.symbols) found.symbols.push(entry);
    bytesBefore += sizeBytes;
  }
  const inOrder = found.checkpoints.every((each, i, all) => i === 0 || each.events >= all[i - 1].events);
  return inOrder && found.dictionaries.length > 0 ? found : null;
}

/** The facts of a recording's first chunk. */
interface Head {
  /** Null = it is no part of a ring. */
  part: RecordingPart | null;
  /** Wall clock at time 0; 0 = not known. */
  startUnixMs: number;
}

/** Returns the head of a file; null if the file is not a recording that can be read. */
export async function lookInto(handle: ReadHandle): Promise<Head | null> {
  const head: Head = { part: null, startUnixMs: 0 };
  const sink: TraceSink = {
    events() {},
    fact: (fact) => {
      if (fact.type === 'host') head.startUnixMs ||= fact.facts.startUnixMs;
    },
  };
  try {
    const bytes = new Uint8Array(PEEK_BYTES);
    const length = await readFully(handle, bytes, 0);
    if (length < FILE_HEADER_BYTES || !isRecording(bytes)) return null;
    checkFileHeader(bytes);
    const onPart = (part: RecordingPart): void => {
      head.part ??= part;
    };
    new RecordingReader(sink, new TraceDictionary(), { decompress, crc32, onPart }).push(bytes.subarray(0, length));
    return head;
  } catch {
    return null;
  }
}

/** Returns the index of one file; null if it has none, or if its dictionary is larger than `room` bytes. */
async function readFileIndex(handle: ReadHandle, sizeBytes: number, room: number): Promise<FileIndex | null> {
  try {
    const footer = await readChunk(handle, sizeBytes - CHUNK_HEADER_BYTES - FOOTER_BYTES, CHUNK_FOOTER);
    if (footer === null || footer.payload.length !== FOOTER_BYTES) return null;
    const found = await readChunk(handle, decodeFooter(footer.payload), CHUNK_INDEX);
    const index = found === null ? null : decodeIndex(found.payload);
    if (index === null) return null;
    const dictionary: Uint8Array[] = [];
    const symbols: SymbolisedAddress[] = [];
    let bytes = 0;
    let before = 0;
    for (const place of index.dictionary) {
      const chunk = place <= before ? null : await readChunk(handle, place, CHUNK_DICTIONARY);
      if (chunk === null) return null;
      before = place;
      bytes += chunk.payload.length;
      if (bytes > room) return null;
      const content = decodeDictionary(chunk.payload);
      if (content.definitions !== null) dictionary.push(chunk.payload);
      for (const entry of content.symbols) symbols.push(entry);
    }
    return { checkpoints: index.checkpoints, dictionary, symbols, bytes };
  } catch {
    // It cannot be read, or contradicts itself.
    return null;
  }
}

/**
 * Returns the state of a checkpoint, and the mark from which reading continues behind it; null if
 * it cannot be read or contradicts its index.
 */
export async function loadCheckpoint(
  handles: readonly ReadHandle[],
  checkpoint: PlacedCheckpoint,
): Promise<LoadedCheckpoint | null> {
  const { parts, length, lastTimeNs, clockNs, part: joint } = checkpoint;
  const handle = handles[joint?.file ?? 0];
  const pieces: Uint8Array[] = [];
  let { byteOffset } = checkpoint;
  let left = length;
  let last: ChunkHeader | null = null;
  try {
    for (let part = 0; part < parts; part++) {
      const chunk = await readChunk(handle, byteOffset, CHUNK_CHECKPOINT);
      const piece = chunk === null ? null : decodePart(chunk.payload, part, parts);
      if (chunk === null || piece === null || piece.length > left) return null;
      pieces.push(piece);
      left -= piece.length;
      last = chunk.header;
      byteOffset += CHUNK_HEADER_BYTES + last.storedBytes;
    }
  } catch {
    return null;
  }
  if (last === null || left !== 0) return null;
  const { sequence, eventsBefore } = last;
  const mark: RecordingMark = { byteOffset, sequence: sequence + 1, eventsBefore, lastTimeNs, clockNs };
  if (joint !== undefined) {
    const { joined } = joint;
    mark.part = { ...joint, joined: { ...joined, accounted: joined.accounted + eventsBefore } };
  }
  return { state: concatenated(pieces, length), mark };
}

/** Returns the chunk at a place, its payload decompressed; null if no whole chunk of that kind is there. */
async function readChunk(handle: ReadHandle, byteOffset: number, kind: number): Promise<Chunk | null> {
  if (byteOffset < FILE_HEADER_BYTES) return null;
  const head = new Uint8Array(CHUNK_HEADER_BYTES);
  if ((await readFully(handle, head, byteOffset)) < head.length) return null;
  const header = parseChunkHeader(head, 0, crc32);
  if (header === null || header.kind !== kind) return null;
  const stored = new Uint8Array(header.storedBytes);
  const length = await readFully(handle, stored, byteOffset + CHUNK_HEADER_BYTES);
  if (length < stored.length || crc32(stored) !== header.payloadCrc) return null;
  const payload = decompress(header.codec, stored, header.rawBytes);
  return payload.length === header.rawBytes ? { header, payload } : null;
}

async function readFully(handle: ReadHandle, buffer: Uint8Array, position: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const more = await handle.readAt(buffer.subarray(length), position + length);
    if (more === 0) break;
    length += more;
  }
  return length;
}

function concatenated(pieces: Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
