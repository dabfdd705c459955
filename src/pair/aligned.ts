/**
 * Arrays that begin at a multiple of 64 bytes, as the processor's cache lines do, so that a slot or row of 32 or 64 bytes
 * lies in one line. Large blocks of memory, which the allocator maps, begin at 16 beyond such a multiple (malloc's header);
 * of small ones it cannot be known, and does not matter.
 */
const PADDING_BYTES = 48;

function padded(bytes: number): ArrayBuffer {
  return new ArrayBuffer(PADDING_BYTES + bytes);
}

export function alignedInt32(length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(padded(length * 4), PADDING_BYTES, length);
}

export function alignedUint16(length: number): Uint16Array<ArrayBuffer> {
  return new Uint16Array(padded(length * 2), PADDING_BYTES, length);
}

export function alignedFloat64(length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(padded(length * 8), PADDING_BYTES, length);
}
