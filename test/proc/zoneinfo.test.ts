import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseZoneinfo, shortZoneinfo } from '../../src/proc/zoneinfo.js';
import { seededRandom } from '../helpers/seeded-random.js';

/** As Linux 6.18 prints it, cut to the lines around those that count: two zones, two CPUs. */
const TEXT = `Node 0, zone      DMA
  per-node stats
      nr_inactive_anon 2337
      nr_isolated_anon 3
      nr_isolated_file 4
      nr_foll_pin_acquired 900
      nr_foll_pin_released 200
  pages free     3840
        boost    0
        min      26
        managed  3840
        cma      0
        protection: (0, 3019, 9547, 9547, 9547)
      nr_free_pages 3840
      nr_zspages   5
      nr_free_cma  0
  pagesets
    cpu: 0
              count:    7
              high:     0
              batch:    1
              high_min: 16
  vm stats threshold: 4
    cpu: 1
              count:    1
              high:     0
  start_pfn:           1
Node 0, zone   Normal
  pages free     1019616
        managed  1671168
      nr_free_pages 1019600
      nr_zspages   6
  pagesets
    cpu: 0
              count:    2000
    cpu: 1
              count:    300
  start_pfn:           1048576
`;
const SUMS = {
  managed: 1675008,
  free: 1023440,
  perCpuFree: 2308,
  isolated: 7,
  zspages: 11,
  pins: 700,
  ballooned: null,
};

describe('zoneinfo', () => {
  it('is summed over zones, nodes and CPUs', () => {
    expect(parseZoneinfo(TEXT)).toEqual(SUMS);
  });

  it('says the same in short, which is short however many CPUs there are', () => {
    const short = shortZoneinfo(TEXT);
    expect(parseZoneinfo(short)).toEqual(SUMS);
    expect(short).toBe(shortZoneinfo(short));
    const large = TEXT.replace(/ {4}cpu: 0\n.*\n/g, (cpu) => cpu.repeat(512));
    expect(shortZoneinfo(large).length).toBeLessThan(200);
    expect(parseZoneinfo(shortZoneinfo(large))).toEqual(parseZoneinfo(large));
  });

  it('of a kernel without a counter leaves that unknown', () => {
    const old = TEXT.replace(/.*(?:nr_zspages|nr_foll_pin).*\n/g, '');
    expect(parseZoneinfo(old)).toMatchObject({ zspages: null, pins: null, perCpuFree: 2308 });
  });

  it('counts the pages of a balloon by its events, where they are in the short text', () => {
    const text = `${shortZoneinfo(TEXT)}balloon_inflate 5000\nballoon_deflate 1000\n`;
    expect(parseZoneinfo(text)?.ballooned).toBe(4000);
  });

  it('is not had from another text', () => {
    for (const text of ['', 'nr_free_pages 5\n', 'MemTotal: 5 kB\n', 'managed 0\nnr_free_pages 1\n', 'managed x\n']) {
      expect(parseZoneinfo(text)).toBeNull();
    }
    expect(shortZoneinfo('nr_free_pages 5\n')).toBe('');
  });

  it('cut or with bytes changed gives numbers or nothing, in bounded time', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 200; round++) {
      const at = Math.floor(random() * TEXT.length);
      const sums = parseZoneinfo(`${TEXT.slice(0, at)}\u0000${TEXT.slice(at + 1 + (round % 3))}`);
      for (const value of Object.values(sums ?? {})) expect(value ?? 0).toBeGreaterThanOrEqual(0);
    }
    expect(parseZoneinfo(`${' '.repeat(1e6)}\n`.repeat(4))).toBeNull();
  });

  it('of this machine has as many pages as its own lines say, and the short text says so too', () => {
    const text = readFileSync('/proc/zoneinfo', 'utf8');
    let managed = 0;
    let count = 0;
    for (const line of text.split('\n')) {
      const [name, value] = line.trim().split(/ +/);
      if (name === 'managed') managed += Number(value);
      if (name === 'count:') count += Number(value);
    }
    expect(managed).toBeGreaterThan(0);
    expect(parseZoneinfo(text)).toMatchObject({ managed, perCpuFree: count });
    expect(parseZoneinfo(shortZoneinfo(text))).toEqual(parseZoneinfo(text));
  });
});
