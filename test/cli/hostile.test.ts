import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unknownHost } from '../../src/event/host-facts.js';
import { KMALLOC } from '../../src/event/kinds.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { brotliCompressor } from '../../src/recording/files/node-codecs.js';
import type { unfreed } from '../../src/recording/format/generated/schema.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { unfreed as run } from '../helpers/cli.js';
import { chunkBytes, messageChunk, recordingOf } from '../helpers/recording-bytes.js';
import { batchOf, internPath } from '../helpers/sample-trace.js';
import { scratch } from '../helpers/scratch.js';
import { joined, StreamBytes } from '../helpers/stream-bytes.js';

const place = scratch();

const ESCAPES = '\u001b[2J\u001b]0;owned\u0007\u009b31m\r\n\u202etxt';
/** What a terminal would act on: controls but newline, C1 controls, bidirectional overrides. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

/** Generous: an idle machine takes a tenth of it. A hostile file must not keep a command busy. */
const MOST_MS = 20_000;
const MOST_BYTES = 900 << 20;

/**
 * Runs top and info on a hostile file: they must end in time and within bounds, and print nothing
 * that a terminal acts on.
 */
async function survives(name: string, bytes: Uint8Array): Promise<string> {
  const path = place(name, bytes);
  let said = '';
  for (const args of [
    ['top', path],
    ['top', path, '--frames'],
    ['top', path, '--group', 'stack'],
    ['info', path],
    ['info', '--json', path],
  ]) {
    const ran = await run(args);
    expect([0, 1], `${args.join(' ')}: ${ran.stderr}`).toContain(ran.code);
    expect(ran.stdout).not.toMatch(CONTROLS);
    expect(ran.stderr).not.toMatch(CONTROLS);
    expect(ran.ms, `ms of ${args[0]}`).toBeLessThan(MOST_MS);
    expect(ran.peakBytes, `resident bytes of ${args[0]}`).toBeLessThan(MOST_BYTES);
    said += ran.stdout + ran.stderr;
  }
  return said;
}

/** A name that a terminal would act on. */
function text(name: string): string {
  return `${name}${ESCAPES}`;
}

function recorded(tell: (writer: RecordingWriter, dictionary: TraceDictionary) => void): Uint8Array {
  const pieces: Uint8Array[] = [];
  const dictionary = new TraceDictionary();
  const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor: brotliCompressor });
  tell(writer, dictionary);
  return joined(pieces);
}

describe('a hostile recording', () => {
  it('of a million call paths is ranked in bounded time and memory', async () => {
    const bytes = recorded((writer, dictionary) => {
      for (let from = 0; from < 1_000_000; from += 20_000) {
        const rows = Array.from({ length: 20_000 }, (_, i) => {
          const n = from + i;
          const stack = internPath(dictionary, [0xffffffff80000000n + BigInt(n), 0xffffffff70000000n + BigInt(n)]);
          return [n, KMALLOC, 0xffff8881, n * 8, 8, 8, stack, n, 0, 0];
        });
        writer.events(batchOf(rows));
      }
      writer.fact({ type: 'end', timeNs: 1e6, reason: 'stopped', detail: '' });
    });
    expect(await survives('million', bytes)).toContain('1,000,000');
  });

  it('with escape codes in every text shows them as visible characters', async () => {
    const bytes = recorded((writer, dictionary) => {
      const facts = { ...unknownHost(), hostname: text('host'), kernel: text('kernel'), arch: text('arch') };
      writer.fact({
        type: 'host',
        facts: { ...facts, collector: text('bpf'), hooks: [text('hook')], notes: [text('note')] },
      });
      const stack = internPath(dictionary, [0xffffffff81000000n]);
      const comm = dictionary.comms.intern(text('comm'));
      const cache = dictionary.caches.intern(text('cache'));
      writer.events(batchOf([[1, 2, 0xffff8881, 64, 64, 64, stack, 1, comm, cache]]));
      writer.fact({
        type: 'symbol',
        entry: {
          addressHi: 0xffffffff,
          addressLo: 0x81000000,
          symbol: text('symbol'),
          offset: 1,
          module: text('module'),
        },
      });
      writer.fact({ type: 'end', timeNs: 2, reason: 'stopped', detail: text('detail') });
    });
    const said = await survives('escapes', bytes);
    for (const word of ['host', 'comm', 'cache', 'symbol', 'note', 'detail']) expect(said).toContain(word);
  });

  it('that claims 4 GB is refused chunk by chunk', async () => {
    const huge = { storedBytes: 0xffffffff, rawBytes: 0xffffffff, eventCount: 0xffffffff };
    const chunks = Object.entries(huge).map(([key, value], i) =>
      chunkBytes(new Uint8Array(16), { sequence: i, [key]: value }),
    );
    expect(await survives('lengths', recordingOf(...chunks))).toContain('ends in the middle of a chunk at byte 16');
    const stream = new StreamBytes().message(6, new Uint8Array(8), 0xffffffff).bytes();
    expect(await survives('stream-length', stream)).toContain('has length 4294967295, expected at most');
  });

  it('of bombs is not blown up', async () => {
    const zeros = new Uint8Array(16 << 20);
    const bomb = brotliCompressSync(zeros);
    const chunks = Array.from({ length: 2000 }, (_, i) =>
      chunkBytes(bomb, { sequence: i, codec: 2, rawBytes: zeros.length }),
    );
    expect(await survives('brotli', recordingOf(...chunks))).toMatch(/\d+ bytes that swell to 16777216/);
    const lines = new Uint8Array(400 << 20).fill(0x0a);
    lines.set(new TextEncoder().encode('# tracer: nop\n'));
    expect(await survives('bomb.gz', gzipSync(lines))).toContain('it swells to more than 250 times its size');
  });

  it('whose parts point at each other or nowhere is read without them', async () => {
    const definitions = {
      firstFrame: 1,
      frameCount: 1,
      frames: Uint8Array.of(2),
      firstStack: 1,
      stackCount: 2,
      // Paths with frames that are not defined.
      stacks: Uint8Array.of(2, 2, 3, 1, 9),
    };
    // An alloc at the newest freed address, although none was freed; a free of an alloc that has
    // not come.
    const events: unfreed.EventColumns.$Properties = {
      count: 2,
      shapeCount: 2,
      shapes: Uint8Array.of(1, 1, 8, 8, 0, 17, 0, 0, 0, 0),
      times: Uint8Array.of(0, 0),
      shapeOfEvent: Uint8Array.of(0, 1),
      references: Uint8Array.of(1, 2),
    };
    const said = await survives('cycle', recordingOf(messageChunk({ definitions, events }, { eventCount: 2 })));
    expect(said).toContain('2 events lost');
  });

  it('that defines more call paths than any trace has is refused from there on', async () => {
    const count = 3_000_000;
    const stacks = new Uint8Array(count * 2).fill(1);
    const chunks = [0, 1, 2].map((i) => {
      const first = { firstFrame: 1, frameCount: 1, frames: Uint8Array.of(2), firstStack: 1 + i * count };
      return messageChunk({ definitions: { ...first, stackCount: count, stacks } }, { sequence: i });
    });
    expect(await survives('paths', recordingOf(...chunks))).toContain('definitions that contradict themselves');
  });
});
