import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostProgram } from '../helpers/host-program.js';

const program = new HostProgram('vmemmap.c', ['kernel/vmemmap.c']);
beforeAll(() => program.build());
afterAll(() => program.remove());

/** A zone as /proc/zoneinfo shows it, with the lines that may be taken for others. */
const zone = (name: string, first: number, spanned: number): string =>
  `Node 0, zone   ${name}
  pages free     10
        spanned  ${spanned}
        present  ${spanned}
        managed  ${spanned}
        protection: (0, 0, 0, 0, 0)
  start_pfn:           ${first}
`;

/** A machine of 25 GiB, as x86 divides it; made after one. */
const SMALL = `${zone('DMA', 1, 4095)}${zone('DMA32', 4096, 1_044_480)}${zone('Normal', 1_048_576, 5_505_024)}Node 0, zone  Movable
  pages free     0
        spanned  0
        present  0
`;
/** A made machine of 256 GiB: its struct pages take 4 GiB. */
const LARGE = `${zone('DMA', 1, 4095)}${zone('DMA32', 4096, 1_044_480)}${zone('Normal', 1_048_576, 66_060_288)}`;

const PAGE_BYTES = 64n;
const VMALLOC = 0xffffc90000000000n;
const DEFAULT = 0xffffea0000000000n;

interface Seen {
  zones?: string;
  vmalloc?: bigint;
  figure?: bigint;
  pages: bigint[];
}

function ask({ zones = SMALL, vmalloc = VMALLOC, figure = DEFAULT, pages }: Seen): string[] {
  const path = program.file('zoneinfo');
  writeFileSync(path, zones);
  return program.lines(
    [path],
    `${[PAGE_BYTES, vmalloc, figure, ...pages].map((word) => word.toString(16)).join(' ')}\n`,
  );
}

/** The struct pages of these pfns in an array that starts there. */
const at = (start: bigint, ...pfns: number[]): bigint[] => pfns.map((pfn) => start + BigInt(pfn) * PAGE_BYTES);

describe('where struct page 0 lies', () => {
  it('the spans of zones that have pages', () => {
    expect(ask({ pages: at(DEFAULT, 5000) })[0]).toBe('zones 1-4096 4096-1048576 1048576-6553600');
  });

  it.each([
    ['the place without RANDOMIZE_MEMORY', DEFAULT],
    ['a place of RANDOMIZE_MEMORY', 0xffffd9c340000000n],
    ['a place of five levels of page tables', 0xffd4000000000000n],
  ])('is found by alignment: %s', (_, start) => {
    const vmalloc = start - (1n << 44n);
    expect(ask({ vmalloc, figure: start, pages: at(start, 1_100_000, 4097, 6_553_599) })).toEqual([
      'zones 1-4096 4096-1048576 1048576-6553600',
      'figure fits',
      `alignment ${start.toString(16)}`,
    ]);
  });

  it('more than 64 GiB leave several places, and only the figure of the kernel decides', () => {
    const pages = at(DEFAULT, 20_000_000, 30_000_000);
    expect(ask({ zones: LARGE, pages }).slice(1)).toEqual(['figure fits', 'alignment -']);
    expect(ask({ zones: LARGE, pages, figure: DEFAULT - (1n << 32n) })[1]).toBe('figure does not fit');
  });

  it.each([
    ['a page past the last zone', at(DEFAULT, 5000, 6_553_600)],
    ['page 0, which is in no zone', at(DEFAULT, 5000, 0)],
    ['a page between two struct pages', [DEFAULT + 5000n * PAGE_BYTES + 8n]],
    ['struct pages of the direct map, below vmalloc: no such array', at(0xffff888000000000n, 5000, 5001)],
    ['no page at all', []],
  ])('%s: refused', (_, pages) => {
    expect(ask({ pages }).slice(1)).toEqual(['figure does not fit', 'alignment -']);
  });

  it('nothing is taken without zones', () => {
    expect(ask({ zones: '', pages: at(DEFAULT, 5000) })).toEqual(['zones', 'figure does not fit', 'alignment -']);
  });

  it.skipIf(!existsSync('/proc/zoneinfo'))("this machine's own zones are understood", () => {
    const text = readFileSync('/proc/zoneinfo', 'utf8');
    const spans = [...text.matchAll(/spanned +(\d+)/g)].filter(([, pages]) => pages !== '0').length;
    const [zones] = ask({ zones: text, pages: [] });
    expect(zones.split(' ').length - 1).toBe(spans);
    expect(spans).toBeGreaterThan(0);
  });
});
