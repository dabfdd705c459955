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
import type { ReaderMark } from './reader-mark.js';

export interface RecordingIndex {
  checkpoints: IndexedCheckpoint[];
  /** Payloads of the dictionary chunks. */
  dictionary: Uint8Array[];
  /** All symbols of the recording, in its order. */
  symbols: SymbolisedAddress[];
}

interface Chunk {
  header: ChunkHeader;
  payload: Uint8Array;
}

/** null when there is none. */
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
    return { checkpoints: index.checkpoints, dictionary, symbols };
  } catch {
    // Not readable, or not what its checksum says.
    return null;
  }
}

/** The bytes of a checkpoint, and where reading goes on behind it; null when it is not there. */
export async function readCheckpoint(
  handle: ReadHandle,
  checkpoint: IndexedCheckpoint,
): Promise<{ state: Uint8Array; mark: ReaderMark } | null> {
  const { parts, length, lastTimeNs, clockNs } = checkpoint;
  const pieces: Uint8Array[] = [];
  let { byteOffset } = checkpoint;
  let left = length;
  let mark: ReaderMark | null = null;
  try {
    for (let part = 0; part < parts; part++) {
      const chunk = await readChunk(handle, byteOffset, CHUNK_CHECKPOINT);
      const piece = chunk === null ? null : decodePart(chunk.payload, part, parts);
      if (chunk === null || piece === null || piece.length > left) return null;
      pieces.push(piece);
      left -= piece.length;
      const { sequence, eventsBefore, storedBytes } = chunk.header;
      byteOffset += CHUNK_HEADER_BYTES + storedBytes;
      mark = { byteOffset, sequence: sequence + 1, eventsBefore, lastTimeNs, clockNs };
    }
  } catch {
    return null;
  }
  return mark === null || left !== 0 ? null : { state: concatenated(pieces, length), mark };
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
