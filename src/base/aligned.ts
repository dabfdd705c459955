/**
 * Arrays that begin at a multiple of 64 bytes, the size of a processor's cache line, so that a slot
 * or row of 32 or 64 bytes lies in one line. A large array, whose memory the allocator maps, begins
 * 16 bytes after such a multiple (malloc's header); hence the padding. Where a small array begins
 * is unknown, and does not matter.
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
