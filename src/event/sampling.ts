/**
 * Which addresses belong to a sample, by the collector's own rule (bpf/programs/sampling.bpf.h,
 * sample_hash() of bpf/abi/unfreed.h). An address is in a sample of 1 in N, N a power of two, if the log2(N) highest
 * bits of its hash are 0; so the sample of 1/16 is part of the sample of 1/4. The hash of a page is
 * that of its 4 MiB neighbourhood, so a block of pages and all its pieces are sampled alike.
 */
import { ADDRESS_SPACES, PAGE, SLAB } from './kinds.js';

/**
 * By allocator, log2 of the bytes or pages that share one hash key. Numbers without an address
 * space count as slab.
 */
const SHIFTS = new Uint8Array(256).fill(ADDRESS_SPACES[SLAB].sampleShift);
for (const [allocator, { sampleShift }] of ADDRESS_SPACES.entries()) SHIFTS[allocator] = sampleShift;
export const PAGE_SHIFT = SHIFTS[PAGE];

const ROUND_1_HI = 0x9e3779b9;
const ROUND_1_LO = 0x7f4a7c15;
const ROUND_2_HI = 0xbf58476d;
const ROUND_2_LO = 0x1ce4e5b9;

/**
 * Returns true if an address (for pages: a pfn) is in the sample of 1 in `oneIn`. The words may be
 * signed or unsigned.
 */
export function isSampled(allocator: number, hi: number, lo: number, oneIn: number, seed: number): boolean {
  if (oneIn <= 1) return true;
  const shift = SHIFTS[allocator];
  const keyLo = ((lo >>> shift) | (hi << (32 - shift))) ^ seed;
  const firstLo = Math.imul(keyLo, ROUND_1_LO);
  const firstHi = multiplyHigh(keyLo, ROUND_1_LO, hi >>> shift, ROUND_1_HI);
  // key ^ (key >> 32) leaves the high word unchanged.
  const high = multiplyHigh(firstLo ^ firstHi, ROUND_2_LO, firstHi, ROUND_2_HI);
  return high >>> (32 - Math.floor(Math.log2(oneIn))) === 0;
}

/** Returns the high word of the low 64 bits of the product of two 64-bit numbers. */
function multiplyHigh(aLo: number, bLo: number, aHi: number, bHi: number): number {
  const a0 = aLo & 0xffff;
  const a1 = aLo >>> 16;
  const b0 = bLo & 0xffff;
  const b1 = bLo >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (middle & 0xffff) + a0 * b1;
  const high = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
  return ((high | 0) + Math.imul(aLo, bHi) + Math.imul(aHi, bLo)) >>> 0;
}
