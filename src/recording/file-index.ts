/** Reads a recording's index, and checkpoints by it. Whatever is wrong with it: then there is none. */
import type { SymbolisedAddress } from '../event/trace-sink.js';
import { CHUNK_HEADER_BYTES, type ChunkHeader, FILE_HEADER_BYTES, parseChunkHeader } from './chunk-header.js';
import { crc32, decompress } from './file-compression.js';
import type { ReadHandle } from './file-handle.js';
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
} from './index-format.js';
import type { LoadedCheckpoint, PartMark, RecordingMark } from './open-recording.js';

/** A checkpoint of a recording in several files. */
export interface PlacedCheckpoint extends IndexedCheckpoint {
  /** What joins its file to those before it, but for the events before it in that file; absent = it lies in the only file. */
  part?: PartMark;
}

export interface RecordingIndex {
  /** In the order of the recording. */
  checkpoints: PlacedCheckpoint[];
  /** Payloads of the dictionary chunks of each file, from the first file on as far as files have them. */
  dictionaries: Uint8Array[][];
  /** All symbols of those files, in their order. */
  symbols: SymbolisedAddress[];
}

interface Chunk {
  header: ChunkHeader;
  payload: Uint8Array;
}

/** The index of one file; null when there is none. */
export async function readIndex(handle: ReadHandle, sizeBytes: number): Promise<RecordingIndex | null> {
  try {
    const footer = await readChunk(handle, sizeBytes - CHUNK_HEADER_BYTES - FOOTER_BYTES, CHUNK_FOOTER);
    if (footer === null || footer.payload.length !== FOOTER_BYTES) return null;
    const found = await readChunk(handle, decodeFooter(footer.payload), CHUNK_INDEX);
    const index = found === null ? null : decodeIndex(found.payload);
    if (index === null) return null;
    const dictionary: Uint8Array[] = [];
    const symbols: SymbolisedAddress[] = [];
    for (const place of index.dictionary) {
      const chunk = await readChunk(handle, place, CHUNK_DICTIONARY);
      if (chunk === null) return null;
      dictionary.push(chunk.payload);
      for (const entry of decodeDictionary(chunk.payload).symbols) symbols.push(entry);
    }
    return { checkpoints: index.checkpoints, dictionaries: [dictionary], symbols };
  } catch {
    // Not readable, or not what its checksum says.
    return null;
  }
}

/** The bytes of a checkpoint, and where reading goes on behind it; null when it is not there. */
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

/** The chunk of a kind at a place, its payload decompressed; null when that is not what is there. */
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
