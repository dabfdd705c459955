/**
 * The two fixed headers of a recording: 16 bytes at the start of the file and 64 before each chunk
 * (FORMAT.md). All integers are little-endian. The chunk header has a checksum of its own, so that
 * its time span and event count can be trusted when the payload is damaged, and a scan can index a
 * file without reading payloads.
 */
import { FormatError } from '../../decode/format-error.js';
import { readU32 } from '../../decode/stream/message-framer.js';
import { ByteWriter } from './bytes.js';
import type { Crc32 } from './crc32.js';

/** First 8 bytes of a recording. */
export const RECORDING_MAGIC = 'UNFREEDR';
/** Greatest format version that this build reads, and the one that it writes. */
export const RECORDING_VERSION = 1;
export const FILE_HEADER_BYTES = 16;
export const CHUNK_HEADER_BYTES = 64;

/** Greatest length of a payload in bytes, before and after decompression. */
export const MAX_CHUNK_BYTES = 16 << 20;
/** Greatest number of events in a chunk; the writer's own chunks hold 64 Ki. */
export const MAX_CHUNK_EVENTS = 1 << 20;

/**
 * Kind of a chunk of the trace; kinds from 128 up are auxiliary chunks (index, checkpoint), which a
 * reader may skip.
 */
export const CHUNK_TRACE = 1;
export const FIRST_AUXILIARY_KIND = 128;

/** Starts each chunk; 0xf5 occurs in no UTF-8 text, and 0x0a 0x1a show a mangled transfer. */
const SYNC = Uint8Array.from([0xf5, 0x55, 0x46, 0x43, 0x48, 0x0a, 0x1a, 0xc3]);
const LINE_ENDS = [0x0d, 0x0a, 0x1a, 0x0a];

export interface ChunkHeader {
  kind: number;
  codec: number;
  /** 0, 1, 2 ... in the file: a gap means that chunks are missing. */
  sequence: number;
  storedBytes: number;
  rawBytes: number;
  eventCount: number;
  /** Of the stored payload. */
  payloadCrc: number;
  /** Events in all chunks before this one. */
  eventsBefore: number;
  /** Least and greatest time of anything in the chunk, ns. */
  firstTimeNs: number;
  lastTimeNs: number;
}

export function encodeFileHeader(): Uint8Array {
  const writer = new ByteWriter(FILE_HEADER_BYTES);
  for (let i = 0; i < RECORDING_MAGIC.length; i++) writer.byte(RECORDING_MAGIC.charCodeAt(i));
  writer.byte(RECORDING_VERSION);
  for (let i = 0; i < 3; i++) writer.byte(0);
  for (const byte of LINE_ENDS) writer.byte(byte);
  return writer.bytes();
}

/** Throws a FormatError unless bytes[0..16) begin a recording that this build reads. */
export function checkFileHeader(bytes: Uint8Array): void {
  if (!isRecording(bytes)) throw new FormatError('not a recording of unfreed');
  const version = bytes[8] | (bytes[9] << 8);
  if (version === 0 || version > RECORDING_VERSION) {
    const known = RECORDING_VERSION > 1 ? `1-${RECORDING_VERSION}` : '1';
    throw new FormatError(`recording format version ${version}, this build reads ${known}`);
  }
  if (LINE_ENDS.some((byte, i) => bytes[12 + i] !== byte)) {
    throw new FormatError('its line ends were changed on the way: copy it again, as binary');
  }
}

export function isRecording(bytes: Uint8Array): boolean {
  if (bytes.length < RECORDING_MAGIC.length) return false;
  for (let i = 0; i < RECORDING_MAGIC.length; i++) if (bytes[i] !== RECORDING_MAGIC.charCodeAt(i)) return false;
  return true;
}

export function encodeChunkHeader(header: ChunkHeader, crc32: Crc32): Uint8Array {
  const writer = new ByteWriter(CHUNK_HEADER_BYTES);
  writer.raw(SYNC);
  writer.byte(header.kind);
  writer.byte(header.codec);
  writer.byte(0);
  writer.byte(0);
  writer.u32(header.sequence);
  writer.u32(header.storedBytes);
  writer.u32(header.rawBytes);
  writer.u32(header.eventCount);
  writer.u32(header.payloadCrc);
  for (const value of [header.eventsBefore, header.firstTimeNs, header.lastTimeNs]) {
    writer.u32(value % 0x100000000);
    writer.u32(Math.floor(value / 0x100000000));
  }
  writer.u32(0);
  writer.u32(crc32(writer.bytes()));
  return writer.bytes();
}

/**
 * Returns the header at a place, from which at least CHUNK_HEADER_BYTES must follow. Null if no
 * header is there, its checksum is wrong, or it exceeds our limits.
 */
export function parseChunkHeader(bytes: Uint8Array, at: number, crc32: Crc32): ChunkHeader | null {
  for (let i = 0; i < SYNC.length; i++) if (bytes[at + i] !== SYNC[i]) return null;
  if (readU32(bytes, at + 60) !== crc32(bytes.subarray(at, at + 60))) return null;
  const header: ChunkHeader = {
    kind: bytes[at + 8],
    codec: bytes[at + 9],
    sequence: readU32(bytes, at + 12),
    storedBytes: readU32(bytes, at + 16),
    rawBytes: readU32(bytes, at + 20),
    eventCount: readU32(bytes, at + 24),
    payloadCrc: readU32(bytes, at + 28),
    eventsBefore: readU64(bytes, at + 32),
    firstTimeNs: readU64(bytes, at + 40),
    lastTimeNs: readU64(bytes, at + 48),
  };
  const { storedBytes, rawBytes, eventCount, eventsBefore, firstTimeNs, lastTimeNs } = header;
  const sized = storedBytes <= MAX_CHUNK_BYTES && rawBytes <= MAX_CHUNK_BYTES && eventCount <= MAX_CHUNK_EVENTS;
  const exact = eventsBefore <= MAX_EXACT && lastTimeNs <= MAX_EXACT && firstTimeNs <= lastTimeNs;
  return sized && exact ? header : null;
}

/**
 * Returns the place of the next sync marker (or of its beginning, at the very end) at or after a
 * place; the length if there is none.
 */
export function findSync(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(SYNC[0], from); at >= 0; at = bytes.indexOf(SYNC[0], at + 1)) {
    let matched = 1;
    while (matched < SYNC.length && at + matched < bytes.length && bytes[at + matched] === SYNC[matched]) matched++;
    if (matched === SYNC.length || at + matched === bytes.length) return at;
  }
  return bytes.length;
}

function readU64(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 4) * 0x100000000 + readU32(bytes, at);
}

const MAX_EXACT = Number.MAX_SAFE_INTEGER;
