import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readU32 } from '../../src/decode/stream/message-framer.js';
import { LOSS_DAMAGED, LOSS_NAME_TABLE_FULL, LOSS_NO_STACK } from '../../src/event/losses.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import {
  CHUNK_HEADER_BYTES,
  encodeFileHeader,
  FILE_HEADER_BYTES,
  MAX_CHUNK_EVENTS,
} from '../../src/recording/format/chunk-header.js';
import { ColumnEncoder } from '../../src/recording/format/column-encoder.js';
import { unfreed } from '../../src/recording/format/generated/schema.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import {
  chunkBytes,
  messageChunk,
  readRecording,
  recordingOf,
  sampleReading,
  sampleRecording,
} from '../helpers/recording-bytes.js';
import { batchOf, internPath } from '../helpers/sample-trace.js';
import type { SinkLog } from '../helpers/sink-log.js';
import { joined, utf8 } from '../helpers/stream-bytes.js';

/** Ten chunks of seven events each, as separate pieces: file header first. */
function tenChunks(): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const dictionary = new TraceDictionary();
  const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes));
  for (let chunk = 0; chunk < 10; chunk++) {
    const stack = internPath(dictionary, [BigInt(chunk + 1)]);
    const cache = dictionary.caches.intern(`cache-${chunk}`);
    const at = chunk * 1000;
    writer.events(batchOf(Array.from({ length: 7 }, (_, i) => [at + i, 2, 1, i * 64, 64, 60, stack, 5, 0, cache])));
    writer.flush();
  }
  writer.fact({ type: 'end', timeNs: 10_000, reason: 'stopped', detail: 'well' });
  return pieces;
}

function columnsOf(events: number[][]): unfreed.EventColumns.$Properties {
  return new ColumnEncoder(events.length).encode(batchOf(events));
}

const FREE = [5, 17, 0, 64, 0, 0, 0, 0, 0, 0];

/** Reads a file with one chunk, whose checksum is right, and an end behind it. */
function readChunk(chunk: Uint8Array): SinkLog {
  const events = readU32(chunk, 24);
  const header = { sequence: 1, eventsBefore: events > MAX_CHUNK_EVENTS ? 0 : events };
  const end = messageChunk({ items: [{ at: 0, end: { timeNs: 1, reason: 1, detail: utf8('reached') } }] }, header);
  return readRecording(recordingOf(chunk, end)).log;
}

/** The chunks of a recording, headers included. */
function chunksOf(recording: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = FILE_HEADER_BYTES; at < recording.length; ) {
    const end = at + CHUNK_HEADER_BYTES + readU32(recording, at + 16);
    chunks.push(recording.slice(at, end));
    at = end;
  }
  return chunks;
}

describe('a recording that is cut', () => {
  it('is read up to its last whole chunk, wherever the cut is', () => {
    for (const compressed of [false, true]) {
      const bytes = sampleRecording({ compressed });
      const whole = sampleReading().log.calls;
      for (let length = FILE_HEADER_BYTES; length < bytes.length; length += compressed ? 5 : 1) {
        const { log } = readRecording(bytes.slice(0, length));
        // Without the losses of the last chunk, which is cut off, and without the end.
        const calls = log.calls.filter((call) => !(call.call === 'losses' && call.rows[0]?.cause === LOSS_DAMAGED));
        calls.pop();
        expect(calls, `cut at ${length}`).toEqual(whole.slice(0, calls.length));
        expect(log.ending?.reason).toBe('cut');
        expect(log.ending?.detail).toMatch(
          /^the recording ends (in the middle of a chunk at byte \d+; read up to there|at byte \d+ without an end)/,
        );
      }
    }
  });

  it('names the byte of the chunk that is not whole', () => {
    const pieces = tenChunks();
    const at = joined(pieces.slice(0, 4)).length;
    const { log, reader } = readRecording(joined(pieces).slice(0, at + 70));
    expect(log.eventRows).toHaveLength(21);
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 7 }]);
    expect(reader.damagedSpans).toMatchObject([{ byteOffset: at, fromNs: 3000, toNs: 3006, events: 7 }]);
    expect(log.ending).toEqual({
      timeNs: 3006,
      reason: 'cut',
      detail: `the recording ends in the middle of a chunk at byte ${at}; read up to there`,
    });
  });

  it('gives the same calls wherever the bytes are cut into two pieces, and byte by byte', () => {
    const bytes = sampleRecording();
    const whole = sampleReading().log.calls;
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(readRecording(bytes, [cut]).log.calls, `cut at ${cut}`).toEqual(whole);
    }
    const every = Array.from({ length: bytes.length }, (_, i) => i);
    expect(readRecording(bytes, every).log.calls).toEqual(whole);
  });
});

describe('a damaged chunk', () => {
  it('is left out, and its events and time span are told', () => {
    const pieces = tenChunks();
    const bytes = joined(pieces);
    const at = joined(pieces.slice(0, 4)).length;
    bytes[at + CHUNK_HEADER_BYTES + 20] ^= 0xff;
    const { log, reader } = readRecording(bytes);
    expect(log.eventRows).toHaveLength(63);
    expect(log.lossRows).toEqual([{ cause: LOSS_DAMAGED, kind: 0, cpu: -1, count: 7, bytes: 0, countWithBytes: 0 }]);
    expect(reader.damagedSpans).toMatchObject([{ byteOffset: at, fromNs: 3000, toNs: 3006, events: 7 }]);
    expect(log.ending).toEqual({ timeNs: 10_000, reason: 'stopped', detail: 'well' });
  });

  it('whose header is damaged is told by what the next one says', () => {
    const pieces = tenChunks();
    const bytes = joined(pieces);
    const at = joined(pieces.slice(0, 4)).length;
    bytes[at + 17] ^= 0xff;
    const { log, reader } = readRecording(bytes);
    expect(log.eventRows).toHaveLength(63);
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 7 }]);
    expect(reader.damagedSpans).toMatchObject([{ byteOffset: at, fromNs: 2006, toNs: 4000, events: 7 }]);
  });

  it('that is missing altogether is noticed', () => {
    const pieces = tenChunks();
    const { log } = readRecording(joined([...pieces.slice(0, 4), ...pieces.slice(6)]));
    expect(log.eventRows).toHaveLength(56);
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 14 }]);
  });

  it('with a hole in it costs no chunk behind it', () => {
    const pieces = tenChunks();
    pieces[9] = pieces[9].slice(0, CHUNK_HEADER_BYTES + 10);
    const { log } = readRecording(joined(pieces));
    expect(log.eventRows.map((row) => row[0])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 9].flatMap((chunk) => Array.from({ length: 7 }, (_, i) => chunk * 1000 + i)),
    );
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 7 }]);
    expect(log.ending?.reason).toBe('stopped');
  });

  it('that comes twice is read once', () => {
    const pieces = tenChunks();
    const { log } = readRecording(joined([...pieces.slice(0, 5), pieces[4], ...pieces.slice(5)]));
    expect(log.eventRows).toHaveLength(70);
    expect(log.ending?.reason).toBe('stopped');
  });

  it('takes along what it defined: later events are kept without it, and counted', () => {
    const pieces: Uint8Array[] = [];
    const dictionary = new TraceDictionary();
    const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes));
    const lost = internPath(dictionary, [1n, 2n]);
    const cache = dictionary.caches.intern('lost');
    writer.events(batchOf([FREE]));
    writer.flush();
    const kept = internPath(dictionary, [1n, 3n]);
    const fresh = internPath(dictionary, [4n, 5n]);
    writer.events(batchOf([lost, kept, fresh].map((stack, i) => [10 + i, 2, 1, i * 64, 64, 60, stack, 5, 0, cache])));
    writer.fact({ type: 'end', timeNs: 20, reason: 'stopped', detail: '' });
    pieces[1][CHUNK_HEADER_BYTES + 3] ^= 0xff;
    const read = readRecording(joined(pieces));
    // `kept` shares a frame with the lost path: half of it would be a wrong path.
    expect(read.log.eventRows.map((row) => row[6])).toEqual([0, 0, 1]);
    expect(read.dictionary.stacks.depth(1)).toBe(2);
    expect(read.log.lossRows).toMatchObject([
      { cause: LOSS_DAMAGED, count: 1 },
      { cause: LOSS_NO_STACK, kind: 2, count: 2 },
      { cause: LOSS_NAME_TABLE_FULL, kind: 2, count: 3 },
    ]);
  });

  it('never makes the reader throw or invent events, whichever byte is flipped', () => {
    const bytes = sampleRecording();
    const whole = new Set(sampleReading().log.eventRows.map((row) => row.slice(0, 6).join()));
    for (let at = FILE_HEADER_BYTES; at < bytes.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const hurt = bytes.slice();
        hurt[at] ^= flip;
        const { log } = readRecording(hurt);
        expect(log.calls.filter((call) => call.call === 'end')).toHaveLength(1);
        for (const row of log.eventRows) expect(whole.has(row.slice(0, 6).join()), `byte ${at}`).toBe(true);
      }
    }
  });
});

describe('a hostile recording', () => {
  it('with lengths that are too great gets nothing allocated and loses that chunk alone', () => {
    for (const header of [{ rawBytes: 0xffffffff }, { storedBytes: 0xffffffff }, { eventCount: 0xffffffff }]) {
      const log = readChunk(chunkBytes(utf8('x'), header));
      expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED }]);
      expect(log.ending?.detail).toBe('reached');
    }
  });

  it('with a zip bomb gets at most what its header declares', () => {
    const bomb = brotliCompressSync(new Uint8Array(64 << 20));
    const log = readChunk(chunkBytes(bomb, { codec: 2, rawBytes: 1000, eventCount: 3 }));
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 3 }]);
    expect(log.ending?.detail).toBe('reached');
  });

  it('with a codec or chunk kind of a later version loses those chunks', () => {
    for (const header of [{ codec: 9 }, { kind: 2 }, { codec: 2, rawBytes: 5 }, { codec: 1 }, { codec: 3 }]) {
      const log = readChunk(chunkBytes(utf8('hello'), { eventCount: 4, ...header }));
      expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 4 }]);
    }
    expect(readChunk(chunkBytes(utf8('an index'), { kind: 128 })).lossRows).toEqual([]);
  });

  it('with millions of empty messages is refused before they are made', () => {
    // Field 3 (items), length 0.
    const items = new Uint8Array(8 << 20).fill(0x1a);
    for (let i = 1; i < items.length; i += 2) items[i] = 0;
    expect(readChunk(chunkBytes(items)).lossRows).toMatchObject([{ cause: LOSS_DAMAGED }]);
  });

  it('with fields and items of a later version is read without them', () => {
    const item = joined([Uint8Array.from([0x08, 0x00, 0xfa, 0x01, 0x03]), utf8('new')]);
    const payload = joined([
      Uint8Array.from([0x1a, item.length]),
      item,
      Uint8Array.from([0xfa, 0x06, 0x05]),
      utf8('later'),
      unfreed.Chunk.encode({ items: [{ at: 0, clock: { timeNs: 7 } }] }).finish(),
    ]);
    const log = readChunk(chunkBytes(payload));
    expect(log.calls.map((call) => call.call)).toEqual(['clock', 'end']);
  });

  it('with columns that contradict themselves loses the events of that chunk', () => {
    const good = columnsOf([FREE, [6, 1, 0, 64, 8, 8, 0, 3, 0, 0], [7, 17, 0, 64, 0, 0, 0, 0, 0, 0]]);
    const wrong: Partial<unfreed.EventColumns.$Properties>[] = [
      { count: 4 },
      { count: 1_000_000 },
      { shapeCount: 0 },
      { shapeCount: 0xffffffff },
      { shapes: new Uint8Array(15) },
      { shapes: new Uint8Array(15).fill(0xff) },
      { taskCount: 0 },
      { taskCount: 0xffffffff },
      { times: new Uint8Array(3).fill(0xff) },
      { times: Uint8Array.from([1, 1, 1]) },
      { shapeOfEvent: Uint8Array.from([0, 1, 99]) },
      { taskOfEvent: new Uint8Array(0) },
      { taskOfEvent: Uint8Array.from([7]) },
      { references: Uint8Array.from([0, 64, 1]) },
      { references: Uint8Array.from([1, 0, 1]) },
      { references: Uint8Array.from([0, 0, 2]) },
      { addresses: new Uint8Array(0) },
      { addresses: Uint8Array.from([1, 2, 3]) },
    ];
    for (const change of wrong) {
      const events = { ...good, ...change };
      const log = readChunk(messageChunk({ events }, { eventCount: Math.min(events.count ?? 0, 1 << 20) }));
      expect(log.eventRows, JSON.stringify(change)).toEqual([]);
      expect(
        log.lossRows.map((row) => row.cause),
        JSON.stringify(change),
      ).toEqual([LOSS_DAMAGED]);
      expect(log.lossRows[0].count, JSON.stringify(change)).toBe(events.count);
      expect(log.ending?.detail).toBe('reached');
    }
    expect(readChunk(messageChunk({ events: good })).eventRows).toHaveLength(3);
    expect(readChunk(messageChunk({ events: good }, { eventCount: 2 })).lossRows).toMatchObject([{ count: 2 }]);
  });

  it('with definitions that contradict themselves keeps its events, without them', () => {
    const events = columnsOf([[5, 1, 0, 64, 8, 8, 1, 0, 0, 0]]);
    const wrong: unfreed.Definitions.$Properties[] = [
      { firstFrame: 1, frameCount: 0xffffffff, frames: new Uint8Array(2) },
      { firstFrame: 0xffffffff, frameCount: 1, frames: new Uint8Array(1) },
      { firstFrame: 0, frameCount: 1, frames: new Uint8Array(1) },
      { firstFrame: 1, frameCount: 1, frames: Uint8Array.from([0xff, 0xff]) },
      { firstStack: 1, stackCount: 1, stacks: Uint8Array.from([0xff, 0xff, 0xff, 0x7f]) },
      { firstStack: 1, stackCount: 1, stacks: Uint8Array.from([1, 200, 1]) },
      { firstStack: 1, stackCount: 5, stacks: Uint8Array.from([1]) },
      { firstComm: 0xffffffff, comms: [utf8('x')] },
      { firstCache: 1, caches: [new Uint8Array(1 << 16)] },
    ];
    for (const definitions of wrong) {
      const log = readChunk(messageChunk({ definitions, events }));
      expect(log.eventRows, JSON.stringify(definitions)).toHaveLength(1);
      expect(log.eventRows[0][6]).toBe(0);
      expect(log.lossRows.map((row) => row.cause)).toContain(LOSS_NO_STACK);
    }
  });

  it('with items that contradict themselves loses those items', () => {
    const items: unfreed.Item.$Properties[] = [
      { at: 0, losses: { timeNs: 1, count: 0xffffffff, rows: new Uint8Array(6) } },
      { at: 0, losses: { timeNs: -1, count: 0 } },
      { at: 0, clock: { timeNs: Number.NaN } },
      { at: 0, clock: { timeNs: 1e300 } },
      { at: 0, counters: { timeNs: 0.5, source: 1 } },
      { at: 0, end: { timeNs: -5, reason: 1 } },
    ];
    for (const item of items) {
      const log = readChunk(messageChunk({ items: [item] }));
      expect(
        log.calls.map((call) => call.call),
        JSON.stringify(item),
      ).toEqual(['losses', 'end']);
      expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED }]);
    }
    const strange = readChunk(
      messageChunk({
        items: [
          { at: 99, clock: { timeNs: 5 } },
          { at: 0, clock: { timeNs: 4 } },
        ],
        events: columnsOf([FREE]),
      }),
    );
    expect(strange.calls.map((call) => call.call)).toEqual(['event', 'clock', 'clock', 'end']);
    expect(strange.calls.flatMap((call) => (call.call === 'clock' ? [call.timeNs] : []))).toEqual([5, 5]);
  });

  it('whose checksums vouch for any change in a payload never makes the reader throw', () => {
    const chunks = chunksOf(sampleRecording());
    let read = 0;
    for (const [number, chunk] of chunks.entries()) {
      for (let at = CHUNK_HEADER_BYTES; at < chunk.length; at++) {
        for (const flip of [0x01, 0x7f, 0x80, 0xff]) {
          const payload = chunk.slice(CHUNK_HEADER_BYTES);
          payload[at - CHUNK_HEADER_BYTES] ^= flip;
          const header = { sequence: number, eventCount: readU32(chunk, 24), eventsBefore: readU32(chunk, 32) };
          const changed = chunks.with(number, chunkBytes(payload, header));
          const { log } = readRecording(recordingOf(...changed));
          expect(log.calls.filter((call) => call.call === 'end')).toHaveLength(1);
          read += log.eventRows.length;
        }
      }
    }
    expect(read).toBeGreaterThan(1000);
  });

  it('of noise behind a good header is passed over', () => {
    let state = 1;
    const noise = Uint8Array.from({ length: 300_000 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    });
    const { log } = readRecording(joined([encodeFileHeader(), noise]), [5, 1000, 70_000]);
    expect(log.calls).toMatchObject([{ call: 'end', reason: 'cut' }]);
  });
});

describe('a file header', () => {
  it('of a later version names both versions', () => {
    const bytes = sampleRecording();
    bytes[8] = 2;
    expect(() => readRecording(bytes)).toThrow('recording format version 2, this build reads 1');
  });

  it('that is no header, was mangled or is cut is refused', () => {
    const mangled = sampleRecording();
    mangled[12] = 0x0a;
    expect(() => readRecording(mangled)).toThrow('line ends were changed on the way');
    expect(() => readRecording(utf8('RIFF............'))).toThrow('not a recording of unfreed');
    expect(() => readRecording(sampleRecording().slice(0, 15))).toThrow(
      'the recording is cut off: it ends after 15 bytes',
    );
    expect(() => readRecording(new Uint8Array(0))).toThrow(
      'the recording is cut off: it ends after 0 bytes, before the first event',
    );
  });
});
