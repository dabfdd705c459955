import { describe, expect, it } from 'vitest';
import { parseHostJson } from '../../../src/decode/stream/host-json.js';

function coverageOf(coverage: unknown): unknown {
  return parseHostJson(JSON.stringify({ coverage })).coverage;
}

describe('coverage in untrusted host facts', () => {
  it('is read as it is', () => {
    const gap = { cause: 'frees-not-traced', kinds: ['kmalloc', 'mm_page_alloc'], certain: true, detail: 'x' };
    expect(coverageOf([gap])).toEqual([gap]);
  });

  it('of a later version, or damaged, loses what is not known', () => {
    expect(coverageOf([{ cause: 'gone-fishing', kinds: [], certain: true, detail: '' }, null, 7, 'sampled'])).toEqual(
      [],
    );
    expect(coverageOf([{ cause: 'sampled', kinds: ['kmalloc', 'toString', 3], certain: 'yes', detail: 9 }])).toEqual([
      { cause: 'sampled', kinds: ['kmalloc'], certain: false, detail: '' },
    ]);
    expect(coverageOf('sampled')).toEqual([]);
    expect(coverageOf(undefined)).toEqual([]);
  });
});
