import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../src/decode/stream/stream-decoder.js';
import { COVERAGE_CAUSES, unknownHost } from '../../src/event/host-facts.js';
import { ALLOCATOR_OF_KIND, isOfProcess, KFREE, KIND_MASK, KMALLOC } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { FREED_ROWS, type FreedRow, HELD_ROWS, type HeldRow, type TraceSink } from '../../src/event/trace-sink.js';
import { brotliCompressor } from '../../src/recording/files/node-codecs.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { emptyThing } from '../../src/things/thing.js';
import { readRecording, sampleReading, sampleRecording } from '../helpers/recording-bytes.js';
import { batchOf, internPath } from '../helpers/sample-trace.js';
import { dumpDictionary, type LoggedCall, type LoggedEvent, SinkLog } from '../helpers/sink-log.js';
import { joined, StreamBytes } from '../helpers/stream-bytes.js';

/** Sends a trace to a log and to a writer, reads the recording, and compares: the contract of the format. */
function expectExact(tell: (sink: TraceSink, dictionary: TraceDictionary, flush: () => void) => void): Uint8Array {
  const told = new SinkLog();
  const first = new TraceDictionary();
  tell(told, first, () => undefined);
  const pieces: Uint8Array[] = [];
  const dictionary = new TraceDictionary();
  const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes));
  tell(writer, dictionary, () => writer.flush());
  writer.flush();
  const bytes = joined(pieces);
  const read = readRecording(bytes);
  const calls = told.ending === null ? read.log.calls.slice(0, -1) : read.log.calls;
  expect(calls).toEqual(withSteadyClock(told.calls));
  expect(dumpDictionary(read.dictionary)).toEqual(dumpDictionary(first));
  return bytes;
}

/** Returns the calls with clocks that never go back: the only correction that a reader makes. */
function withSteadyClock(calls: LoggedCall[]): LoggedCall[] {
  let clockNs = 0;
  return calls.map((call) => {
    if (call.call !== 'clock') return call;
    clockNs = Math.max(clockNs, call.timeNs);
    return { ...call, timeNs: clockNs };
  });
}

describe('a recording gives back what was told to it', () => {
  it('with every kind of call', () => {
    const whole = sampleReading();
    for (const compressed of [false, true]) {
      for (const chunkAfterEach of [false, true]) {
        const { log, dictionary, reader } = readRecording(sampleRecording({ compressed, chunkAfterEach }));
        expect(log.calls).toEqual(whole.log.calls);
        expect(dumpDictionary(dictionary)).toEqual(dumpDictionary(whole.dictionary));
        expect(reader.damageCount).toBe(0);
      }
    }
  });

  it('with what was held before the trace: pages with numbers, sums, and ages known or not', () => {
    const rows: HeldRow[] = Array.from({ length: HELD_ROWS }, (_, i) => ({
      stackId: 1,
      allocator: i % 4,
      size: i % 3 === 0 ? 2 ** 50 : i + 1,
      count: i + 1,
      pfn: i % 5 === 0 ? -1 : (i * 7919 * 4096) % 2 ** 36,
      ageNs: i % 7 === 0 ? -1 : i * 1e12,
      pid: i,
      commId: i % 2,
      use: i % 4,
    }));
    expectExact((sink, dictionary) => {
      internPath(dictionary, [1n]);
      dictionary.comms.intern('sh');
      sink.fact({ type: 'host', facts: unknownHost() });
      sink.fact({ type: 'held', timeNs: 5, rows });
      sink.fact({ type: 'held', timeNs: 6, rows: [] });
      sink.fact({ type: 'end', timeNs: 6, reason: 'stopped', detail: '' });
    });
  });

  it('with frees that have a call path, task and CPU, and with those that are no events', () => {
    const rows: FreedRow[] = Array.from({ length: FREED_ROWS }, (_, i) => ({
      allocator: i % 4,
      stackId: i % 3,
      freeStackId: 2,
      ageNs: i % 7 === 0 ? 2 ** 50 : i,
      cpu: i % 65536,
      freeCpu: (i * 31) % 65536,
    }));
    expectExact((sink, dictionary) => {
      internPath(dictionary, [1n]);
      internPath(dictionary, [2n]);
      dictionary.comms.intern('sh');
      sink.fact({ type: 'host', facts: unknownHost() });
      const batch = batchOf(
        Array.from({ length: 600 }, (_, i) => {
          const isFree = i % 2 === 1;
          const hasSite = i % 6 !== 1;
          const address = (i >> 1) * 64 + 64;
          return isFree
            ? [i, KFREE, 1, address, 0, 0, hasSite ? 2 : 0, hasSite ? i : 0, hasSite ? 1 : 0, 0]
            : [i, KMALLOC, 1, address, 64, 60, 1, 7, 1, 0];
        }),
      );
      for (let row = 0; row < batch.length; row++) if (row % 6 !== 1) batch.cpu[row] = row % 5 === 0 ? 0 : row * 100;
      sink.events(batch);
      sink.fact({ type: 'freed', timeNs: 5, rows });
      sink.fact({ type: 'freed', timeNs: 6, rows: [] });
      // A CPU alone, with no other part of the task.
      const alone = batchOf([[9, KMALLOC, 1, 64, 64, 60, 1, 0, 0, 0]]);
      alone.cpu[0] = 65535;
      sink.events(alone);
      sink.fact({ type: 'end', timeNs: 9, reason: 'stopped', detail: '' });
    });
  });

  it('with looks at the machine, and what they could not read', () => {
    const texts = new Map([
      ['proc/meminfo', 'MemTotal: 1 kB\n'],
      ['table/processes', 'pid\tname\n1\t\u001b[31m\ud83d\ude00\n'],
      ['proc/vmallocinfo', 'x\n'.repeat(90_000)],
    ]);
    expectExact((sink) => {
      sink.fact({ type: 'host', facts: unknownHost() });
      const notRead = [{ what: 'proc/slabinfo', why: 'root only' }];
      sink.fact({ type: 'look', timeNs: 7, look: { unixMs: 1_700_000_000_123, texts, notRead } });
      sink.fact({ type: 'look', timeNs: 9, look: { unixMs: 0, texts: new Map(), notRead: [] } });
      sink.fact({ type: 'end', timeNs: 9, reason: 'stopped', detail: '' });
    });
  });

  it('with what rows belong to', () => {
    expectExact((sink, dictionary) => {
      internPath(dictionary, [1n]);
      sink.fact({ type: 'host', facts: unknownHost() });
      const file = { ...emptyThing('file'), path: '/dev/shm/\u001b[31m\n\ud83d\ude00"', inode: 7, deleted: true };
      const things = [{ thing: file, different: 2, count: 3, bytes: 12288 }];
      const row = { stackId: 1, allocator: 0, looked: 256, lookedBytes: 1 << 20, known: 3, knownBytes: 12288, things };
      sink.fact({ type: 'names', timeNs: 7, rows: [row, { ...row, things: [] }] });
      sink.fact({ type: 'names', timeNs: 9, rows: [] });
      sink.fact({ type: 'end', timeNs: 9, reason: 'stopped', detail: '' });
    });
  });

  it('through brotli as through no codec at all', () => {
    for (const compressor of [undefined, brotliCompressor]) {
      const pieces: Uint8Array[] = [];
      const dictionary = new TraceDictionary();
      const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor });
      writer.fact({ type: 'counters', timeNs: 1, source: 'vmstat', text: 'nr_free_pages 1\n'.repeat(500) });
      writer.flush();
      const bytes = joined(pieces);
      if (compressor !== undefined) expect(bytes.length).toBeLessThan(400);
      expect(readRecording(bytes).log.calls[0]).toMatchObject({
        call: 'counters',
        text: 'nr_free_pages 1\n'.repeat(500),
      });
    }
  });

  it('for events across many chunks, with addresses reused, freed twice and never freed', () => {
    const bytes = expectExact((sink, dictionary) => {
      const path = internPath(dictionary, [1n, 2n]);
      const events: LoggedEvent[] = [];
      for (let i = 0; i < 150_000; i++) {
        const slot = (i * 7919) % 5000;
        const free = (i * 31) % 100 < 47;
        events.push(
          free
            ? [i * 13, 17, 0xffff8880, slot * 64, 0, 0, 0, 0, 0, 0]
            : [i * 13, 1, 0xffff8880, slot * 64, 64, 60, path, i % 7, 0, 0],
        );
      }
      sink.events(batchOf(events.slice(0, 100_000)));
      sink.events(batchOf(events.slice(100_000)));
      sink.fact({ type: 'end', timeNs: 2_000_000, reason: 'stopped', detail: '' });
    });
    expect(bytes.length / 150_000).toBeLessThan(8);
  });

  it('for any sequence of calls', () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 40 }), (calls) => {
        expectExact((sink, dictionary, flush) => {
          for (const call of calls) call(sink, dictionary, flush);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('for any sequence of calls, whatever pieces it is read in', () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 20 }), fc.array(fc.nat(4000), { maxLength: 8 }), (calls, cuts) => {
        const pieces: Uint8Array[] = [];
        const dictionary = new TraceDictionary();
        const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor: brotliCompressor });
        for (const call of calls) call(writer, dictionary, () => writer.flush());
        writer.flush();
        const bytes = joined(pieces);
        const places = cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b);
        expect(readRecording(bytes, places).log.calls).toEqual(readRecording(bytes).log.calls);
      }),
      { numRuns: 100 },
    );
  });

  it('so that a stream and its recording cannot be told apart', () => {
    const stream = new StreamBytes()
      .host({ hostname: 'box', pageSize: 4096 })
      .stack(9, [0xffffffff81000010n])
      .comm(2, 'cat')
      .cache(1, 'dentry', 192, 184)
      .events({ timeNs: 5, kind: 2, addr: 0xffff888000002000n, stack: 9, pid: 3, comm: 2, cache: 1 })
      .events({ timeNs: 6, kind: 18, addr: 0xffff888000002000n }, { timeNs: 7, kind: 18, addr: 0xffff888000002000n })
      .clock(8)
      .end(9, 1, 'signal')
      .bytes();
    expectExact((sink, dictionary) => {
      const decoder = new StreamDecoder(sink, dictionary);
      decoder.push(stream);
      decoder.finish();
    });
  });
});

describe('RecordingWriter', () => {
  it('hands out whole pieces and nothing when nothing is new', () => {
    const pieces: Uint8Array[] = [];
    const writer = new RecordingWriter(new TraceDictionary(), (bytes) => pieces.push(bytes));
    expect(pieces).toHaveLength(1);
    writer.flush();
    expect(pieces).toHaveLength(1);
    writer.fact({ type: 'clock', timeNs: 5 });
    writer.flush();
    writer.flush();
    expect(pieces).toHaveLength(2);
    expect(writer.bytesWritten).toBe(joined(pieces).length);
  });

  it('closes a chunk after a second of the trace', () => {
    const pieces: Uint8Array[] = [];
    const writer = new RecordingWriter(new TraceDictionary(), (bytes) => pieces.push(bytes));
    for (let second = 0; second <= 10; second++) writer.fact({ type: 'clock', timeNs: second * 1e9 });
    expect(pieces.length - 1).toBe(5);
    writer.events(batchOf([[20e9, 17, 0, 64, 0, 0, 0, 0, 0, 0]]));
    expect(pieces.length - 1).toBe(6);
  });

  it('puts a flood of new call paths into chunks of their own', () => {
    expectExact((sink, dictionary) => {
      for (let i = 0; i < 1500; i++) {
        const path = Array.from(
          { length: 400 },
          (_, depth) => 0xffffffff81000000n + BigInt((i * 7 + depth * 3001) % 100_000),
        );
        internPath(dictionary, path);
      }
      sink.events(batchOf([[1, 1, 0, 64, 8, 8, 1500, 0, 0, 0]]));
    });
  });

  it('keeps chunks small whatever is told between two flushes', () => {
    expectExact((sink) => {
      sink.fact({ type: 'counters', timeNs: 1, source: 'slabinfo', text: 'x'.repeat(7 << 20) });
      sink.fact({ type: 'counters', timeNs: 2, source: 'slabinfo', text: 'y'.repeat(7 << 20) });
      sink.events(batchOf([[1, 17, 0, 64, 0, 0, 0, 0, 0, 0]]));
      sink.fact({ type: 'counters', timeNs: 3, source: 'slabinfo', text: 'z'.repeat(7 << 20) });
    });
  });
});

type Call = (sink: TraceSink, dictionary: TraceDictionary, flush: () => void) => void;

const u32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffffffff }));
const time = fc.oneof(fc.nat(5000), fc.integer({ min: 0, max: 3e9 }), fc.maxSafeNat());
const text = fc.string({ unit: 'binary', maxLength: 40 });
const gap = fc.record({
  cause: fc.constantFrom(...COVERAGE_CAUSES),
  kinds: fc.subarray(['kmalloc' as const, 'kmem_cache_alloc' as const, 'mm_page_alloc' as const]),
  certain: fc.boolean(),
  detail: text,
});
/** Names that share a slab cache. */
const sharedNames = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), {
  minLength: 2,
  maxLength: 4,
});
const kind = fc.constantFrom(1, 2, 3, 4, 5, 17, 18, 19, 20, 21, 129, 130, 131, 132, 133);
/** Of the memory of processes: bytes_req is always 0. */
const processKind = fc.constantFrom(6, 7, 10, 22, 23, 26, 27, 28, 29, 30, 31, 134);
/** Mostly few addresses, so that they are reused; sometimes any. */
const address = fc.oneof(
  fc.tuple(
    fc.constant(0xffff8880),
    fc.nat(20).map((slot) => slot * 64),
  ),
  fc.tuple(
    fc.nat(3).map((process) => process * 0x10000 + 0x55d0),
    fc.nat(20).map((slot) => slot * 4096),
  ),
  fc.tuple(u32, u32),
);
const event = fc
  .tuple(
    time,
    fc.oneof(kind, processKind),
    address,
    fc.constantFrom(0, 1, 8, 64, 0xffffffff),
    u32,
    fc.nat(6),
    u32,
    fc.nat(4),
    fc.nat(4),
  )
  .map(([t, k, [hi, lo], size, req, path, pid, comm, cache]) => ({
    row: [t, k, hi, lo, size, isOfProcess(ALLOCATOR_OF_KIND[k & KIND_MASK]) ? 0 : req, 0, pid, 0, 0],
    path,
    comm,
    cache,
  }));

const anyCall: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.array(event, { maxLength: 60 }).map(eventsCall) },
  fc
    .tuple(
      time,
      fc.array(fc.tuple(u32, fc.nat(31), fc.integer({ min: -1, max: 8192 }), fc.maxSafeNat()), { maxLength: 5 }),
    )
    .map(
      ([timeNs, rows]): Call =>
        (sink) =>
          sink.fact({
            type: 'losses',
            timeNs,
            rows: rows.map(([cause, kindLost, cpu, count]) => ({
              cause,
              kind: kindLost,
              cpu,
              count,
              bytes: count,
              countWithBytes: 1,
            })),
          }),
    ),
  fc.tuple(time, fc.constantFrom('meminfo', 'vmstat', 'slabinfo'), text).map(
    ([timeNs, source, content]): Call =>
      (sink) =>
        sink.fact({ type: 'counters', timeNs, source, text: content }),
  ),
  fc.tuple(u32, u32, text, u32, fc.option(text)).map(
    ([addressHi, addressLo, symbol, offset, module]): Call =>
      (sink) =>
        sink.fact({ type: 'symbol', entry: { addressHi, addressLo, symbol, offset, module } }),
  ),
  time.map(
    (timeNs): Call =>
      (sink) =>
        sink.fact({ type: 'clock', timeNs }),
  ),
  fc
    .tuple(
      text,
      fc.maxSafeNat(),
      fc.constantFrom('mark', 'drop', 'keep'),
      fc.array(text, { maxLength: 3 }),
      fc.array(gap, { maxLength: 3 }),
      fc.array(sharedNames, { maxLength: 3 }),
    )
    .map(
      ([hostname, memTotalBytes, self, notes, coverage, mergedCaches]): Call =>
        (sink) =>
          sink.fact({
            type: 'host',
            facts: { ...unknownHost(), hostname, memTotalBytes, self, notes, coverage, mergedCaches },
          }),
    ),
  fc.constant<Call>((_sink, _dictionary, flush) => flush()),
);

function eventsCall(events: { row: number[]; path: number; comm: number; cache: number }[]): Call {
  return (sink, dictionary) => {
    const rows = events.map(({ row, path, comm, cache }) => {
      const copy = [...row];
      const frames = Array.from({ length: path }, (_, i) => 0xffffffff81000000n + BigInt(i * path * 17));
      copy[6] = path === 0 ? 0 : internPath(dictionary, frames);
      copy[8] = comm === 0 ? 0 : dictionary.comms.intern(`comm${comm}`);
      copy[9] = cache === 0 ? 0 : dictionary.caches.intern(`cache${cache}`);
      return copy;
    });
    sink.events(batchOf(rows));
  };
}
