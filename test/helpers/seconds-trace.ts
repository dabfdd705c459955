/**
 * A trace whose numbers are known: in each second process `worker-N` allocates 60 objects in
 * `second_N`, and 40 of those of the second before are freed; second 0, which has none before it,
 * allocates 40 more. That is 100 events a second.
 */
import { unknownHost } from '../../src/event/host-facts.js';
import { KFREE, KMALLOC } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import type { TraceSink } from '../../src/event/trace-sink.js';
import { brotliCompressor } from '../../src/recording/files/node-codecs.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { batchOf, internPath } from './sample-trace.js';

const HI = 0xffff8881;
const MAIN = 0xffffffff81000100n;

interface Output {
  readonly sink: TraceSink;
  flush(): void;
  close(): void;
}

/** Sends a trace of this many seconds, with a flush after each. */
export function tellSeconds(seconds: number, open: (dictionary: TraceDictionary) => Output): void {
  const dictionary = new TraceDictionary();
  const output = open(dictionary);
  const { sink } = output;
  sink.fact({
    type: 'host',
    facts: {
      ...unknownHost(),
      collector: 'bpf',
      hostname: 'seconds-box',
      kernel: '6.18.0',
      startUnixMs: 1763719200000,
      allocators: ['slab'],
    },
  });
  for (let second = 0; second < seconds; second++) {
    const address = 0xffffffff81010000n + BigInt(second) * 0x100n;
    const stack = internPath(dictionary, [address, MAIN]);
    const comm = dictionary.comms.intern(`worker-${second}`);
    const events: number[][] = [];
    for (let i = 0; i < 60; i++) {
      events.push([0, KMALLOC, HI, (second * 60 + i) * 64, 64, 50, stack, second, comm, 0]);
    }
    for (let i = 0; i < 40; i++) {
      if (second === 0) events.push([0, KMALLOC, HI + 1, i * 64, 64, 50, stack, second, comm, 0]);
      else events.push([0, KFREE, HI, ((second - 1) * 60 + i) * 64, 0, 0, 0, 0, 0, 0]);
    }
    events.forEach((event, i) => (event[0] = second * 1e9 + i * 1e7));
    sink.events(batchOf(events));
    for (const [at, name] of [
      [address, `second_${second}`],
      [MAIN, 'seconds_main'],
    ] as const) {
      const [addressHi, addressLo] = [Number(at >> 32n), Number(at & 0xffffffffn)];
      sink.fact({ type: 'symbol', entry: { addressHi, addressLo, symbol: name, offset: 8, module: null } });
    }
    output.flush();
  }
  sink.fact({ type: 'end', timeNs: seconds * 1e9, reason: 'stopped', detail: '' });
  output.close();
}

/** That trace as the pieces of a recording: the file header, then a chunk for each second. */
export function secondsRecording(seconds: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  tellSeconds(seconds, (dictionary) => {
    const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor: brotliCompressor });
    return { sink: writer, flush: () => writer.flush(), close: () => undefined };
  });
  return pieces;
}
