/**
 * Changes recordings and streams at random and reads them to their end. For each of them must hold:
 *
 * - reading throws only for the file's header (FormatError), sends exactly one end, and reaches it
 *   within SLOW_MS;
 * - no memory is allocated for data that is not there: the caller checks the process's greatest
 *   resident size;
 * - for a recording: if any total differs from that of the undamaged one, damage or a cut is
 *   reported. (Checksums ensure this, except for a change with the right CRC-32: by chance, one in
 *   2^32, or by intent.)
 * - for a stream, which has no checksums: if it is shortened, or a message header is impossible
 *   (kind 0, a length above 16 MiB, a reserved field that is not 0), damage or a cut is reported. A
 *   changed byte that makes a message another well-formed message cannot be noticed.
 */
import { FormatError } from '../../src/decode/format-error.js';
import { readU32 } from '../../src/decode/stream/message-framer.js';
import { StreamDecoder } from '../../src/decode/stream/stream-decoder.js';
import type { EventBatch } from '../../src/event/event-batch.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { EndReason, TraceFact, TraceSink } from '../../src/event/trace-sink.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { crc32, decompress } from '../../src/recording/files/node-codecs.js';
import { CHUNK_HEADER_BYTES, FILE_HEADER_BYTES } from '../../src/recording/format/chunk-header.js';
import { RecordingReader } from '../../src/recording/trace/reader.js';
import type { TraceReader } from '../../src/recording/trace/trace-reader.js';
import { seededRandom } from './seeded-random.js';
import { joined } from './stream-bytes.js';

export interface MutationResult {
  cases: number;
  /** Cases whose header was refused. */
  refused: number;
  /** Cases with damage or a cut reported. */
  reported: number;
  /** Cases without a report, with every total as in the undamaged one. */
  unharmed: number;
  slowestMs: number;
  /** Violations of the rules above, with the seed that causes them. */
  failures: string[];
}

/** Far above the time of a case (under 1 ms) and far below that of a hang. */
const SLOW_MS = 5000;

type Random = () => number;
type Kind = 'recording' | 'vouched' | 'stream';

/** Reads `cases` changed copies of the given files. Case n of a seed is always the same. */
export function runMutations(kind: Kind, bases: Uint8Array[], cases: number, seed: number): MutationResult {
  const result: MutationResult = { cases, refused: 0, reported: 0, unharmed: 0, slowestMs: 0, failures: [] };
  const truths = bases.map((base) => outcome(kind, base, () => 0));
  for (let n = 0; n < cases; n++) {
    const name = `${kind}, seed ${seed}, case ${n}`;
    const random = seededRandom(seed * 1_000_003 + n);
    const at = below(random, bases.length);
    const { bytes, mustReport } = mutated(kind, bases[at], random);
    const start = cpuMs();
    try {
      const found = outcome(kind, bytes, random);
      if (found.isReported) result.reported++;
      else result.unharmed++;
      if (found.ends !== 1) result.failures.push(`${name}: ${found.ends} ends`);
      const differs = found.totals !== truths[at].totals;
      const mayDiffer = kind === 'vouched' || (kind === 'stream' && !mustReport);
      if (differs && !found.isReported && !mayDiffer) {
        result.failures.push(`${name}: a wrong total that nothing is said of\n${truths[at].totals}\n${found.totals}`);
      }
    } catch (error) {
      if (error instanceof FormatError) result.refused++;
      else result.failures.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    const ms = cpuMs() - start;
    result.slowestMs = Math.max(result.slowestMs, ms);
    if (ms > SLOW_MS) result.failures.push(`${name}: took ${ms.toFixed(0)} ms`);
  }
  return result;
}

/** CPU time of this process so far: no busy machine makes it longer. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Outcome {
  totals: string;
  isReported: boolean;
  ends: number;
}

/** Reads bytes in pieces of random sizes, as from a pipe. */
function outcome(kind: Kind, bytes: Uint8Array, random: Random): Outcome {
  const dictionary = new TraceDictionary();
  const sink = new TotalsSink(dictionary);
  const reader: TraceReader =
    kind === 'stream'
      ? new StreamDecoder(sink, dictionary)
      : new RecordingReader(sink, dictionary, { decompress, crc32 });
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + 1 + below(random, 1 << (4 + below(random, 14))));
    reader.push(bytes.slice(from, to));
    from = to;
  }
  reader.finish();
  sink.core.checkInvariants();
  return { totals: sink.totals(), isReported: reader.damageCount > 0 || sink.reason === 'cut', ends: sink.ends };
}

/** Pairs a trace and sums up what a report would show. */
class TotalsSink implements TraceSink {
  readonly core: PairingCore;
  ends = 0;
  reason: EndReason | null = null;
  private readonly dictionary: TraceDictionary;
  private counterTexts = 0;
  private symbols = 0;

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
    this.core = new PairingCore(dictionary);
  }

  totals(): string {
    const { core, dictionary } = this;
    const { stacks, comms, caches } = dictionary;
    const { eventCount, allocEvents, freeEvents, orphanFrees, missedFrees, stackMisses, badEvents, nowNs } = core;
    const live = [0, 1, 2, 3].map((allocator) => core.paths.totalLive(allocator));
    const known = [stacks.size, stacks.frames.size, comms.size, caches.size, this.symbols, this.counterTexts];
    const counts = [eventCount, allocEvents, freeEvents, orphanFrees, missedFrees, stackMisses, badEvents, nowNs];
    return JSON.stringify({ counts, live, lost: core.lossLedger.lostEvents, known });
  }

  events(batch: EventBatch): void {
    this.core.events(batch);
  }

  fact(fact: TraceFact): void {
    if (fact.type === 'symbol') this.symbols++;
    else if (fact.type === 'counters') this.counterTexts++;
    else if (fact.type === 'end') {
      this.ends++;
      this.reason = fact.reason;
    }
    this.core.fact(fact);
  }
}

interface Mutated {
  bytes: Uint8Array;
  /** For streams: the change must be noticed if it changes a total. */
  mustReport: boolean;
}

function mutated(kind: Kind, base: Uint8Array, random: Random): Mutated {
  if (kind === 'vouched') return { bytes: vouched(base, random), mustReport: false };
  if (kind === 'stream' && random() < 0.4) return { bytes: hurtStream(base, random), mustReport: true };
  if (kind === 'recording' && random() < 0.2) return { bytes: shuffledChunks(base, random), mustReport: true };
  let bytes: Uint8Array = base.slice();
  const changes = 1 + below(random, 3);
  for (let i = 0; i < changes; i++) bytes = change(bytes, random);
  return { bytes, mustReport: false };
}

/** A random change as disks, transfers and editors make them. */
function change(bytes: Uint8Array, random: Random): Uint8Array {
  const at = below(random, bytes.length + 1);
  const length = 1 + below(random, 1 << below(random, 12));
  const run = Uint8Array.from({ length }, () => below(random, 256));
  switch (below(random, 9)) {
    case 0:
      return flipped(bytes, at, 1 << below(random, 8));
    case 1:
      return flipped(bytes, at, 1 + below(random, 255));
    case 2:
      return bytes.slice(0, at);
    case 3:
      return joined([bytes.slice(0, at), bytes.slice(at + length)]);
    case 4:
      return joined([bytes.slice(0, at), run, bytes.slice(at)]);
    case 5:
      return joined([bytes.slice(0, at), run, bytes.slice(at + length)]);
    case 6:
      return joined([bytes.slice(0, at), new Uint8Array(length), bytes.slice(at + length)]);
    case 7:
      return joined([bytes.slice(0, at + length), bytes.slice(at)]);
    default: {
      // A copy of another part of the file.
      const from = below(random, bytes.length);
      return joined([bytes.slice(0, at), bytes.slice(from, from + length), bytes.slice(at + length)]);
    }
  }
}

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  if (at < bytes.length) bytes[at] ^= mask;
  return bytes;
}

/** The recording with chunks left out, doubled, or in another order. */
function shuffledChunks(base: Uint8Array, random: Random): Uint8Array {
  const chunks = chunksOf(base);
  const at = below(random, chunks.length);
  const other = below(random, chunks.length);
  const what = below(random, 3);
  if (what === 0) chunks.splice(at, 1 + below(random, 3));
  else if (what === 1) chunks.splice(other, 0, chunks[at]);
  else [chunks[at], chunks[other]] = [chunks[other], chunks[at]];
  return joined([base.slice(0, FILE_HEADER_BYTES), ...chunks]);
}

/** The recording with changes in a payload or header and matching checksums: a hostile file. */
function vouched(base: Uint8Array, random: Random): Uint8Array {
  const chunks = chunksOf(base).map((chunk) => chunk.slice());
  const chunk = chunks[below(random, chunks.length)];
  const changes = 1 + below(random, 4);
  for (let i = 0; i < changes; i++) {
    const inHeader = random() < 0.3 || chunk.length === CHUNK_HEADER_BYTES;
    const at = inHeader ? 8 + below(random, 48) : CHUNK_HEADER_BYTES + below(random, chunk.length - CHUNK_HEADER_BYTES);
    chunk[at] = random() < 0.5 ? below(random, 256) : [0, 0x7f, 0x80, 0xff][below(random, 4)];
  }
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  view.setUint32(28, crc32(chunk.subarray(CHUNK_HEADER_BYTES)), true);
  view.setUint32(60, crc32(chunk.subarray(0, 60)), true);
  return joined([base.slice(0, FILE_HEADER_BYTES), ...chunks]);
}

function chunksOf(recording: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = FILE_HEADER_BYTES; at < recording.length; ) {
    const end = at + CHUNK_HEADER_BYTES + readU32(recording, at + 16);
    chunks.push(recording.slice(at, end));
    at = end;
  }
  return chunks;
}

/** The stream cut short, or with an impossible message header. */
function hurtStream(base: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.5) return base.slice(0, below(random, base.length));
  const places: number[] = [];
  for (let at = FILE_HEADER_BYTES; at < base.length; ) {
    places.push(at);
    const length = readU32(base, at + 4);
    at += 8 + length + (-length & 7);
  }
  const bytes = base.slice();
  const at = places[below(random, places.length)];
  const what = below(random, 3);
  if (what === 0) bytes.fill(0, at, at + 2);
  else if (what === 1) bytes[at + 2 + below(random, 2)] = 1 + below(random, 255);
  else bytes[at + 7] = 2 + below(random, 254);
  return bytes;
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
