/**
 * Every decoder of text gives the same result wherever the text is cut, survives damage, and does
 * not grow in memory.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognise } from '../../src/decode/recognise.js';
import { createTextDecoder, type TextFormat } from '../../src/decode/text-decoders.js';
import { NO_SINK } from '../../src/event/passing-sink.js';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { recordedText } from '../helpers/recorded-text.js';
import { joined } from '../helpers/stream-bytes.js';
import { importText } from '../helpers/text-import.js';

const TEXTS: [TextFormat, Uint8Array][] = [
  ['perf-script', piece(recordedText('perf-script/6.1-leak_kmalloc/perf-script.txt.gz'))],
  ['ftrace', piece(recordedText('ftrace/6.18-hold-pipes-released/trace.txt.gz'))],
  ['trace-cmd', piece(recordedText('trace-cmd/6.18-hold-pipes/report.txt.gz'))],
];

/** The first 12 KB: some 20 events with their stacks. */
function piece(text: Uint8Array): Uint8Array {
  return new Uint8Array(text.subarray(0, 12_000));
}

describe.each(TEXTS)('%s', (format, text) => {
  const whole = importText(format, text);

  it('gives the same events however the text is cut', () => {
    expect(whole.events.length).toBeGreaterThan(10);
    for (let chunkBytes = 1; chunkBytes < 200; chunkBytes++) {
      const cut = importText(format, text, { chunkBytes });
      expect(cut.events).toEqual(whole.events);
      expect(cut.decoder.stats).toEqual(whole.decoder.stats);
      expect(cut.host).toEqual(whole.host);
    }
  });

  it('gives the same events with lines that end in \\r\\n', () => {
    const crlf = new TextEncoder().encode(new TextDecoder().decode(text).replaceAll('\n', '\r\n'));
    expect(importText(format, crlf).events).toEqual(whole.events);
  });

  it('survives any damage, and tells every event in order of its calls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(text.length - 1), fc.uint8Array({ maxLength: 12 }), fc.nat(40)), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5000 }),
        (edits, chunkBytes) => {
          let damaged = text;
          for (const [at, added, removed] of edits) {
            damaged = joined([damaged.subarray(0, at), added, damaged.subarray(at + removed)]);
          }
          const { log, dictionary } = importText(format, damaged, { chunkBytes, userFrames: true });
          expect(log.calls[0].call).toBe('host');
          expect(log.ending?.reason).toBe('stopped');
          for (const row of log.eventRows) {
            expect(row[0]).toBeGreaterThanOrEqual(0);
            expect(row[6]).toBeLessThanOrEqual(dictionary.stacks.size);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('survives noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
        importText(format, noise, { chunkBytes: 7 });
        recognise(noise);
      }),
      { numRuns: 100 },
    );
  });

  it('passes over a line of any length without keeping it', () => {
    const decoder = createTextDecoder(format, NO_SINK, new TraceDictionary(), { userFrames: false });
    decoder.push(text);
    const before = decoder.stats.events;
    const endless = new Uint8Array(1 << 20).fill(0x78);
    for (let i = 0; i < 64; i++) decoder.push(endless);
    decoder.push(Uint8Array.of(0x0a));
    decoder.push(text);
    decoder.finish();
    expect(decoder.stats.longLines).toBe(1);
    // The line in which the piece was cut is lost with it.
    expect(decoder.stats.events).toBeGreaterThanOrEqual(before * 2 - 1);
  });
});
