import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../src/event/trace-dictionary.js';
import { brotliCompressor, crc32 } from '../../src/recording/files/node-codecs.js';
import { crc32 as portableCrc32 } from '../../src/recording/format/crc32.js';
import { RecordingWriter } from '../../src/recording/trace/writer.js';
import { readRecording, sampleReading } from '../helpers/recording-bytes.js';
import { tellSample } from '../helpers/sample-trace.js';
import { dumpDictionary } from '../helpers/sink-log.js';
import { joined } from '../helpers/stream-bytes.js';

const path = new URL('../golden/recording-v1.unfreed', import.meta.url).pathname;

/** The sample trace: first chunks stored as they are, the last one through brotli. */
function written(): Uint8Array {
  const pieces: Uint8Array[] = [];
  const dictionary = new TraceDictionary();
  let packing = false;
  const compressor = {
    codec: brotliCompressor.codec,
    compress: (raw: Uint8Array) => (packing ? brotliCompressor.compress(raw) : raw),
  };
  const writer = new RecordingWriter(dictionary, (bytes) => pieces.push(bytes), { compressor });
  let parts = 0;
  tellSample(writer, dictionary, () => {
    if (++parts !== 2) writer.flush();
    packing = parts >= 2;
  });
  return joined(pieces);
}

describe('format version 1', () => {
  it('is read for ever: the golden recording gives back its trace', () => {
    // Written once. A later format gets a golden file of its own beside this one. GOLDEN=1 writes
    // it again: only before the first release with this version, never after it.
    if (process.env.GOLDEN === '1') writeFileSync(path, written());
    const { log, dictionary, reader } = readRecording(readFileSync(path));
    const whole = sampleReading();
    expect(log.calls).toEqual(whole.log.calls);
    expect(dumpDictionary(dictionary)).toEqual(dumpDictionary(whole.dictionary));
    expect(reader.damageCount).toBe(0);
  });

  it('is still what the writer writes, byte by byte in the chunks that are not compressed', () => {
    const golden = readFileSync(path);
    const now = written();
    const codecs = [golden[16 + 9], golden.indexOf(Uint8Array.from([0xf5, 0x55, 0x46, 0x43]), 80)];
    expect(codecs[0]).toBe(0);
    expect(Buffer.from(now.subarray(0, codecs[1]))).toEqual(golden.subarray(0, codecs[1]));
  });

  it('uses the checksum of zlib', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) & 255);
    for (const length of [0, 1, 7, 1000]) {
      expect(portableCrc32(bytes.subarray(0, length))).toBe(crc32(bytes.subarray(0, length)));
    }
    // The check value in every description of CRC-32.
    expect(portableCrc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});
