import { describe, expect, it } from 'vitest';
import { importText } from '../../helpers/text-import.js';

function areHashed(...pointers: string[]): boolean {
  const text = pointers.map(
    (pointer) =>
      `            bash-10    [000] .....  1.000000: kmalloc: call_site=a+0x1 ptr=${pointer} bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL\n`,
  );
  return importText('ftrace', text.join('')).decoder.stats.hashedPointers;
}

/** Made pointers, `step` bytes apart. */
function many(first: number, step: number, digits: number): string[] {
  return Array.from({ length: 50 }, (_, i) => (first + i * step).toString(16).padStart(digits, '0'));
}

describe('pointers are said to be hashed', () => {
  it.each<[what: string, pointers: string[]]>([
    ['of 64 bits, padded with zeros', ['00000000c0913f5f', '0000000016b83355', '00000000bd41278c']],
    ['of 64 bits, in a small text', ['00000000010b1f08']],
    ['of 32 bits', ['c0913f5f', '16b83355', 'bd41278c']],
    ['of 64 bits, in a long text', many(0x10203, 0x12345, 16)],
  ])('%s', (_, pointers) => {
    expect(areHashed(...pointers)).toBe(true);
  });
});

describe('pointers are not said to be hashed', () => {
  it.each<[what: string, pointers: string[]]>([
    ['of 64 bits', ['ffff8881a266c000', 'ffff8881a266c008']],
    ['of a 32-bit kernel', ['c147dd20', 'c147dd00', 'c14a4ba0', 'f5c0a004']],
    ['of a kernel that lies below 4 GiB (s390x)', many(0x10000, 0x1238, 16)],
    ['NULL and the pointer of kmalloc(0)', ['0000000000000000', '0000000000000010']],
    ['real ones with a damaged one among them', ['ffff8881a266c000', 'ffff8881a266c008', '0000000016b83355']],
    ['none', []],
  ])('%s', (_, pointers) => {
    expect(areHashed(...pointers)).toBe(false);
  });
});
