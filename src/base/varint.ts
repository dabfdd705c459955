/**
 * Varints, the whole numbers of recordings and checkpoints: 7 bits a byte, lowest first, bit 7 =
 * more follows. At most 8 bytes, so at most 53 bits are used and every value is an exact Number.
 * Readers have loops of their own, because recording/bytes reads on after damage, while a damaged
 * checkpoint is rejected.
 */

/** Bytes that one value may need. */
export const VARINT_BYTES = 8;

/**
 * Writes a whole number, 0 <= value < 2^53, at `at`. Returns the index after it. The caller must
 * make room.
 */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  // Shifts work on 32 bits: divide until the value fits.
  while (value >= 0x10000000) {
    into[at++] = (value & 127) | 128;
    value = Math.floor(value / 128);
  }
  let low = value | 0;
  while (low >= 128) {
    into[at++] = (low & 127) | 128;
    low >>>= 7;
  }
  into[at++] = low;
  return at;
}
