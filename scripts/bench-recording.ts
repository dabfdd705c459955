/**
 * npm run bench -- recording [STREAM...]: what a recording costs, by codec: bytes an event, and
 * events a second written and read back (with compression, without disk and pairing), over seeded
 * traffic and over real streams of the collector given by path. In CPU time of this process; the
 * median of several rounds, and the best. The events of every reading are compared with those
 * written.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { StreamDecoder } from '../src/decode/stream/stream-decoder.js';
import { EventBatch } from '../src/event/event-batch.js';
import { TraceDictionary } from '../src/event/trace-dictionary.js';
import type { TraceSink } from '../src/event/trace-sink.js';
import { brotliCompressor, crc32, decompress } from '../src/recording/files/node-codecs.js';
import type { Compressor } from '../src/recording/format/compression.js';
import { RecordingReader } from '../src/recording/trace/reader.js';
import { RecordingWriter } from '../src/recording/trace/writer.js';
import { StreamWriter } from './bench-stream.js';
import { BenchTraffic } from './bench-traffic.js';

export interface RecordingBenchRow {
  /** 'seeded', or the stream's file name. */
  source: string;
  /** 'raw', 'deflate', 'brotli'; 'stream' = the collector's own format. */
  codec: string;
  events: number;
  bytesPerEvent: number;
  /** 0 for 'stream': the collector writes it. */
  encodeEventsPerSecond: number;
  decodeEventsPerSecond: number;
  bestDecodeEventsPerSecond: number;
}

export interface RecordingSize {
  rounds: number;
  /** Seeded traffic: number of batches, and of allocations outstanding before the first one. */
  batches: number;
  outstanding: number;
}

export const FULL_RECORDING: RecordingSize = { rounds: 5, batches: 40, outstanding: 100_000 };
export const QUICK_RECORDING: RecordingSize = { rounds: 1, batches: 4, outstanding: 10_000 };

/** Bytes of one read of a file, and of a pipe. */
const FILE_PIECE = 1 << 18;
const PIPE_PIECE = 1 << 16;

const CODECS: [name: string, compressor: Compressor | undefined][] = [
  ['raw', undefined],
  ['brotli', brotliCompressor],
];

export async function runRecordingBench(streamPaths: string[], size: RecordingSize): Promise<RecordingBenchRow[]> {
  const rows = benchStream('seeded', seededStream(size), size.rounds);
  for (const path of streamPaths) {
    // Lets the memory of the last one be released first.
    await new Promise((resolve) => setImmediate(resolve));
    rows.push(...benchStream(basename(path), readFileSync(path), size.rounds));
  }
  return rows;
}

function benchStream(source: string, stream: Uint8Array, rounds: number): RecordingBenchRow[] {
  const decode = rates(rounds, () => decodeStream(stream, new CountingSink(), new TraceDictionary()));
  const original = new CountingSink(true);
  decodeStream(stream, original, new TraceDictionary());
  const events = original.count;
  const rows: RecordingBenchRow[] = [
    {
      source,
      codec: 'stream',
      events,
      bytesPerEvent: stream.length / events,
      encodeEventsPerSecond: 0,
      decodeEventsPerSecond: events / decode.median,
      bestDecodeEventsPerSecond: events / decode.best,
    },
  ];
  for (const [codec, compressor] of CODECS) {
    const seconds = benchCodec({ stream, original, rounds }, compressor);
    rows.push({
      source,
      codec,
      events,
      bytesPerEvent: seconds.bytes / events,
      encodeEventsPerSecond: events / Math.max(1e-9, seconds.encode.median - decode.median),
      decodeEventsPerSecond: events / seconds.decode.median,
      bestDecodeEventsPerSecond: events / seconds.decode.best,
    });
  }
  return rows;
}

function benchCodec(
  { stream, original, rounds }: { stream: Uint8Array; original: CountingSink; rounds: number },
  compressor: Compressor | undefined,
): { bytes: number; encode: Seconds; decode: Seconds } {
  let pieces: Uint8Array[] = [];
  const encode = rates(rounds, () => {
    pieces = [];
    const dictionary = new TraceDictionary();
    const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor, crc32 });
    decodeStream(stream, writer, dictionary);
  });
  const recording = Buffer.concat(pieces);
  const decode = rates(rounds, () => readRecording(recording, new CountingSink()));
  const read = new CountingSink(true);
  readRecording(recording, read);
  if (read.hash !== original.hash || read.count !== original.count) throw new Error('the recording differs');
  return { bytes: recording.length, encode, decode };
}

function readRecording(recording: Uint8Array, sink: TraceSink): void {
  const reader = new RecordingReader(sink, new TraceDictionary(), { decompress, crc32 });
  for (let at = 0; at < recording.length; at += FILE_PIECE) reader.push(recording.subarray(at, at + FILE_PIECE));
  reader.finish();
}

function decodeStream(stream: Uint8Array, sink: TraceSink, dictionary: TraceDictionary): void {
  const decoder = new StreamDecoder(sink, dictionary);
  for (let at = 0; at < stream.length; at += PIPE_PIECE) decoder.push(stream.subarray(at, at + PIPE_PIECE));
  decoder.finish();
}

/** Counts events, and can hash every column of them, so that two readings can be compared. */
class CountingSink implements TraceSink {
  count = 0;
  hash = 0;
  private readonly hashing: boolean;

  constructor(hashing = false) {
    this.hashing = hashing;
  }

  events(batch: EventBatch): void {
    this.count += batch.length;
    if (!this.hashing) return;
    const { timeNs, kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId } = batch;
    for (let row = 0; row < batch.length; row++) {
      const time = Math.imul(timeNs[row] % 2 ** 32, 31) + Math.floor(timeNs[row] / 2 ** 32);
      for (const column of [kind, addrHi, addrLo, size, bytesReq, stackId, pid, commId, cacheId]) {
        this.hash = Math.imul(this.hash ^ column[row], 0x01000193);
      }
      this.hash = Math.imul(this.hash ^ time, 0x01000193);
    }
  }

  fact(): void {}
}

interface Seconds {
  median: number;
  best: number;
}

/** CPU seconds of `work`, after one round to warm up. */
function rates(rounds: number, work: () => void): Seconds {
  work();
  const seconds = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  }).toSorted((a, b) => a - b);
  return { median: seconds[rounds >> 1], best: seconds[0] };
}

/** The seeded traffic in the collector's stream format. */
function seededStream({ batches, outstanding }: RecordingSize): Uint8Array {
  const traffic = new BenchTraffic(1);
  const batch = new EventBatch();
  while (traffic.outstanding < outstanding - 2000) nextBatch(traffic, batch, outstanding);
  const stream = new StreamWriter();
  stream.definitions(traffic.dictionary);
  for (let i = 0; i < batches; i++) {
    nextBatch(traffic, batch, outstanding);
    stream.events(batch);
  }
  return stream.bytes();
}

function nextBatch(traffic: BenchTraffic, batch: EventBatch, outstanding: number): void {
  traffic.fill(batch, outstanding);
}

/** Prints the rows as a table. */
export function printRecordingBench(rows: RecordingBenchRow[]): void {
  const lines = [`${'source'.padEnd(20)}${'codec'.padEnd(9)}    events   B/event  encode M/s  decode M/s  (best)`];
  for (const row of rows) {
    const columns = [
      row.source.slice(0, 19).padEnd(20),
      row.codec.padEnd(9),
      row.events.toString().padStart(10),
      row.bytesPerEvent.toFixed(2).padStart(10),
      (row.encodeEventsPerSecond === 0 ? '-' : (row.encodeEventsPerSecond / 1e6).toFixed(1)).padStart(12),
      (row.decodeEventsPerSecond / 1e6).toFixed(1).padStart(12),
      (row.bestDecodeEventsPerSecond / 1e6).toFixed(1).padStart(8),
    ];
    lines.push(columns.join(''));
  }
  console.log(lines.join('\n'));
}
