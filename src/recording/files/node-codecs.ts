/** The codecs and the checksum of Node's zlib, for the pure writer and reader. */
import { brotliCompressSync, brotliDecompressSync, constants, crc32 as zlibCrc32 } from 'node:zlib';
import { CODEC_BROTLI, CODEC_RAW, type Compressor, type Decompress } from '../format/compression.js';
import { type Crc32, crc32 as portableCrc32 } from '../format/crc32.js';

/** zlib.crc32 came with Node 20.15 and 22.2. */
export const crc32: Crc32 = typeof zlibCrc32 === 'function' ? (bytes) => zlibCrc32(bytes) : portableCrc32;

/** Brotli at its fastest: deflate's size at a multiple of its speed (FORMAT.md). */
export const brotliCompressor: Compressor = {
  codec: CODEC_BROTLI,
  compress: (raw) =>
    brotliCompressSync(raw, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length },
    }),
};

/**
 * maxOutputLength makes zlib stop at the length that the chunk declares, so a bomb takes no more
 * memory than that.
 */
export const decompress: Decompress = (codec, stored, rawBytes) => {
  if (codec === CODEC_RAW) return stored;
  if (codec === CODEC_BROTLI) return brotliDecompressSync(stored, { maxOutputLength: Math.max(1, rawBytes) });
  throw new Error(`codec ${codec}, this build reads ${CODEC_RAW} and ${CODEC_BROTLI}`);
};
