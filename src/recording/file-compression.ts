/** The codecs that Node brings with it, for the pure writer and reader. */

import * as zlib from 'node:zlib';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  type InputType,
  inflateRawSync,
  crc32 as zlibCrc32,
} from 'node:zlib';
import { CODEC_BROTLI, CODEC_DEFLATE, CODEC_RAW, CODEC_ZSTD, type Compressor, type Decompress } from './compression.js';
import { type Crc32, crc32 as portableCrc32 } from './crc32.js';

/** From Node 22.15 on; the types of Node 20 do not have it. */
type ZstdDecompress = (stored: InputType, options: { maxOutputLength: number }) => Uint8Array;
const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync?: ZstdDecompress };

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

export const deflateCompressor: Compressor = {
  codec: CODEC_DEFLATE,
  compress: (raw) => deflateRawSync(raw, { level: 1 }),
};

/** maxOutputLength makes zlib stop at the length that the chunk declares: a bomb costs no more than that. */
export const decompress: Decompress = (codec, stored, rawBytes) => {
  // 0 would mean "no limit" to some of them.
  const limit = { maxOutputLength: Math.max(1, rawBytes) };
  if (codec === CODEC_RAW) return stored;
  if (codec === CODEC_DEFLATE) return inflateRawSync(stored, limit);
  if (codec === CODEC_BROTLI) return brotliDecompressSync(stored, limit);
  if (codec === CODEC_ZSTD && zstdDecompressSync !== undefined) return zstdDecompressSync(stored, limit);
  throw new Error(`codec ${codec}, this build reads 0-2${zstdDecompressSync === undefined ? '' : ' and 3'}`);
};
