import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_MAPPINGS, SmapsReader } from '../../../src/proc/process/smaps.js';

const SMAPS = `00400000-00600000 r-xp 00000000 08:01 1234                               /usr/bin/a b (deleted)
Size:               2048 kB
Rss:                1024 kB
Pss:                 512 kB
Shared_Dirty:          4 kB
Private_Dirty:         8 kB
Swap:                  0 kB
VmFlags: rd ex mr mw me
7f0000000000-7f0000010000 rw-p 00000000 00:00 0 
Size:                 64 kB
Rss:                  16 kB
Private_Dirty:        16 kB
Swap:                 32 kB
`;

function read(...pieces: string[]): ReturnType<SmapsReader['end']> {
  const reader = new SmapsReader();
  for (const piece of pieces) reader.push(piece);
  return reader.end();
}

/** A mapping of a page, with a few KiB resident. */
const mappingAt = (index: number): string =>
  `${(index * 4096).toString(16)}-${((index + 1) * 4096).toString(16)} rw-p 00000000 00:00 0 \nRss: ${index % 7} kB\n`;

describe('SmapsReader', () => {
  it('sums mappings, and lists those with most resident memory first', () => {
    expect(read(SMAPS)).toEqual({
      count: 2,
      size: (2048 + 64) * 1024,
      rss: (1024 + 16) * 1024,
      dirty: (12 + 16) * 1024,
      swap: 32 * 1024,
      largest: [
        {
          start: '400000',
          size: 2048 * 1024,
          rss: 1024 * 1024,
          dirty: 12 * 1024,
          swap: 0,
          rights: 'r-xp',
          path: '/usr/bin/a b (deleted)',
        },
        { start: '7f0000000000', size: 65_536, rss: 16_384, dirty: 16_384, swap: 32_768, rights: 'rw-p', path: '' },
      ],
    });
  });

  it('does not depend on where the pieces end', () => {
    const whole = read(SMAPS);
    fc.assert(
      fc.property(fc.nat(SMAPS.length), fc.nat(SMAPS.length), (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        expect(read(SMAPS.slice(0, from), SMAPS.slice(from, to), SMAPS.slice(to))).toEqual(whole);
      }),
    );
  });

  it('lists a bounded number, and counts all', () => {
    const facts = read(Array.from({ length: 20_000 }, (_, index) => mappingAt(index)).join(''));
    expect([facts.count, facts.size, facts.largest.length]).toEqual([20_000, 20_000 * 4096, MOST_MAPPINGS]);
    expect(facts.largest.every(({ rss }) => rss === 6 * 1024)).toBe(true);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(read(text, SMAPS.slice(0, 40), text).count).toBeLessThanOrEqual(1);
      }),
    );
    expect(read('x'.repeat(100_000), `\n${SMAPS}`).count).toBe(2);
    expect(read(readFileSync('/proc/self/smaps', 'utf8')).count).toBeGreaterThan(10);
  });
});
