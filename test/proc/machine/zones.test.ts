import { describe, expect, it } from 'vitest';
import { cpusOfZoneinfo, parseZones } from '../../../src/proc/machine/zones.js';

const TEXT = `Node 0, zone      DMA
  per-node stats
      nr_inactive_anon 2722
      nr_free_cma  77
  pages free     2816
        boost    0
        min      10
        low      13
        high     16
        promo    19
        spanned  4095
        present  3998
        managed  3840
        cma      0
        protection: (0, 2900, 23900)
      nr_free_pages 2816
      nr_free_cma  0
  pagesets
    cpu: 0
              count:    3
              high:     4
              batch:    1
    cpu: 1
              count:    2
  node_unreclaimable:  0
Node 1, zone   Normal
  pages free     5000711
        min      15337
        low      20000
        high     25000
        present  5505024
        managed  5405233
      nr_free_cma  500
  pagesets
    cpu: 0
              count:    54262
`;

describe('parseZones()', () => {
  it('returns each zone, with the sum of its per-CPU lists', () => {
    expect(parseZones(TEXT)).toEqual([
      {
        node: 0,
        zone: 'DMA',
        free: 2816,
        min: 10,
        low: 13,
        high: 16,
        present: 3998,
        managed: 3840,
        perCpuFree: 5,
        cmaFree: 0,
      },
      {
        node: 1,
        zone: 'Normal',
        free: 5_000_711,
        min: 15_337,
        low: 20_000,
        high: 25_000,
        present: 5_505_024,
        managed: 5_405_233,
        perCpuFree: 54_262,
        cmaFree: 500,
      },
    ]);
  });

  it('counts CPUs by the lists', () => {
    expect(cpusOfZoneinfo(TEXT)).toBe(2);
    expect(cpusOfZoneinfo('managed 3')).toBe(0);
  });

  it('returns null for another text, and the whole zones of one that is cut', () => {
    expect(parseZones('managed 2447923\nnr_free_pages 1650042\n')).toBeNull();
    expect(parseZones(TEXT.slice(0, TEXT.indexOf('low')))).toMatchObject([{ free: 2816, min: 10, low: 0 }]);
  });
});
