import { EventBatch } from '../../src/event/event-batch.js';
import { BECAME_RESERVED, HEAP, HEAP_ALLOC, HEAP_FREE, HEAP_FREE_UNLESS, MAP, MAPPED } from '../../src/event/kinds.js';
import type { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { brotliCompressor } from '../../src/recording/files/node-codecs.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
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
} from './process-payloads.js';
import { processTrace } from './process-trace.js';
import { randomDictionary, randomTrace } from './random-trace.js';
import { sampleRecording } from './recording-bytes.js';
import { secondsRecording } from './seconds-trace.js';
import { joined, StreamBytes } from './stream-bytes.js';

/**
 * Recordings of some kB for mutation: small chunks, compressed and not, with everything that a
 * recording can hold.
 */
export function baseRecordings(): Uint8Array[] {
  return [
    sampleRecording(),
    sampleRecording({ compressed: true }),
    joined(secondsRecording(20)),
    randomRecording(1, true),
    randomRecording(2, false),
    processRecording(3),
  ];
}

function randomRecording(seed: number, compressed: boolean): Uint8Array {
  const dictionary: TraceDictionary = randomDictionary();
  const pieces: Uint8Array[] = [];
  const compressor = compressed ? brotliCompressor : undefined;
  const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor });
  for (let part = 0; part < 6; part++) {
    writer.events(randomTrace(seed * 10 + part, 60));
    writer.fact({
      type: 'losses',
      timeNs: part * 1e6,
      rows: [{ cause: 1, kind: 17, cpu: 0, count: part, bytes: 0, countWithBytes: 0 }],
    });
    writer.flush();
  }
  writer.fact({ type: 'end', timeNs: 6e6, reason: 'stopped', detail: 'all told' });
  return joined(pieces);
}

/** The memory of processes, with every fact about them. */
function processRecording(seed: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new RecordingWriter(randomDictionary(), (bytes) => pieces.push(bytes));
  const { events, facts } = processTrace(seed, 300);
  writer.fact({ type: 'image', image: { number: 5, buildId: 'ab01', path: '/usr/lib/libc.so.6' } });
  const known = { stackId: 1, size: 9, count: 9, ageNs: -1, pid: 7, commId: 1, use: 0 };
  const held = [
    { ...known, allocator: MAPPED, pfn: 2 ** 36 + 50 },
    { ...known, allocator: HEAP, count: 1, pfn: 2 ** 36 + 70, inPage: 16 },
  ];
  writer.fact({ type: 'held', timeNs: 0, rows: held });
  let from = 0;
  for (const [after, fact] of [...facts, [events.length, null] as const]) {
    const part = new EventBatch(Math.max(1, after - from));
    part.append(events, from, after);
    writer.events(part);
    if (fact !== null) writer.fact(fact);
    const rows = [{ firstPage: after, pages: 10, resident: 4 }];
    writer.fact({ type: 'resident', timeNs: after * 1000, process: 1, isWhole: true, rows });
    writer.flush();
    from = after;
  }
  writer.fact({ type: 'end', timeNs: 6e9, reason: 'stopped', detail: '' });
  return joined(pieces);
}

/** A stream of the memory of processes. */
function processStream(): Uint8Array {
  const shell = {
    number: 1,
    pid: 7,
    startNs: 5,
    parent: 0,
    why: 'first',
    stays: false,
    exe: '/bin/sh',
    cmdline: 'sh',
  } as const;
  const stream = new StreamBytes().host({ allocators: ['heap', 'map', 'reserved'] });
  stream
    .message(PROCESS, processPayload(0, shell))
    .message(IMAGE, imagePayload({ number: 5, buildId: 'ab', path: '/x' }));
  stream.stack(9, [0x4000_0500_0000_1000n]).comm(3, 'sh');
  stream.message(HELD, heldPayload(0, [{ key: keyOf(1, 0x5000n), bytes: 8192n, space: MAPPED, stack: 9 }]));
  const task = takenBy(9, 7, 3, 0);
  for (let i = 0; i < 30; i++) {
    const [block, range] = [keyOf(1 + (i % 2), BigInt(16 + i * 32)), keyOf(1, BigInt(i * 8192))];
    stream.message(
      6,
      joined([
        record(i * 1000, HEAP_ALLOC, block, ...task, 24n),
        record(i * 1000 + 1, MAP, range, ...task, 8192n),
        record(i * 1000 + 2, i % 3 === 0 ? HEAP_FREE : HEAP_FREE_UNLESS, block),
        record(i * 1000 + 3, BECAME_RESERVED, range, 4096n),
      ]),
    );
    if (i === 10) stream.message(PROCESS, processPayload(10_500, { ...shell, number: 2, parent: 1, why: 'fork' }));
    if (i === 20) stream.message(PROCESS, processPayload(20_500, { ...shell, number: 2, why: 'exit' }));
  }
  stream.message(RESIDENT, residentPayload(30_000, 1, true, [{ firstPage: 5, pages: 10, resident: 3 }]));
  return stream.counters(30_000, 6, '# number pid rss_kb\n1 7 40\n').end(31_000, 1, 'done').bytes();
}

/** Streams of the collector for mutation. */
export function baseStreams(): Uint8Array[] {
  return [...kernelStreams(), processStream()];
}

function kernelStreams(): Uint8Array[] {
  return [1, 7].map((step) => {
    const stream = new StreamBytes().host({ hostname: 'box', pageSize: 4096 });
    for (let i = 0; i < 30; i++) {
      const stack = 1 + (i % 5);
      if (i < 5) stream.stack(stack, [0xffffffff81000000n + BigInt(i), 0xffffffff82000000n]).comm(stack, `task-${i}`);
      if (i < 5) stream.symbol(0xffffffff81000000n + BigInt(i), 1, `function_${i}`, '');
      const addr = 0xffff888100000000n + BigInt((i % 11) * 64);
      stream.events(
        { timeNs: i * 1000 * step, kind: 1, addr, stack, pid: 7, comm: stack, bytesAlloc: 64, bytesReq: 60 },
        { timeNs: i * 1000 * step + 1, kind: 3, addr: BigInt(i * 16), order: 2, stack, pid: 7, comm: stack },
        { timeNs: i * 1000 * step + 2, kind: 17, addr: addr + 64n },
      );
      if (i % 10 === 9) stream.losses(i * 1000, [{ cause: 1, kind: 1, cpu: 0, count: 3 }]).clock(i * 1000 * step + 3);
    }
    return stream
      .counters(30_000 * step, 1, 'MemTotal: 1 kB\n')
      .end(31_000 * step, 1, 'done')
      .bytes();
  });
}
