/**
 * How the pure writer and reader are given the functions that shrink and restore payloads. The numbers are the codec
 * byte of the chunk header and never change meaning; 1 and 3 were deflate and zstd, which no build ever wrote.
 */
export const CODEC_RAW = 0;
export const CODEC_BROTLI = 2;

export interface Compressor {
  codec: number;
  /** The result is used at once. */
  compress(raw: Uint8Array): Uint8Array;
}

/**
 * Restores a payload that should come to `rawBytes` bytes, and must refuse to make more than that. Throws when it
 * cannot: a codec that this build does not have, or bytes that are none of the codec's.
 */
export type Decompress = (codec: number, stored: Uint8Array, rawBytes: number) => Uint8Array;

/** Of a build with no codecs at all. */
export function decompressRaw(codec: number, stored: Uint8Array): Uint8Array {
  if (codec !== CODEC_RAW) throw new Error(`codec ${codec}, this build reads ${CODEC_RAW}`);
  return stored;
}
