import { describe, expect, it } from 'vitest';
import { isKmallocCache, parseSlabinfo, slabUncertainty } from '../../src/proc/slabinfo.js';
import { HOSTILE_NAMES } from '../helpers/hostile-text.js';
import { seededRandom } from '../helpers/seeded-random.js';

/** Of Linux 6.18. */
const TEXT = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
ftrace_event_field   9102  10585     56   73    1 : tunables    0    0    0 : slabdata    145    145      0
maple_node          1126   1152    256   16    1 : tunables    0    0    0 : slabdata     72     72      0
dma-kmalloc-8k         0      0   8192    4    8 : tunables    0    0    0 : slabdata      0      0      0
`;

describe('slabinfo', () => {
  it('is read line by line', () => {
    expect(parseSlabinfo(TEXT)).toEqual([
      { name: 'ftrace_event_field', activeObjects: 9102, objectBytes: 56, objectsPerSlab: 73 },
      { name: 'maple_node', activeObjects: 1126, objectBytes: 256, objectsPerSlab: 16 },
      { name: 'dma-kmalloc-8k', activeObjects: 0, objectBytes: 8192, objectsPerSlab: 4 },
    ]);
  });

  it('what is no slabinfo, or no line of one, is passed over', () => {
    expect(parseSlabinfo('')).toEqual([]);
    expect(parseSlabinfo('MemTotal: 1 kB\n')).toEqual([]);
    const odd = `slabinfo - version: 2.1\nno numbers\nzero 1 1 0 1 1 : x\n${'x'.repeat(100_000)}\ntwo words 1 1 8 1 1 : x\nok 1 2 8 4 1 : x`;
    expect(parseSlabinfo(odd).map((cache) => cache.name)).toEqual(['ok']);
  });

  it('cut anywhere, or with bytes changed, gives caches or none, never a throw', () => {
    for (let length = 0; length <= TEXT.length; length++) {
      expect(parseSlabinfo(TEXT.slice(0, length)).length).toBeLessThanOrEqual(3);
    }
    const random = seededRandom(7);
    for (let round = 0; round < 300; round++) {
      const at = Math.floor(random() * TEXT.length);
      const text = TEXT.slice(0, at) + HOSTILE_NAMES[round % HOSTILE_NAMES.length] + TEXT.slice(at + 1);
      for (const cache of parseSlabinfo(text)) expect(cache.objectBytes).toBeGreaterThan(0);
    }
  });

  it('a text without end is bounded in caches and in time', () => {
    const line = 'a 1 1 8 1 1 : tunables\n';
    expect(parseSlabinfo(`slabinfo - version: 2.1\n${line.repeat(100_000)}`)).toHaveLength(16384);
    const slow = `slabinfo - version: 2.1\n${`${'9 '.repeat(250)}\n`.repeat(20_000)}`;
    expect(parseSlabinfo(slow)).toEqual([]);
  });
});

it.each([
  'kmalloc-8',
  'kmalloc-8k',
  'kmalloc-rcl-96',
  'kmalloc-cg-1k',
  'kmalloc-rnd-07-64',
  'dma-kmalloc-64',
  'memdup_user-4k',
])('kmalloc takes from %s', (name) => {
  expect(isKmallocCache(name)).toBe(true);
});

it.each(['biovec-64', 'kmalloc_buckets', 'sgpool-8', 'bio-256', 'maple_node'])(
  'kmalloc does not take from %s',
  (name) => {
    expect(isKmallocCache(name)).toBe(false);
  },
);

it('the uncertainty grows with the CPUs, and is small for large objects', () => {
  expect(slabUncertainty(64, 64, 2)).toBe(2 * (64 + 240) + 600);
  expect(slabUncertainty(8192, 4, 2)).toBe(2 * (4 + 12) + 30);
  expect(slabUncertainty(64, 64, 0)).toBe(slabUncertainty(64, 64, 1));
});
