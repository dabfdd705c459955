import { describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../../src/decode/stream/stream-decoder.js';
import {
  KFREE,
  KMALLOC,
  KMEM_CACHE_ALLOC,
  PAGE_ALLOC,
  PAGE_FREE,
  PERCPU_ALLOC,
  SELF_BIT,
  VMALLOC_ALLOC,
} from '../../../src/event/kinds.js';
import { LOSS_DAMAGED, LOSS_NAME_TABLE_FULL, LOSS_NO_STACK } from '../../../src/event/losses.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { dumpDictionary, SinkLog } from '../../helpers/sink-log.js';
import { joined, StreamBytes, streamHeader, utf8 } from '../../helpers/stream-bytes.js';

const HI = 0xffff8880;

function decode(bytes: Uint8Array, cuts: number[] = []): { log: SinkLog; dictionary: TraceDictionary } {
  const log = new SinkLog();
  const dictionary = new TraceDictionary();
  const decoder = new StreamDecoder(log, dictionary);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    decoder.push(bytes.slice(from, cut));
    from = cut;
  }
  decoder.finish();
  return { log, dictionary };
}

function refuse(header: Uint8Array): () => void {
  return () => decode(joined([header, new Uint8Array(16)]));
}

/** A stream with a message of every kind. */
function sample(): Uint8Array {
  return new StreamBytes()
    .host({ collector: 'bpf', hostname: 'box', kernel: '6.18', pageSize: 4096, cpus: 2 })
    .stack(77, [0xffffffff81000010n, 0xffffffff81000020n])
    .stack(0xfffffff0, [0xffffffff81000020n])
    .comm(9, 'kworker/0:1')
    .cache(3, 'dentry', 192, 184)
    .events(
      {
        timeNs: 10,
        kind: KMALLOC,
        addr: 0xffff888000001040n,
        stack: 77,
        pid: 12,
        comm: 9,
        bytesAlloc: 64,
        bytesReq: 40,
      },
      { timeNs: 11, kind: KMEM_CACHE_ALLOC, addr: 0xffff888000002000n, stack: 77, pid: 12, comm: 9, cache: 3 },
      { timeNs: 12, kind: PAGE_ALLOC, addr: 0x123456n, order: 3, stack: 0xfffffff0, pid: 1 },
      { timeNs: 13, kind: PERCPU_ALLOC, addr: 0x60fe00001000n, stack: 77, bytesAlloc: 32, bytesReq: 30 },
      { timeNs: 14, kind: VMALLOC_ALLOC, addr: 0xffffc90000000000n, stack: 77, vmallocBytes: 8193n },
      { timeNs: 15, kind: 66 | SELF_BIT, addr: 0xffff888000003000n, stack: 77, bytesAlloc: 256, bytesReq: 250 },
    )
    .clock(16)
    .events(
      { timeNs: 17, kind: KFREE, addr: 0xffff888000001040n },
      { timeNs: 18, kind: PAGE_FREE, addr: 0x123456n, order: 3 },
    )
    .losses(19, [{ cause: 1, kind: KFREE, cpu: 1, count: 5, bytes: 640 }])
    .symbol(0xffffffff81000010n, 16, 'kmalloc_caller', '')
    .symbol(0xffffffffc0000010n, 8, 'leak_it', 'leaky')
    .counters(20, 1, 'MemTotal: 1 kB\n')
    .end(21, 2, 'done')
    .bytes();
}

const FACTS = { pid: 12, stack: 1, comm: 1 };

describe('StreamDecoder', () => {
  it('gives every message of the stream to the sink, in order', () => {
    const { log, dictionary } = decode(sample());
    expect(log.calls).toMatchObject([
      { call: 'host', facts: { collector: 'bpf', hostname: 'box', kernel: '6.18', cpus: 2, self: 'keep' } },
      { call: 'event', row: [10, KMALLOC, HI, 0x1040, 64, 40, FACTS.stack, FACTS.pid, FACTS.comm, 0] },
      { call: 'event', row: [11, KMEM_CACHE_ALLOC, HI, 0x2000, 192, 184, FACTS.stack, FACTS.pid, FACTS.comm, 1] },
      { call: 'event', row: [12, PAGE_ALLOC, 0, 0x123456, 8, 0, 2, 1, 0, 0] },
      { call: 'event', row: [13, PERCPU_ALLOC, 0x60fe, 0x1000, 32, 30, 1, 0, 0, 0] },
      { call: 'event', row: [14, VMALLOC_ALLOC, 0xffffc900, 0, 3, 0, 1, 0, 0, 0] },
      { call: 'event', row: [15, KMEM_CACHE_ALLOC | SELF_BIT, HI, 0x3000, 256, 250, 1, 0, 0, 0] },
      { call: 'clock', timeNs: 16 },
      { call: 'event', row: [17, KFREE, HI, 0x1040, 0, 0, 0, 0, 0, 0] },
      { call: 'event', row: [18, PAGE_FREE, 0, 0x123456, 8, 0, 0, 0, 0, 0] },
      {
        call: 'losses',
        timeNs: 19,
        rows: [{ cause: 1, kind: KFREE, cpu: 1, count: 5, bytes: 640, countWithBytes: 5 }],
      },
      { call: 'symbol', entry: { addressHi: 0xffffffff, addressLo: 0x81000010, symbol: 'kmalloc_caller', offset: 16 } },
      { call: 'symbol', entry: { addressLo: 0xc0000010, symbol: 'leak_it', module: 'leaky' } },
      { call: 'counters', timeNs: 20, source: 'meminfo', text: 'MemTotal: 1 kB\n' },
      { call: 'end', timeNs: 21, reason: 'duration', detail: 'done' },
    ]);
    expect(dumpDictionary(dictionary)).toEqual({
      stacks: [['ffffffff:81000010', 'ffffffff:81000020'], ['ffffffff:81000020']],
      comms: ['kworker/0:1'],
      caches: ['dentry'],
    });
  });

  it('gives the same calls wherever the stream is cut into two chunks', () => {
    const bytes = sample();
    const whole = decode(bytes);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { log, dictionary } = decode(bytes, [cut]);
      expect(log.calls, `cut at ${cut}`).toEqual(whole.log.calls);
      expect(dumpDictionary(dictionary)).toEqual(dumpDictionary(whole.dictionary));
    }
  });

  it('gives the same calls in chunks of 1, 3, 7, 8 and 64 bytes', () => {
    const bytes = sample();
    const whole = decode(bytes).log.calls;
    for (const step of [1, 3, 7, 8, 64]) {
      const cuts = Array.from({ length: Math.floor(bytes.length / step) }, (_, i) => (i + 1) * step);
      expect(decode(bytes, cuts).log.calls, `chunks of ${step}`).toEqual(whole);
    }
  });

  it('reads a stream that ends at any byte up to the last whole message and says so', () => {
    const bytes = sample();
    const whole = decode(bytes).log.calls;
    for (let length = 16; length < bytes.length; length++) {
      const { log } = decode(bytes.slice(0, length));
      const calls = log.calls.slice(0, -1);
      expect(calls, `cut at ${length}`).toEqual(whole.slice(0, calls.length));
      expect(log.ending?.reason).toBe('cut');
      expect(log.ending?.detail).toMatch(/^the stream ends (in the middle of a message )?at byte \d+/);
    }
  });

  it('splits a long run of events into full batches', () => {
    const free = { timeNs: 1, kind: KFREE, addr: 64n };
    const bytes = new StreamBytes().events(...Array.from({ length: 70000 }, () => free)).bytes();
    expect(decode(bytes).log.batchLengths).toEqual([...Array.from({ length: 8 }, () => 8192), 70000 - 65536]);
  });

  it('keeps event times as given and never lets the clock go back', () => {
    const bytes = new StreamBytes()
      .events({ timeNs: 500, kind: KFREE, addr: 64n }, { timeNs: 450, kind: KFREE, addr: 128n })
      .clock(480)
      .clock(600)
      .end(590, 1, '')
      .bytes();
    const { log } = decode(bytes);
    expect(log.eventRows.map((row) => row[0])).toEqual([500, 450]);
    expect(log.calls.slice(2)).toEqual([
      { call: 'clock', timeNs: 500 },
      { call: 'clock', timeNs: 600 },
      { call: 'end', timeNs: 600, reason: 'stopped', detail: '' },
    ]);
  });

  it('keeps an event whose stack or names were never defined, without them, and counts it', () => {
    const bytes = new StreamBytes()
      .events({ timeNs: 1, kind: KMALLOC, addr: 64n, stack: 5, comm: 6, bytesAlloc: 8 })
      .events({ timeNs: 2, kind: KMALLOC, addr: 128n, stack: 0, bytesAlloc: 8 })
      .bytes();
    const { log } = decode(bytes);
    expect(log.eventRows.map((row) => row.slice(6))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(log.lossRows).toEqual([
      { cause: LOSS_NO_STACK, kind: KMALLOC, cpu: -1, count: 1, bytes: 0, countWithBytes: 0 },
      { cause: LOSS_NAME_TABLE_FULL, kind: KMALLOC, cpu: -1, count: 1, bytes: 0, countWithBytes: 0 },
    ]);
  });

  it('skips message kinds that it does not know', () => {
    const bytes = new StreamBytes().message(999, utf8('from the future')).clock(5).end(6, 1, '').bytes();
    expect(decode(bytes).log.calls.map((call) => call.call)).toEqual(['clock', 'end']);
  });

  it('counts the rest of an events message after a record of an unknown kind, and reads on behind it', () => {
    const bytes = new StreamBytes()
      .events(
        { timeNs: 1, kind: KFREE, addr: 64n },
        { timeNs: 2, kind: 48, addr: 64n },
        { timeNs: 3, kind: KFREE, addr: 64n },
      )
      .events({ timeNs: 4, kind: KFREE, addr: 64n })
      .end(5, 1, '')
      .bytes();
    const { log } = decode(bytes);
    expect(log.eventRows.map((row) => row[0])).toEqual([1, 4]);
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 2 }]);
    expect(log.ending?.reason).toBe('stopped');
  });

  it('counts an event with an absurd time or order as damaged', () => {
    const late = new StreamBytes()
      .events({ timeNs: 2 ** 54, kind: KFREE, addr: 64n })
      .end(5, 1, '')
      .bytes();
    expect(decode(late).log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 1 }]);
    const wide = new StreamBytes()
      .events(
        { timeNs: 1, kind: PAGE_FREE, addr: 64n, order: 200 },
        { timeNs: 2, kind: PAGE_FREE, addr: 64n, order: 10 },
      )
      .end(5, 1, '')
      .bytes();
    const { log } = decode(wide);
    expect(log.lossRows).toMatchObject([{ cause: LOSS_DAMAGED, count: 1 }]);
    expect(log.eventRows).toEqual([[2, PAGE_FREE, 0, 64, 1024, 0, 0, 0, 0, 0]]);
  });

  it('ends the trace as cut at a message length that cannot be true, without allocating for it', () => {
    const bytes = new StreamBytes().clock(7).message(6, new Uint8Array(16), 0xfffffff0).clock(9).bytes();
    for (const cuts of [[], [44], [41, 43]]) {
      const { log } = decode(bytes, cuts);
      expect(log.calls).toMatchObject([
        { call: 'clock', timeNs: 7 },
        { call: 'losses', rows: [{ cause: LOSS_DAMAGED }] },
        {
          call: 'end',
          timeNs: 7,
          reason: 'cut',
          detail: 'message at byte 32 has length 4294967280, expected at most 16777216; read up to there',
        },
      ]);
    }
  });

  it('leaves out malformed messages of every kind and reads on', () => {
    for (let kind = 2; kind <= 10; kind++) {
      const bytes = new StreamBytes()
        .message(kind, new Uint8Array([1, 2, 3]))
        .end(5, 1, 'well')
        .bytes();
      const { log } = decode(bytes);
      expect(log.lossRows, `kind ${kind}`).toMatchObject([{ cause: LOSS_DAMAGED }]);
      expect(log.ending, `kind ${kind}`).toEqual({ timeNs: 5, reason: 'stopped', detail: 'well' });
    }
  });

  it('survives any flipped byte behind the header', () => {
    const bytes = sample();
    for (let at = 16; at < bytes.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const hurt = bytes.slice();
        hurt[at] ^= flip;
        const { log } = decode(hurt);
        expect(log.ending, `byte ${at}`).not.toBeNull();
        expect(log.calls.filter((call) => call.call === 'end')).toHaveLength(1);
      }
    }
  });

  it('takes each host fact by itself and keeps the default of what is wrong', () => {
    const bytes = new StreamBytes()
      .host({
        hostname: 7,
        kernel: 'k'.repeat(5000),
        pageSize: 12345,
        cpus: -1,
        allocators: ['slab', 'gold', 'page', 'slab'],
        hooks: [1, 'a'],
        sampleOneIn: 0,
        sampleSeed: 2 ** 32,
        minAgeNs: -1e300,
      })
      .host('{"hostname":')
      .host('[1,2]')
      .bytes();
    const facts = decode(bytes).log.calls.flatMap((call) => (call.call === 'host' ? [call.facts] : []));
    expect(facts[0]).toMatchObject({
      hostname: '',
      pageSize: 4096,
      cpus: 0,
      allocators: ['slab', 'page'],
      hooks: ['a'],
      sampleOneIn: 1,
      sampleSeed: 0,
      minAgeNs: 0,
    });
    expect(facts[0].kernel).toHaveLength(256);
    expect(facts[1]).toMatchObject({ hostname: '', collector: 'unknown' });
    expect(facts[2]).toMatchObject({ hostname: '' });
  });

  it('refuses a header that is not ours, neutral and exact', () => {
    expect(refuse(streamHeader('\x7fELF....'))).toThrow('first bytes 7f 45 4c 46 2e 2e 2e 2e, expected UNFREEDS');
    expect(refuse(streamHeader(undefined, 3))).toThrow('stream version 3, this build reads 1-2');
    expect(refuse(streamHeader(undefined, 1, 0x04030201))).toThrow('byte order mark 01 02 03 04, expected 04 03 02 01');
    expect(() => decode(streamHeader().slice(0, 9))).toThrow('the stream is cut off: it ends after 9 bytes, before');
    expect(() => decode(new Uint8Array(0))).toThrow('the stream is cut off: it ends after 0 bytes');
  });

  it('looks at nothing that comes after the end message', () => {
    const bytes = new StreamBytes().end(5, 3, 'x').clock(9).raw(new Uint8Array(100).fill(255)).bytes();
    expect(decode(bytes).log.calls).toEqual([{ call: 'end', timeNs: 5, reason: 'command-exited', detail: 'x' }]);
  });
});
