/**
 * Types of the functions that compress and decompress payloads, which the pure writer and reader
 * get from their callers. The numbers are the codec byte of the chunk header and never change
 * meaning; 1 and 3 were deflate and zstd, which no build ever wrote.
 */
export const CODEC_RAW = 0;
export const CODEC_BROTLI = 2;

export interface Compressor {
  codec: number;
  /** The caller uses the result before it calls again. */
  compress(raw: Uint8Array): Uint8Array;
}

/**
 * Returns the decompressed payload, which should be `rawBytes` long; must never make more than
 * that. Throws if this build does not have the codec, or if the bytes are not valid in it.
 */
export type Decompress = (codec: number, stored: Uint8Array, rawBytes: number) => Uint8Array;

/** The Decompress of a reader without codecs: it throws for any codec but CODEC_RAW. */
export function decompressRaw(codec: number, stored: Uint8Array): Uint8Array {
  if (codec !== CODEC_RAW) throw new Error(`codec ${codec}, this build reads ${CODEC_RAW}`);
  return stored;
}
