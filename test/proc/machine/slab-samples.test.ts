import { describe, expect, it } from 'vitest';
import { SlabSamples } from '../../../src/proc/machine/slab-samples.js';
import { slabinfoText } from '../../helpers/counter-texts.js';

const text = (active: number): string => slabinfoText({ dentry: [active, 192, 21], '\x1b[31m': [5, 64, 64] });

describe('samples of slabinfo', () => {
  it('are the first and the latest, all columns', () => {
    const samples = new SlabSamples();
    samples.take(1, 'Active / Total Objects');
    expect([samples.first, samples.last]).toEqual([null, null]);
    for (const [timeNs, active] of [
      [10, 7],
      [20, 8],
      [30, 9],
    ] as const)
      samples.take(timeNs, text(active));
    expect(samples.first).toMatchObject({ timeNs: 10, caches: [{ name: 'dentry', activeObjects: 7 }, {}] });
    expect(samples.last).toEqual({
      timeNs: 30,
      caches: [
        {
          name: 'dentry',
          activeObjects: 9,
          objects: 12,
          objectBytes: 192,
          objectsPerSlab: 21,
          pagesPerSlab: 1,
          activeSlabs: 9,
          slabs: 9,
        },
        expect.objectContaining({ name: '\x1b[31m', activeObjects: 5 }),
      ],
    });
  });

  it.each([0, 1, 2])('survive JSON after %i samples', (count) => {
    const samples = new SlabSamples();
    for (let i = 0; i < count; i++) samples.take(i, text(i));
    expect(SlabSamples.restore(JSON.parse(JSON.stringify(samples.save())))).toEqual(samples);
  });

  it.each([
    null,
    {},
    [],
    [null],
    [null, [1, []]],
    [1, null],
    [[-1, []], null],
    [[1, [['x', 1, 2, 3, 4, 5, 6]]], null],
    [[1, [['x', 1, 2, 3, 4, 5, 6, '7']]], null],
    [[1, [[0, 1, 2, 3, 4, 5, 6, 7]]], null],
  ])('are not restored from what cannot be one: %j', (saved) => {
    expect(SlabSamples.restore(saved)).toBeNull();
  });
});
