import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { brotliCompressor, decompress } from '../../src/recording/files/node-codecs.js';
import { type ChunkHeader, encodeChunkHeader, encodeFileHeader } from '../../src/recording/format/chunk-header.js';
import { crc32 } from '../../src/recording/format/crc32.js';
import { unfreed } from '../../src/recording/format/generated/schema.js';
import { RecordingReader } from '../../src/recording/trace/reader.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { tellSample } from './sample-trace.js';
import { SinkLog } from './sink-log.js';
import { joined } from './stream-bytes.js';

export interface Reading {
  log: SinkLog;
  dictionary: TraceDictionary;
  reader: RecordingReader;
}

/** Reads a recording in pieces, cut at the given places. */
export function readRecording(bytes: Uint8Array, cuts: number[] = []): Reading {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const reader = new RecordingReader(log, dictionary, { decompress });
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    const piece = bytes.slice(from, cut);
    reader.push(piece);
    // The reader must not keep any part of the piece.
    piece.fill(0xee);
    from = cut;
  }
  reader.finish();
  return { log, dictionary, reader };
}

/** The sample trace as a recording of several chunks. */
export function sampleRecording(options: { compressed?: boolean; chunkAfterEach?: boolean } = {}): Uint8Array {
  const pieces: Uint8Array[] = [];
  const dictionary = new TraceDictionary();
  const compressor = options.compressed === true ? brotliCompressor : undefined;
  const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor });
  tellSample(writer, dictionary, () => {
    if (options.chunkAfterEach !== false) writer.flush();
  });
  return joined(pieces);
}

/** The calls of the sample trace, sent to a sink directly. */
export function sampleReading(): { log: SinkLog; dictionary: TraceDictionary } {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  tellSample(log, dictionary);
  return { log, dictionary };
}

/** A chunk with a right checksum; `header` may make any other field wrong. */
export function chunkBytes(payload: Uint8Array, header: Partial<ChunkHeader> = {}): Uint8Array {
  const whole: ChunkHeader = {
    kind: 1,
    codec: 0,
    sequence: 0,
    storedBytes: payload.length,
    rawBytes: payload.length,
    eventCount: 0,
    payloadCrc: crc32(payload),
    eventsBefore: 0,
    firstTimeNs: 0,
    lastTimeNs: 1000,
    ...header,
  };
  return joined([encodeChunkHeader(whole, crc32), payload]);
}

export function messageChunk(message: unfreed.Chunk.$Properties, header: Partial<ChunkHeader> = {}): Uint8Array {
  const eventCount = message.events?.count ?? 0;
  return chunkBytes(unfreed.Chunk.encode(message).finish(), { eventCount, ...header });
}

export function recordingOf(...chunks: Uint8Array[]): Uint8Array {
  return joined([encodeFileHeader(), ...chunks]);
}
