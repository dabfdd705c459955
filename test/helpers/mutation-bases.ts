import type { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { brotliCompressor } from '../../src/recording/files/node-codecs.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
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

/** Streams of the collector for mutation. */
export function baseStreams(): Uint8Array[] {
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
