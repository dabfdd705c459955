import { expect, it } from 'vitest';
import { PAGE, SLAB, VMALLOC } from '../../src/event/kinds.js';
import { isSampled } from '../../src/event/sampling.js';
import { seededRandom } from '../helpers/seeded-random.js';

const ALLOCATORS = [PAGE, SLAB, VMALLOC];
const SHIFTS = new Map([
  [PAGE, 10n],
  [SLAB, 3n],
  [VMALLOC, 12n],
]);
const WORD = 2n ** 64n - 1n;

/** sample_hash() of bpf/abi/unfreed.h, word for word. */
function plainHash(seed: bigint, key: bigint): bigint {
  const first = ((key ^ seed) * 0x9e3779b97f4a7c15n) & WORD;
  return ((first ^ (first >> 32n)) * 0xbf58476d1ce4e5b9n) & WORD;
}

function plainSampled(allocator: number, address: bigint, oneIn: number, seed: number): boolean {
  const bits = BigInt(Math.log2(oneIn));
  return plainHash(BigInt(seed), address >> (SHIFTS.get(allocator) ?? 0n)) >> (64n - bits) === 0n;
}

function sampled(allocator: number, address: bigint, oneIn: number, seed = 0): boolean {
  return isSampled(allocator, Number(address >> 32n), Number(address & 0xffffffffn), oneIn, seed);
}

it('the hash is the one that the kernel programs compute (values of the C function)', () => {
  expect(plainHash(0n, 0xffff888100000040n >> 3n)).toBe(0x30ba08d94c1be006n);
  expect(plainHash(0xdeadbeefn, 0xffffea0004000000n >> 10n)).toBe(0xf7ea1f59b6a899a7n);
  expect(plainHash(7n, 0xffffc90000001000n >> 12n)).toBe(0x9d16bf5d073552ben);
});

it('every address is in the samples that the rule says, whatever the seed, and in all larger ones too', () => {
  const random = seededRandom(1);
  let taken = 0;
  for (let i = 0; i < 20_000; i++) {
    const allocator = ALLOCATORS[i % 3];
    const high = allocator === PAGE ? random() * 16 : 0xffff8880 + random() * 0x1000;
    const address = (BigInt(Math.floor(high)) << 32n) | BigInt(Math.floor(random() * 2 ** 32));
    const seed = Math.floor(random() * 2 ** 32);
    let before = true;
    for (const oneIn of [1, 2, 4, 16, 64, 1024]) {
      const now = sampled(allocator, address, oneIn, seed);
      expect(now).toBe(oneIn === 1 || plainSampled(allocator, address, oneIn, seed));
      expect(now && !before, `1/${oneIn} is no part of the sample before it`).toBe(false);
      before = now;
      if (oneIn === 16 && now) taken++;
    }
  }
  // 1250 expected, with a standard deviation of 34.
  expect(Math.abs(taken - 1250)).toBeLessThan(4 * 34);
});

it('all pages of a block of up to order 10 are in the sample or none is', () => {
  for (let block = 0; block < 64; block++) {
    const first = BigInt(block * 1024);
    const whole = sampled(PAGE, first, 4, 99);
    for (const page of [1n, 7n, 511n, 512n, 1023n]) expect(sampled(PAGE, first + page, 4, 99)).toBe(whole);
  }
});

it('objects that lie in rows are spread over the sample: no stride falls into step with it', () => {
  for (const stride of [8, 64, 96, 192, 256, 1152, 2048, 4096, 8192]) {
    let taken = 0;
    for (let i = 0; i < 16_000; i++) if (sampled(SLAB, 0xffff888100000000n + BigInt(i * stride), 16, 5)) taken++;
    // 1000 expected, with a standard deviation of 31.
    expect(Math.abs(taken - 1000), `stride ${stride}`).toBeLessThan(5 * 31);
  }
});
