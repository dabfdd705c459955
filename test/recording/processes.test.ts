import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EventBatch } from '../../src/event/event-batch.js';
import { unknownHost } from '../../src/event/host-facts.js';
import { HEAP, HEAP_ALLOC, HEAP_FREE, MAP, MAPPED, RESERVED } from '../../src/event/kinds.js';
import { PROCESS_REASONS, type ProcessEvent, RESIDENT_ROWS } from '../../src/event/process-facts.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { HeldRow, TraceFact, TraceSink } from '../../src/event/trace-sink.js';
import { saveCore } from '../../src/pair/checkpoint/checkpoint.js';
import { PairingCore } from '../../src/pair/pairing-core.js';
import { openRecording } from '../../src/recording/files/open-parts.js';
import { createRing } from '../../src/recording/files/recording-ring.js';
import { factItem, readItem } from '../../src/recording/format/items.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { type ProcessTrace, processTrace } from '../helpers/process-trace.js';
import { randomDictionary, STACKS } from '../helpers/random-trace.js';
import { readRecording } from '../helpers/recording-bytes.js';
import { batchOf } from '../helpers/sample-trace.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { seeds } from '../helpers/seeds.js';
import { type LoggedEvent, SinkLog } from '../helpers/sink-log.js';
import { joined } from '../helpers/stream-bytes.js';

const directory = mkdtempSync(join(tmpdir(), 'unfreed-processes-'));
afterAll(() => rmSync(directory, { recursive: true }));

const HOST = { ...unknownHost(), allocators: ['heap' as const, 'map' as const, 'reserved' as const] };
const SHELL: ProcessEvent = {
  number: 1,
  pid: 4711,
  startNs: 123_456_789_000,
  parent: 0,
  why: 'first',
  stays: false,
  exe: '/usr/bin/bash',
  cmdline: 'bash -c “ü”\n\u0001',
};

/** Writes a trace and returns what a reader has of it. */
function written(
  tell: (sink: TraceSink) => void,
  dictionary = randomDictionary(),
): { bytes: Uint8Array; log: SinkLog } {
  const pieces: Uint8Array[] = [];
  const writer = new RecordingWriter(dictionary, (piece) => pieces.push(piece));
  tell(writer);
  writer.flush();
  const bytes = joined(pieces);
  const { log, reader } = readRecording(bytes);
  expect(reader.damageCount).toBe(0);
  return { bytes, log };
}

describe('a recording of processes', () => {
  it.each(seeds(4, 20))('gives back what was told to it, seed %i', (seed) => {
    const trace = processTrace(seed, 3000);
    const told = new SinkLog();
    tellTrace(trace, told);
    const { log } = written((sink) => tellTrace(trace, sink));
    // What cannot be is written as 0: a time below 0, a call path that was never defined. The latter is told as a loss.
    const sane = told.calls.map((call) => {
      if (call.call !== 'event') return call;
      const [timeNs, kind, hi, lo, size, req, stackId, ...task] = call.row;
      return { ...call, row: [Math.max(0, timeNs), kind, hi, lo, size, req, stackId > STACKS ? 0 : stackId, ...task] };
    });
    expect(log.calls.slice(0, -1).filter(({ call }) => call !== 'losses')).toEqual(sane);
  });

  it('has every fact about them as it was', () => {
    const facts: TraceFact[] = [
      ...PROCESS_REASONS.filter((why) => why !== undefined).map((why, i): TraceFact => {
        return {
          type: 'process',
          timeNs: i,
          process: { ...SHELL, number: 65_535 - i, parent: i, why, stays: why === 'exit' },
        };
      }),
      { type: 'image', image: { number: 2 ** 22 - 1, buildId: '00ff'.repeat(32), path: '/usr/lib/libc.so.6' } },
      { type: 'image', image: { number: 1, buildId: '', path: '' } },
      { type: 'resident', timeNs: 7, process: 9, isWhole: false, rows: [] },
      {
        type: 'resident',
        timeNs: 8,
        process: 65_535,
        isWhole: true,
        rows: [
          { firstPage: 2 ** 36 - 5, pages: 5, resident: 2 },
          { firstPage: 0, pages: 2 ** 32 - 1, resident: 2 ** 32 - 1 },
          { firstPage: 2 ** 35, pages: 1, resident: 0 },
        ],
      },
      { type: 'counters', timeNs: 9, source: 'spaces', text: '# number pid rss_kb\n1 2 3\n' },
    ];
    const { log } = written((sink) => {
      for (const fact of facts) sink.fact(fact);
    });
    expect(log.calls.slice(0, -1)).toEqual(facts.map(({ type, ...rest }) => ({ call: type, ...rest })));
  });

  it('has what they held before the trace, by range and by block', () => {
    const rows: HeldRow[] = [0, 1, 2 ** 36, 5 * 2 ** 36 + 77, 65_535 * 2 ** 36 + 2 ** 36 - 1].flatMap((pfn, i) => [
      { stackId: 1 + i, allocator: MAPPED, size: i + 1, count: i + 1, pfn, ageNs: -1, pid: i, commId: 1, use: 0 },
      { stackId: 0, allocator: RESERVED, size: 2 ** 36, count: 2 ** 36, pfn: -1, ageNs: 5, pid: 0, commId: 0, use: 0 },
      { stackId: 2, allocator: HEAP, size: 100, count: 1, pfn, inPage: 4095 - i, ageNs: -1, pid: 1, commId: 0, use: 0 },
    ]);
    const { log } = written((sink) => sink.fact({ type: 'held', timeNs: 3, rows }));
    expect(log.calls[0]).toEqual({ call: 'held', timeNs: 3, rows });
  });

  it('takes few bytes an event, however many processes take turns', () => {
    const sizes = [1, 200].map((processes) => {
      const random = seededRandom(5);
      const events: LoggedEvent[] = [];
      const held = Array.from({ length: processes }, (): number[] => []);
      for (let i = 0; i < 60_000; i++) {
        const process = i % processes;
        const hi = (1 + process) * 0x10000 + 0x55d0;
        const blocks = held[process];
        const isFree = blocks.length > 20 || (blocks.length > 0 && random() < 0.5);
        const [block] = isFree
          ? blocks.splice(Math.floor(random() * blocks.length), 1)
          : [Math.floor(random() * 2 ** 20) * 16];
        if (!isFree) blocks.push(block);
        events.push(
          isFree
            ? [i * 50, HEAP_FREE, hi, block, 0, 0, 0, 0, 0, 0]
            : [i * 50, HEAP_ALLOC, hi, block, 32 << (i % 4), 0, 1, 100 + process, 1, 0],
        );
      }
      const { bytes, log } = written((sink) => sink.events(batchOf(events)));
      expect(log.eventRows).toEqual(events);
      return bytes.length / events.length;
    });
    // Times 1, shape 1 to 2, reference 1, task 0.5 to 1; an address of 3 for half of them.
    expect(sizes[0]).toBeLessThan(6.5);
    expect(sizes[1]).toBeLessThan(9);
  });

  it('that is damaged in its facts is damaged there alone', () => {
    const random = seededRandom(3);
    const facts: TraceFact[] = [
      { type: 'process', timeNs: 1, process: SHELL },
      { type: 'image', image: { number: 7, buildId: 'abcd', path: '/x' } },
      { type: 'resident', timeNs: 2, process: 1, isWhole: true, rows: [{ firstPage: 5, pages: 9, resident: 3 }] },
    ];
    const sink = new SinkLog();
    const bad = [
      { at: 0, process: { number: 0, why: 1 } },
      { at: 0, process: { number: 65_536, why: 1 } },
      { at: 0, process: { number: 1, why: 1, parent: 65_536 } },
      { at: 0, process: { number: 1, why: 1, startNs: -1 } },
      { at: 0, process: { number: 1, why: 1, timeNs: Number.NaN } },
      { at: 0, image: { number: 0 } },
      { at: 0, image: { number: 2 ** 22 } },
      { at: 0, image: { number: 1, buildId: new Uint8Array(65) } },
      { at: 0, resident: { process: 0 } },
      { at: 0, resident: { process: 1, count: 1 } },
      { at: 0, resident: { process: 1, count: RESIDENT_ROWS + 1, rows: new Uint8Array(9_000_000) } },
      { at: 0, resident: { process: 1, count: 1, rows: Uint8Array.of(0, 0, 0) } },
      { at: 0, resident: { process: 1, count: 1, rows: Uint8Array.of(0, 1, 2) } },
      { at: 0, resident: { process: 1, count: 1, rows: Uint8Array.of(0, 1, 0, 9) } },
    ];
    for (const item of bad) expect(readItem(item, sink), JSON.stringify(item).slice(0, 80)).toBe(false);
    expect(readItem({ at: 0, process: { number: 1, why: 77 } }, sink)).toBe(true);
    expect(sink.calls).toEqual([]);
    for (let round = 0; round < 500; round++) {
      const item = factItem(0, facts[round % facts.length]);
      const rows = item.resident?.rows;
      if (rows) rows[Math.floor(random() * rows.length)] = Math.floor(random() * 256);
      readItem(item, sink);
    }
  });
});

describe('a ring of two parts', () => {
  it('says in each who lives, and both together are the trace', async () => {
    const path = join(directory, 'ring.unfreed');
    const told = new PairingCore(randomDictionary());
    const ring = createRing(path, { dictionary: randomDictionary(), maxBytes: 100_000, keep: 9 });
    for (const sink of [told, ring]) tellLong(sink, 200_000);
    ring.close();
    expect(ring.partCount).toBeGreaterThan(1);
    const whole = await read(path);
    whole.core.checkInvariants();
    // The version of facts and looks aside, it is the state after the trace itself.
    expect(saveCore(whole.core)).toEqual(saveCore(told));
    expect(whole.core.processMemory.processes.all().map(({ number, why }) => [number, why])).toEqual([
      [1, 'first'],
      [2, 'fork'],
      [3, 'exec'],
    ]);
  });

  it('of which the first are gone begins with the processes that lived then', async () => {
    const path = join(directory, 'late.unfreed');
    const ring = createRing(path, { dictionary: randomDictionary(), maxBytes: 100_000, keep: 2 });
    tellLong(ring, 330_000);
    ring.close();
    expect(ring.partCount).toBeGreaterThan(3);
    const { core, log } = await read(path);
    core.checkInvariants();
    expect(core.processMemory.processes.all().map(({ number, why, exe }) => [number, why, exe])).toEqual([
      [1, 'first', '/usr/bin/bash'],
      [3, 'first', '/usr/bin/ls'],
    ]);
    expect(core.processMemory.images.get(5)).toEqual({ number: 5, buildId: 'ab', path: '/usr/lib/libc.so.6' });
    const order = log.calls.map(({ call }) => call);
    expect(order.indexOf('process')).toBeLessThan(order.indexOf('event'));
    expect(order.indexOf('image')).toBeLessThan(order.indexOf('event'));
  });
});

/** Two processes of which one runs another program, and many events. */
function tellLong(sink: TraceSink, count: number): void {
  const random = seededRandom(9);
  sink.fact({ type: 'host', facts: HOST });
  sink.fact({ type: 'process', timeNs: 0, process: SHELL });
  sink.fact({ type: 'image', image: { number: 5, buildId: 'ab', path: '/usr/lib/libc.so.6' } });
  const batch = new EventBatch(10_000);
  for (let i = 0; i < count; i++) {
    const row = batch.length++;
    batch.timeNs[row] = 1000 + i * 100;
    batch.kind[row] = i % 3 === 2 ? HEAP_FREE : i % 3 === 1 ? HEAP_ALLOC : MAP;
    batch.addrHi[row] = (i % 2 === 0 ? 1 : 3) * 0x10000 + 0x55d0;
    batch.addrLo[row] = Math.floor(random() * 2 ** 18) * 4096;
    batch.size[row] = i % 3 === 2 ? 0 : 1 + (i % 7);
    batch.stackId[row] = i % 3 === 2 ? 0 : 1 + (i % 5);
    for (const column of [batch.bytesReq, batch.pid, batch.commId, batch.cacheId, batch.cpu]) column[row] = 0;
    if (batch.length < batch.capacity && i < count - 1) continue;
    sink.events(batch);
    batch.clear();
    const timeNs = 1000 + i * 100;
    if (i < 10_000) {
      sink.fact({ type: 'process', timeNs, process: { ...SHELL, number: 2, pid: 4712, parent: 1, why: 'fork' } });
      const ls = { ...SHELL, number: 3, pid: 4712, parent: 2, why: 'exec', exe: '/usr/bin/ls', cmdline: 'ls' } as const;
      sink.fact({ type: 'process', timeNs, process: ls });
    }
    sink.fact({ type: 'clock', timeNs });
  }
  sink.fact({ type: 'end', timeNs: 1000 + count * 100, reason: 'stopped', detail: '' });
}

async function read(path: string): Promise<{ core: PairingCore; log: SinkLog }> {
  const dictionary = new TraceDictionary();
  const core = new PairingCore(dictionary);
  const log = new SinkLog();
  const both: TraceSink = {
    events: (batch) => {
      log.events(batch);
      core.events(batch);
    },
    fact: (fact) => {
      log.fact(fact);
      core.fact(fact);
    },
  };
  const recording = await openRecording(path, both, dictionary);
  while (await recording.readNext());
  recording.close();
  return { core, log };
}

function tellTrace({ events, facts }: ProcessTrace, sink: TraceSink): void {
  sink.fact({ type: 'host', facts: HOST });
  let from = 0;
  for (const [after, fact] of [...facts, [events.length, null] as const]) {
    const part = new EventBatch(Math.max(1, after - from));
    part.append(events, from, after);
    if (after > from) sink.events(part);
    if (fact !== null) sink.fact(fact);
    from = after;
  }
}
