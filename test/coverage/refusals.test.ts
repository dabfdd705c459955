import { describe, expect, it } from 'vitest';
import { refusalSentences, refusalsIn } from '../../src/coverage/refusals.js';

const FENTRY = 'this kernel lets nobody hook functions (fentry)';
/** As the collector writes them (bpf/attach/plan.c, hooks.c). */
const BULK_FREES = `frees in bulk and by kfree_rcu() are not seen: kmem_cache_free_bulk: ${FENTRY}`;
const BULK_PAGES = `pages allocated in bulk are not seen: alloc_pages_bulk: ${FENTRY}`;
const MOVES = `pages that the kernel moves are followed while a process maps them: folio_migrate_flags: ${FENTRY}`;

describe('refusalsIn', () => {
  it('says what there is less of, why, and what that means', () => {
    expect(refusalsIn([BULK_FREES])).toEqual([
      {
        about: 'frees in bulk',
        cause: 'this kernel refuses function hooks',
        means: 'some frees of slab are seen late',
        soon: 'frees in bulk will be seen late',
      },
    ]);
  });

  it.each([
    [MOVES, 'moved pages', 'followed only while a process maps them'],
    [
      'pages that the kernel moves (compaction) are not followed: folio_migrate_flags: why',
      'moved pages',
      'not followed',
    ],
    ['vmalloc is not traced: alloc_vmap_area: this kernel has no such tracepoint', 'vmalloc memory', 'not traced'],
    ['this kernel has no vmalloc tracepoints', 'vmalloc memory', 'not traced'],
    ['call paths are walked by the kernel: no ORC tables', 'call paths', 'slows the machine down more'],
  ])('knows %s', (note, about, means) => {
    const [refusal, ...more] = refusalsIn([note]);
    expect(more).toEqual([]);
    expect(refusal.about).toBe(about);
    expect(refusal.means).toContain(means);
    expect(note).toContain(refusal.cause === 'this kernel refuses function hooks' ? FENTRY : refusal.cause);
  });

  it('says what bpftrace costs', () => {
    const note = 'traced through bpftrace 0.17.0, which slows allocations down many times; the eBPF collector does not';
    expect(refusalSentences([note])).toEqual(['Through bpftrace: allocations will be many times slower.']);
  });

  it('leaves out notes of another kind, and the words of a cause are no property names', () => {
    expect(refusalsIn(['tracefs was not mounted: mounted for the collector alone', '', 'constructor'])).toEqual([]);
    expect(refusalsIn(['percpu is not traced: percpu_alloc_percpu: constructor'])[0].cause).toBe('constructor');
  });
});

it('one sentence for each cause', () => {
  expect(
    refusalSentences([BULK_FREES, 'percpu is not traced: percpu_alloc_percpu: no such tracepoint', BULK_PAGES]),
  ).toEqual([
    'This kernel refuses function hooks: frees in bulk will be seen late, pages allocated in bulk will not be seen.',
    'No such tracepoint: percpu memory will not be traced.',
  ]);
  expect(refusalSentences([])).toEqual([]);
});
