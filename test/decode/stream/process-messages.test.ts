import { describe, expect, it } from 'vitest';
import { StreamDecoder } from '../../../src/decode/stream/stream-decoder.js';
import {
  BECAME_RESERVED,
  BECAME_USABLE,
  HEAP,
  HEAP_ALLOC,
  HEAP_FREE,
  HEAP_FREE_UNLESS,
  HEAP_UNDO,
  MAP,
  MAPPED,
  RANGE_MOVED_FROM,
  RANGE_MOVED_TO,
  RESERVE,
  RESERVED,
  UNMAP,
} from '../../../src/event/kinds.js';
import type { ProcessEvent } from '../../../src/event/process-facts.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { PairingCore } from '../../../src/pair/pairing-core.js';
import {
  HELD,
  heldPayload,
  IMAGE,
  imagePayload,
  keyOf,
  PROCESS,
  processPayload,
  RESIDENT,
  record,
  residentPayload,
  takenBy,
} from '../../helpers/process-payloads.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { SinkLog } from '../../helpers/sink-log.js';
import { joined, StreamBytes, utf8 } from '../../helpers/stream-bytes.js';

const SHELL: ProcessEvent = {
  number: 1,
  pid: 4711,
  startNs: 123_456_789,
  parent: 0,
  why: 'first',
  stays: false,
  exe: '/usr/bin/bash',
  cmdline: 'bash -c “ü”',
};
const HEAP_AT = 0x55d0_1234_5670n;
const MAP_AT = 0x7fff_ffff_f000n - 0x1000n;

function begun(): StreamBytes {
  return new StreamBytes()
    .host({ allocators: ['heap', 'map', 'reserved'] })
    .stack(9, [0x40_0001_0000_1000n])
    .comm(3, 'bash');
}

function decoded(stream: StreamBytes): { log: SinkLog; decoder: StreamDecoder; calls: SinkLog['calls'] } {
  const log = new SinkLog();
  const decoder = new StreamDecoder(log, new TraceDictionary());
  decoder.push(stream.bytes());
  decoder.finish();
  return { log, decoder, calls: log.calls.filter(({ call }) => !['host', 'end', 'losses'].includes(call)) };
}

describe('records of the memory of processes', () => {
  it('of each kind are events, with their sizes in bytes or pages', () => {
    const task = takenBy(9, 4711, 3, 2);
    const heap = keyOf(1, HEAP_AT);
    const [map, far] = [keyOf(1, MAP_AT), keyOf(1, 0x10_0000n)];
    const stream = begun().message(
      6,
      joined([
        record(10, HEAP_ALLOC, heap, ...task, 100n),
        record(11, MAP, map, ...task, 8192n),
        record(12, RESERVE, map, ...task, 4096n),
        record(13, HEAP_FREE, heap),
        record(14, UNMAP, map, 4096n),
        record(15, RANGE_MOVED_FROM, map, far, 12_288n),
        record(16, BECAME_RESERVED, far, 4096n),
        record(17, BECAME_USABLE, far, 4096n),
        record(18, HEAP_FREE_UNLESS, heap),
        record(19, HEAP_UNDO, heap),
        record(20, HEAP_ALLOC, 0n, ...task, 5n),
      ]),
    );
    const { log, decoder } = decoded(stream);
    expect(decoder.damageCount).toBe(0);
    const [hi, lo] = [0x1_55d0, 0x1234_5670];
    const by = [1, 4711, 1, 0];
    const none = [0, 0, 0, 0];
    expect(log.eventRows).toEqual([
      [10, HEAP_ALLOC, hi, lo, 100, 0, ...by],
      [11, MAP, 0x1_7fff, 0xffff_e000, 2, 0, ...by],
      [12, RESERVE, 0x1_7fff, 0xffff_e000, 1, 0, ...by],
      [13, HEAP_FREE, hi, lo, 0, 0, ...none],
      [14, UNMAP, 0x1_7fff, 0xffff_e000, 1, 0, ...none],
      [15, RANGE_MOVED_FROM, 0x1_7fff, 0xffff_e000, 3, 0, ...none],
      [15, RANGE_MOVED_TO, 0x1_0000, 0x10_0000, 3, 0, ...none],
      [16, BECAME_RESERVED, 0x1_0000, 0x10_0000, 1, 0, ...none],
      [17, BECAME_USABLE, 0x1_0000, 0x10_0000, 1, 0, ...none],
      [18, HEAP_FREE_UNLESS, hi, lo, 0, 0, ...none],
      [19, HEAP_UNDO, hi, lo, 0, 0, ...none],
      [20, HEAP_ALLOC, 0, 0, 5, 0, ...by],
    ]);
  });

  it('of terabytes become several events, which hold and release all of it', () => {
    const task = takenBy(9, 4711, 3, 0);
    const [from, to] = [keyOf(7, 0x1000n), keyOf(7, 0x4000_0000_0000n)];
    const bytes = 20n * 2n ** 40n + 4096n;
    const pages = Number(bytes / 4096n);
    const dictionary = new TraceDictionary();
    const core = new PairingCore(dictionary);
    const decoder = new StreamDecoder(core, dictionary);
    decoder.push(
      begun()
        .message(6, record(1, RESERVE, from, ...task, bytes))
        .bytes(),
    );
    expect(core.paths.totalLive(RESERVED)).toBe(pages);
    const more = (...records: Uint8Array[]): void =>
      decoder.push(new StreamBytes(new Uint8Array(0)).message(6, joined(records)).bytes());
    more(record(2, RANGE_MOVED_FROM, from, to, bytes));
    expect(core.processMemory.reserved.heldParts(7, 0, 2 ** 36).reduce((sum, [, part]) => sum + part, 0)).toBe(pages);
    expect(core.processMemory.reserved.heldParts(7, 0, 2 ** 36)[0][0]).toBe(0x4000_0000_0000 / 4096);
    more(record(3, BECAME_USABLE, to, bytes));
    expect([core.paths.totalLive(MAPPED), core.paths.totalLive(RESERVED)]).toEqual([pages, 0]);
    more(record(4, UNMAP, to, bytes));
    expect([core.paths.totalLive(MAPPED), core.orphanFrees, core.badEvents]).toEqual([0, 0, 0]);
    core.checkInvariants();
  });

  it('of a block of 4 GiB and more have the greatest size, and are counted', () => {
    const task = takenBy(9, 4711, 3, 0);
    const dictionary = new TraceDictionary();
    const core = new PairingCore(dictionary);
    const decoder = new StreamDecoder(core, dictionary);
    const sizes = [3n * 2n ** 30n, 2n ** 32n - 2n, 2n ** 32n, 2n ** 63n];
    const records = sizes.map((size, i) => record(i, HEAP_ALLOC, keyOf(1, 16n + BigInt(i) * 16n), ...task, size));
    decoder.push(begun().message(6, joined(records)).bytes());
    expect(core.paths.totalLive(HEAP)).toBe(3 * 2 ** 30 + 2 ** 32 - 2 + 2 * (2 ** 32 - 1));
    expect([core.allocEvents, core.processMemory.hugeBlocks, core.badEvents]).toEqual([4, 2, 0]);
  });

  it.each([
    ['is larger than an address space', record(1, UNMAP, keyOf(1, 0x1000n), 2n ** 49n)],
    ['is mapped and larger than an address space', record(1, MAP, keyOf(1, 0n), 0n, 0n, 2n ** 60n)],
    ['moves and is larger than an address space', record(1, RANGE_MOVED_FROM, keyOf(1, 0n), keyOf(1, 0n), 2n ** 62n)],
    ['is not whole', record(1, UNMAP, keyOf(1, 0x1000n))],
  ])('one that %s is damage, and the rest is read', (_, bytes) => {
    const { decoder, log } = decoded(
      begun()
        .message(6, bytes)
        .message(6, record(5, HEAP_FREE, keyOf(1, 64n))),
    );
    expect(decoder.damageCount).toBe(1);
    expect(log.eventRows.map(([time]) => time)).toEqual([5]);
  });

  it('that reach beyond an address space, or begin within a page, change nothing', () => {
    const dictionary = new TraceDictionary();
    const core = new PairingCore(dictionary);
    const decoder = new StreamDecoder(core, dictionary);
    const task = takenBy(9, 1, 3, 0);
    const records = [
      record(1, MAP, keyOf(1, 0xffff_ffff_f000n), ...task, 8192n),
      record(2, MAP, keyOf(1, 0x1008n), ...task, 4096n),
      record(3, MAP, keyOf(1, 0x1000n), ...task, 0n),
      record(4, MAP, keyOf(0, 0x1000n), ...task, 4096n),
      record(5, UNMAP, keyOf(0, 0n), 4096n),
      record(6, HEAP_FREE, keyOf(0, 0x1000n)),
    ];
    decoder.push(begun().message(6, joined(records)).bytes());
    expect([core.badEvents, core.allocEvents, core.paths.totalLive(MAPPED)]).toEqual([6, 0, 0]);
  });
});

describe('PROCESS', () => {
  it('of each reason is a fact, in order with the events', () => {
    const events: ProcessEvent[] = [
      SHELL,
      { ...SHELL, number: 2, pid: 4712, parent: 1, why: 'fork' },
      { ...SHELL, number: 3, pid: 4712, parent: 2, why: 'exec', exe: '/usr/bin/ls', cmdline: 'ls -l' },
      { ...SHELL, number: 3, why: 'exit', stays: true, exe: '', cmdline: '', startNs: 0 },
    ];
    const stream = begun().message(6, record(1, HEAP_FREE, keyOf(1, 64n)));
    for (const [i, process] of events.entries()) stream.message(PROCESS, processPayload(10 + i, process));
    stream.message(6, record(20, HEAP_FREE, keyOf(1, 64n)));
    const { calls, decoder } = decoded(stream);
    expect(decoder.damageCount).toBe(0);
    expect(calls.map(({ call }) => call)).toEqual(['event', 'process', 'process', 'process', 'process', 'event']);
    expect(calls.slice(1, 5)).toEqual(events.map((process, i) => ({ call: 'process', timeNs: 10 + i, process })));
  });

  it('of a reason that this version does not know is passed over', () => {
    const payload = processPayload(5, SHELL);
    payload[28] = 9;
    const { calls, decoder } = decoded(begun().message(PROCESS, payload));
    expect([calls.length, decoder.damageCount]).toEqual([0, 0]);
  });

  it.each([
    ['shorter than its head', (payload: Uint8Array) => payload.subarray(0, 39)],
    ['with texts that it has no room for', (payload: Uint8Array) => patched(payload, 31, 0xff)],
    ['with number 0', (payload: Uint8Array) => patched(payload, 8, 0)],
    ['with a number above 65,535', (payload: Uint8Array) => patched(payload, 10, 1)],
    ['of a time that cannot be', (payload: Uint8Array) => patched(payload, 7, 0xff)],
  ])('%s is damage, and the rest is read', (_, damage) => {
    const stream = begun()
      .message(PROCESS, damage(processPayload(5, SHELL)))
      .message(PROCESS, processPayload(6, SHELL));
    const { calls, decoder } = decoded(stream);
    expect(decoder.damageCount).toBe(1);
    expect(calls).toEqual([{ call: 'process', timeNs: 6, process: SHELL }]);
  });

  it('has texts of at most 4096 bytes, whatever bytes they are', () => {
    const long = 'x'.repeat(5000);
    const { calls } = decoded(
      begun().message(PROCESS, processPayload(6, { ...SHELL, exe: long, cmdline: `${long}\n` })),
    );
    expect(calls).toMatchObject([{ process: { exe: 'x'.repeat(4096), cmdline: 'x'.repeat(4096) } }]);
  });
});

describe('IMAGE', () => {
  it('gives build id and path of a file of code', () => {
    const image = { number: 3, buildId: '00ff1234abcd', path: '/usr/lib/libc.so.6' };
    const { calls, decoder } = decoded(
      begun()
        .message(IMAGE, imagePayload(image))
        .message(IMAGE, imagePayload({ ...image, number: 4, buildId: '', path: '' })),
    );
    expect(decoder.damageCount).toBe(0);
    expect(calls).toEqual([
      { call: 'image', image },
      { call: 'image', image: { number: 4, buildId: '', path: '' } },
    ]);
  });

  it.each([
    ['without its head', new Uint8Array(7)],
    ['number 0', imagePayload({ number: 0, buildId: '', path: 'x' })],
    ['a number that no frame has', imagePayload({ number: 2 ** 22, buildId: '', path: 'x' })],
    ['a build id of 65 bytes', imagePayload({ number: 1, buildId: 'ab'.repeat(65), path: 'x' })],
    ['a path that it has no room for', imagePayload({ number: 1, buildId: '', path: 'xyz' }).subarray(0, 10)],
  ])('%s is damage', (_, payload) => {
    const { calls, decoder } = decoded(begun().message(IMAGE, payload));
    expect([calls.length, decoder.damageCount]).toEqual([0, 1]);
  });
});

describe('HELD', () => {
  it('is memory from before the trace, by range and by block', () => {
    const rows = [
      { key: keyOf(2, MAP_AT), bytes: 8192n, stack: 9, comm: 3, pid: 4711, space: MAPPED },
      { key: keyOf(2, 0x1000n), bytes: 2n ** 40n, space: RESERVED },
      { key: keyOf(2, HEAP_AT), bytes: 77n, stack: 9, space: HEAP },
    ];
    const { calls, decoder } = decoded(begun().message(HELD, heldPayload(4, rows)));
    expect(decoder.damageCount).toBe(0);
    const common = { ageNs: -1, use: 0 };
    expect(calls).toEqual([
      {
        call: 'held',
        timeNs: 4,
        rows: [
          { ...common, allocator: MAPPED, size: 2, count: 2, pfn: pfnOf(2, MAP_AT), stackId: 1, commId: 1, pid: 4711 },
          {
            ...common,
            allocator: RESERVED,
            size: 2 ** 28,
            count: 2 ** 28,
            pfn: pfnOf(2, 0x1000n),
            stackId: 0,
            commId: 0,
            pid: 0,
          },
          {
            ...common,
            allocator: HEAP,
            size: 77,
            count: 1,
            pfn: pfnOf(2, HEAP_AT),
            inPage: 0x670,
            stackId: 1,
            commId: 0,
            pid: 0,
          },
        ],
      },
    ]);
  });

  it('with rows that cannot be is damage; the others are read', () => {
    const good = { key: keyOf(1, 0x5000n), bytes: 4096n, space: MAPPED };
    const bad = [
      { ...good, key: 0x5000n },
      { ...good, bytes: 0n },
      { ...good, bytes: 2n ** 63n },
      { ...good, space: 1 },
      { ...good, space: 9 },
      { ...good, key: keyOf(1, 0x5001n) },
    ];
    const { calls, decoder } = decoded(begun().message(HELD, heldPayload(4, [good, ...bad, good]).subarray(0, -3)));
    expect(decoder.damageCount).toBe(1);
    expect(calls).toMatchObject([{ rows: [{ allocator: MAPPED, size: 1 }] }]);
    expect(decoded(begun().message(HELD, new Uint8Array(5))).decoder.damageCount).toBe(1);
  });

  it('is released by events, and an event knows better what it tells of', () => {
    const dictionary = new TraceDictionary();
    const core = new PairingCore(dictionary);
    const decoder = new StreamDecoder(core, dictionary);
    const task = takenBy(9, 4711, 3, 0);
    const rows = [
      { key: keyOf(1, 0x10_0000n), bytes: 0x10_000n, stack: 9, space: MAPPED },
      { key: keyOf(1, HEAP_AT), bytes: 100n, stack: 9, space: HEAP },
    ];
    const stream = begun()
      .message(6, record(1, MAP, keyOf(1, 0x10_4000n), ...task, 0x2000n))
      .message(HELD, heldPayload(2, rows))
      .message(6, joined([record(3, UNMAP, keyOf(1, 0x10_3000n), 0x2000n), record(4, HEAP_FREE, keyOf(1, HEAP_AT))]));
    decoder.push(stream.bytes());
    core.checkInvariants();
    expect([core.paths.totalLive(MAPPED), core.paths.totalLive(HEAP), core.orphanFrees]).toEqual([14, 0, 0]);
    expect(core.before.size).toBe(2);
    expect(core.outstandingBytes()).toBe(0);
  });
});

describe('RESIDENT', () => {
  it('is what is in memory of a process', () => {
    const rows = [
      { firstPage: 5, pages: 10, resident: 3 },
      { firstPage: 2 ** 36 - 1, pages: 1, resident: 1 },
    ];
    const { calls } = decoded(begun().message(RESIDENT, residentPayload(7, 3, true, rows)));
    expect(calls).toEqual([{ call: 'resident', timeNs: 7, process: 3, isWhole: true, rows }]);
  });

  it('with rows that cannot be is not the whole process', () => {
    const good = { firstPage: 5, pages: 10, resident: 3 };
    const bad = [
      { ...good, pages: 0 },
      { ...good, resident: 11 },
      { ...good, firstPage: 2 ** 36 },
      { ...good, firstPage: 2 ** 52 },
    ];
    const { calls } = decoded(begun().message(RESIDENT, residentPayload(7, 3, true, [...bad, good])));
    expect(calls).toEqual([{ call: 'resident', timeNs: 7, process: 3, isWhole: false, rows: [good] }]);
  });

  it.each([
    ['without its head', new Uint8Array(15)],
    ['of process 0', residentPayload(7, 0, true, [])],
    ['of process 65,536', residentPayload(7, 65_536, true, [])],
  ])('%s is damage', (_, payload) => {
    const { calls, decoder } = decoded(begun().message(RESIDENT, payload));
    expect([calls.length, decoder.damageCount]).toEqual([0, 1]);
  });
});

it('counters of processes are told as text', () => {
  const text = '# number pid vm_size_kb\n1 2 3\n';
  const { calls } = decoded(begun().counters(8, 6, text));
  expect(calls).toEqual([{ call: 'counters', timeNs: 8, source: 'spaces', text }]);
});

it('random bytes in these messages and records never throw', () => {
  const random = seededRandom(31);
  const below = (n: number): number => Math.floor(random() * n);
  const good = [
    [PROCESS, processPayload(5, SHELL)],
    [PROCESS, processPayload(6, { ...SHELL, number: 2, parent: 1, why: 'fork' })],
    [IMAGE, imagePayload({ number: 3, buildId: 'abcd', path: '/x' })],
    [HELD, heldPayload(5, [{ key: keyOf(1, 0x5000n), bytes: 8192n, space: MAPPED }])],
    [RESIDENT, residentPayload(7, 1, true, [{ firstPage: 5, pages: 10, resident: 3 }])],
    [
      6,
      joined([record(1, MAP, keyOf(1, 0x5000n), 1n, 1n, 8192n), record(2, BECAME_RESERVED, keyOf(1, 0x5000n), 4096n)]),
    ],
    [6, joined([record(1, HEAP_ALLOC, keyOf(1, 0x5000n), 1n, 1n, 9n), record(2, HEAP_FREE_UNLESS, keyOf(1, 0x5000n))])],
    [9, joined([new Uint8Array(8), Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0), utf8('# number pid rss_kb\n1 2 3\n')])],
  ] as const;
  for (let round = 0; round < 400; round++) {
    const stream = begun();
    for (let i = 0; i < 12; i++) {
      const [kind, payload] = good[below(good.length)];
      const bytes = payload.slice(0, random() < 0.2 ? below(payload.length) : payload.length);
      for (let n = below(4); n > 0 && bytes.length > 0; n--) bytes[below(bytes.length)] = below(256);
      stream.message(kind, bytes);
    }
    const dictionary = new TraceDictionary();
    const core = new PairingCore(dictionary);
    const decoder = new StreamDecoder(core, dictionary);
    decoder.push(stream.bytes());
    decoder.finish();
    core.checkInvariants();
  }
});

function patched(payload: Uint8Array, at: number, value: number): Uint8Array {
  payload[at] = value;
  return payload;
}

/** As HeldRow.pfn. */
function pfnOf(process: number, address: bigint): number {
  return process * 2 ** 36 + Number(address >> 12n);
}
