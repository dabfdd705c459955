import { describe, expect, it } from 'vitest';
import { heldMeaning, sumMeaning } from '../../src/coverage/meaning.js';
import { coverageReason, coverageSentences } from '../../src/coverage/sentences.js';
import { COVERAGE_CAUSES, type CoverageCause, type CoverageGap } from '../../src/event/host-facts.js';
import { KMALLOC, KMEM_CACHE_ALLOC, PAGE_ALLOC, SELF_BIT } from '../../src/event/kinds.js';

const gap = (cause: CoverageCause, part: Partial<CoverageGap> = {}): CoverageGap => ({
  cause,
  kinds: [],
  certain: true,
  detail: '',
  ...part,
});

const traced = { collector: 'trace-cmd', arch: '', pageSize: 4096 };

const pageSizeSentence = (arch: string, detail = ''): string =>
  coverageSentences([gap('page-size', { detail })], { ...traced, arch, pageSize: 65536 })[0];

describe('what held memory means', () => {
  it('is outstanding where the trace covers all', () => {
    expect(heldMeaning([], KMALLOC)).toBe('outstanding');
    expect(heldMeaning([gap('page-size'), gap('allocs-filtered', { kinds: ['kmalloc'] })], KMALLOC)).toBe(
      'outstanding',
    );
  });

  it('is allocated for the kinds whose frees are missing, whoever allocated', () => {
    const gaps = [gap('frees-not-traced', { kinds: ['kmem_cache_alloc'] })];
    expect(heldMeaning(gaps, KMEM_CACHE_ALLOC)).toBe('allocated');
    expect(heldMeaning(gaps, KMEM_CACHE_ALLOC | SELF_BIT)).toBe('allocated');
    expect(heldMeaning(gaps, KMALLOC)).toBe('outstanding');
    expect(heldMeaning([gap('no-frees-seen', { kinds: ['kmalloc'], certain: false })], KMALLOC)).toBe('allocated');
  });

  it('is an upper bound where only a part was traced, if that is told', () => {
    expect(heldMeaning([gap('some-processes')], PAGE_ALLOC)).toBe('at-most');
    expect(heldMeaning([gap('some-cpus')], PAGE_ALLOC)).toBe('at-most');
    expect(heldMeaning([gap('frees-filtered')], PAGE_ALLOC)).toBe('at-most');
    expect(heldMeaning([gap('some-processes', { certain: false })], PAGE_ALLOC)).toBe('outstanding');
  });

  it('is the worst of all gaps, in any order', () => {
    const gaps = [gap('some-cpus'), gap('sampled'), gap('frees-not-traced', { kinds: ['kmalloc'] })];
    expect(heldMeaning(gaps, KMALLOC)).toBe('allocated');
    expect(heldMeaning(gaps, PAGE_ALLOC)).toBe('sample');
    expect(heldMeaning(gaps.toReversed(), PAGE_ALLOC)).toBe('sample');
  });

  it('of a sum', () => {
    expect(sumMeaning([])).toBe('outstanding');
    expect(sumMeaning(['allocated', 'allocated'])).toBe('allocated');
    expect(sumMeaning(['outstanding', 'allocated'])).toBe('at-most');
    expect(sumMeaning(['at-most', 'outstanding'])).toBe('at-most');
    expect(sumMeaning(['sample', 'allocated'])).toBe('sample');
  });
});

describe('gaps in words', () => {
  it.each([...COVERAGE_CAUSES])('%s: one sentence, with its detail', (cause) => {
    for (const certain of [true, false]) {
      const [sentence, ...more] = coverageSentences(
        [gap(cause, { kinds: ['kmalloc'], certain, detail: 'aarch64' })],
        traced,
      );
      expect(more).toEqual([]);
      expect(sentence.length).toBeGreaterThan(40);
      if (cause !== 'frees-not-traced' && cause !== 'no-frees-seen') expect(sentence).toContain('aarch64');
    }
  });

  it.each([
    ['perf-script', "perf record -a -g -e 'kmem:*'"],
    ['trace-cmd', 'trace-cmd record -T -e kmem'],
    ['ftrace', 'events/kmem/enable'],
  ])('of %s: the command that traces all', (collector, command) => {
    const [sentence] = coverageSentences([gap('frees-not-traced', { kinds: ['kmalloc', 'mm_page_alloc'] })], {
      ...traced,
      collector,
    });
    expect(sentence).toContain('frees of kmalloc and mm_page_alloc (kfree and mm_page_free) were not traced');
    expect(sentence).toContain(command);
  });

  it('names the pages that an architecture may have', () => {
    expect(pageSizeSentence('ppc64le')).toContain('ppc64le has pages of 4 or 64 KiB: pages are counted as 64 KiB each');
    expect(pageSizeSentence('', 'aarch64')).toContain('aarch64 has pages of 4, 16 or 64 KiB');
    expect(pageSizeSentence('')).toContain('the text does not say how large a page is: pages');
  });

  it('gives a reason for the gaps that leave held memory unknown, and only for those', () => {
    const withReason = COVERAGE_CAUSES.filter((cause) => coverageReason(gap(cause)) !== null);
    expect(withReason).toEqual(COVERAGE_CAUSES.filter((cause) => heldMeaning([gap(cause)], KMALLOC) !== 'outstanding'));
  });
});
