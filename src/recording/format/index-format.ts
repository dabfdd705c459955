/**
 * The auxiliary chunks: the checkpoints between a recording's chunks, and the index behind its end
 * (FORMAT.md, "Index and checkpoints"). They are chunks like any other, of kinds that a reader may
 * skip; reading the recording from its start gives all that they hold.
 */
import type { SymbolisedAddress, TraceSink } from '../../event/trace-sink.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { MAX_CHUNK_BYTES } from './chunk-header.js';
import { decodeChunk } from './chunk-message.js';
import type { DefinitionsDecoder } from './definitions.js';
import type { unfreed } from './generated/schema.js';
import { readItem } from './items.js';

/** A part of a checkpoint: varints number of the part from 0 and number of parts, then its bytes. */
export const CHUNK_CHECKPOINT = 128;
/** Dictionary and symbols of the whole recording: `Chunk` messages with nothing else in them. */
export const CHUNK_DICTIONARY = 129;
/** The places of the checkpoints and dictionary chunks: see encodeIndex(). */
export const CHUNK_INDEX = 130;
/** The last chunk of the file: the place of the index chunk as a u64. Stored as it is. */
export const CHUNK_FOOTER = 131;
export const FOOTER_BYTES = 8;

const INDEX_VERSION = 1;
/**
 * Checkpoints of one file at most. Writers keep them 600,000 events apart (index-writer.ts), so
 * real files have far fewer.
 */
const MAX_CHECKPOINTS = 1 << 16;
/** Parts of one checkpoint at most: 1 GiB, the state of 100 million outstanding allocations. */
const MAX_PARTS = 64;

export interface IndexedCheckpoint {
  /** Place of the chunk with its first part. */
  byteOffset: number;
  parts: number;
  /** Bytes of its state, decompressed. */
  length: number;
  /** Events before it, and the greatest time of anything before it, ns. */
  events: number;
  timeNs: number;
  /** The state there of a reader that began at the start; see ReaderMark. */
  lastTimeNs: number;
  clockNs: number;
}

export interface IndexContent {
  /** Places of the dictionary chunks, in their order. */
  dictionary: number[];
  checkpoints: IndexedCheckpoint[];
}

const NUMBERS = ['byteOffset', 'parts', 'length', 'events', 'timeNs', 'lastTimeNs', 'clockNs'] as const;

/**
 * Returns varints: version, number of dictionary chunks and their places, number of checkpoints and
 * the numbers of each.
 */
export function encodeIndex(index: IndexContent): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(INDEX_VERSION);
  writer.varint(index.dictionary.length);
  for (const place of index.dictionary) writer.varint(place);
  writer.varint(index.checkpoints.length);
  for (const checkpoint of index.checkpoints) for (const name of NUMBERS) writer.varint(checkpoint[name]);
  return writer.bytes().slice();
}

/** Returns the index; null if the bytes are not an index, or of a later version. */
export function decodeIndex(bytes: Uint8Array): IndexContent | null {
  const reader = new ByteReader(bytes);
  if (reader.varint() !== INDEX_VERSION) return null;
  const places = reader.varint();
  if (places > bytes.length) return null;
  const dictionary = Array.from({ length: places }, () => reader.varint());
  const count = reader.varint();
  if (count > MAX_CHECKPOINTS || count * NUMBERS.length > bytes.length) return null;
  const checkpoints: IndexedCheckpoint[] = [];
  for (let i = 0; i < count; i++) {
    const each = { byteOffset: 0, parts: 0, length: 0, events: 0, timeNs: 0, lastTimeNs: 0, clockNs: 0 };
    for (const name of NUMBERS) each[name] = reader.varint();
    checkpoints.push(each);
  }
  const sized = checkpoints.every(({ parts, length }) => parts <= MAX_PARTS && length <= parts * MAX_CHUNK_BYTES);
  const inOrder = checkpoints.every((each, i) => i === 0 || each.events >= checkpoints[i - 1].events);
  return reader.finished && sized && inOrder ? { dictionary, checkpoints } : null;
}

export function encodeFooter(indexOffset: number): Uint8Array {
  const writer = new ByteWriter(FOOTER_BYTES);
  writer.u32(indexOffset % 0x100000000);
  writer.u32(Math.floor(indexOffset / 0x100000000));
  return writer.bytes();
}

/** Returns the place of the index chunk in the file. */
export function decodeFooter(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  const low = reader.u32();
  return reader.u32() * 0x100000000 + low;
}

export function encodePart(part: number, parts: number, bytes: Uint8Array): Uint8Array {
  const writer = new ByteWriter(bytes.length + 16);
  writer.varint(part);
  writer.varint(parts);
  writer.raw(bytes);
  return writer.bytes();
}

/** Returns the bytes of part number `part` of `parts`; null if the payload is another part. */
export function decodePart(payload: Uint8Array, part: number, parts: number): Uint8Array | null {
  const writer = new ByteWriter(16);
  writer.varint(part);
  writer.varint(parts);
  const head = writer.bytes();
  if (head.some((byte, i) => payload[i] !== byte)) return null;
  return payload.subarray(head.length);
}

/** Returns the definitions and symbols of a dictionary chunk. Throws if the payload is not one. */
export function decodeDictionary(payload: Uint8Array): {
  definitions: unfreed.Definitions.$Properties | null;
  symbols: SymbolisedAddress[];
} {
  const message = decodeChunk(payload);
  const symbols: SymbolisedAddress[] = [];
  const sink: TraceSink = {
    events() {},
    fact: (fact) => {
      if (fact.type === 'symbol') symbols.push(fact.entry);
    },
  };
  for (const item of message.items ?? []) if (item.symbol) readItem(item, sink);
  return { definitions: message.definitions ?? null, symbols };
}

/** Adds the definitions of a file's dictionary chunks, in their order. */
export function addDictionaries(definitions: DefinitionsDecoder, payloads: readonly Uint8Array[]): void {
  for (const payload of payloads) definitions.add(decodeDictionary(payload).definitions ?? {});
}
