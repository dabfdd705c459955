import { describe, expect, it } from 'vitest';
import { PAGE } from '../../../src/event/kinds.js';
import { kernelNumber } from '../../../src/proc/kernel-release.js';
import { categoryOf } from '../../../src/rank/names/backing.js';
import { categoryHint } from '../../../src/rank/names/categories.js';
import { framesOf } from '../../../src/rank/names/frames.js';
import { factsOf } from '../../../src/rank/rows/rank-memo.js';
import type { Pipeline } from '../../../src/session/pipeline/pipeline.js';
import { importedText, replayed } from '../../helpers/replayed.js';
import { pairText } from '../../helpers/text-trace.js';

/** Returns the categories of page call paths, which are given leaf first, one a line. */
function categories(text: string, kernel = '7.2.12'): (string | null)[] {
  const lines = text.trim().split('\n');
  const trace = lines.map((line, i) => `${i} palloc ${i * 64} order 0 ${line.trim()}`).join('\n');
  const { report } = pairText(trace, { host: { kernel } });
  return report()
    .stacks.toSorted((a, b) => a.stackId - b.stackId)
    .map((stack) => stack.category);
}

describe('the category of a page', () => {
  it('is that of the function next to the allocator, under the names of each kernel', () => {
    expect(
      categories(`
        __alloc_pages_nodemask < alloc_pages_vma < handle_mm_fault < do_user_addr_fault
        __alloc_pages_noprof < folio_alloc_noprof < vma_alloc_folio_noprof < do_anonymous_page < __handle_mm_fault
        __alloc_pages < wp_page_copy.constprop.0 < __handle_mm_fault
        __alloc_pages < pte_alloc_one < do_fault < __handle_mm_fault
        __alloc_pages_nodemask < __page_cache_alloc < foo
        __alloc_pages_noprof < page_cache_ra_unbounded < filemap_get_pages < filemap_read
        __alloc_pages < shmem_alloc_folio < shmem_get_folio_gfp
        __alloc_pages < zs_malloc < zswap_store < swap_writepage
        __alloc_pages < alloc_fresh_hugetlb_folio.isra.0 < alloc_pool_huge_page
        __alloc_pages < alloc_thread_stack_node < copy_process`),
    ).toEqual([
      'anon',
      'anon',
      'anon',
      'page tables',
      'page cache',
      'page cache',
      'shmem',
      'zswap',
      'hugetlb',
      'kernel stack',
    ]);
  });

  it('is unaccounted where somebody takes pages for himself, however familiar the callers are', () => {
    expect(
      categories(`
        __alloc_pages_noprof < alloc_pages_noprof < anon_pipe_write < vfs_write
        __alloc_pages < my_vma_fault[driver] < __do_fault < do_fault < __handle_mm_fault
        __alloc_pages < do_anonymous_page[driver] < foo
        __alloc_pages < __tlb_remove_page_size < unmap_page_range < exit_mmap
        __alloc_pages < alloc_skb_with_frags < sock_alloc_send_pskb`),
    ).toEqual(Array.from({ length: 5 }, () => 'unaccounted'));
  });

  it('is that of another counter where no line of meminfo has it', () => {
    expect(
      categories(`
        __alloc_pages < zs_malloc < zram_write_page[zram]
        __alloc_pages < alloc_zspage[zsmalloc] < zs_malloc[zsmalloc] < __zram_bvec_write[zram]
        __alloc_pages < alloc_zpdesc < alloc_zspage < zs_malloc < zswap_store
        __alloc_pages < alloc_zspage < zs_malloc
        __alloc_pages < balloon_page_alloc < fill_balloon[virtio_balloon]
        __alloc_pages < vmballoon_alloc_page_list[vmw_balloon] < vmballoon_inflate[vmw_balloon]
        __alloc_pages < alloc_balloon_pages[hv_balloon] < balloon_up[hv_balloon]
        __alloc_pages < fill_balloon[my_driver] < foo`),
    ).toEqual(['zram', 'zram', 'zswap', 'zram', 'balloon', 'balloon', 'balloon', 'balloon']);
  });

  it('of a GPU driver follows from the sampled meminfo: not every kernel counts its pages', () => {
    const path =
      '0 palloc 0 order 3 __alloc_pages < ttm_pool_alloc_page[ttm] < ttm_pool_alloc[ttm] < xe_bo_populate[xe]';
    const { core, report } = pairText(path);
    const sample = (text: string): string | null => {
      core.fact({ type: 'counters', timeNs: core.nowNs, source: 'meminfo', text });
      return report().stacks[0].category;
    };
    expect(report().stacks[0].category).toBe('unaccounted');
    expect(sample('MemTotal: 900 kB\nMemFree: 5 kB\n')).toBe('unaccounted');
    expect(sample('MemTotal: 900 kB\nMemFree: 5 kB\nGPUActive: 32 kB\nGPUReclaim: 0 kB\n')).toBe('gpu');
  });

  it('is not known where the function has no name, or is none but the allocator', () => {
    expect(categories('__alloc_pages < ?gone < do_one_initcall\n__alloc_pages_noprof < alloc_pages_noprof')).toEqual([
      null,
      null,
    ]);
    expect(pairText('0 palloc 1 order 0').report().stacks[0].category).toBeNull();
  });

  it('follows what the kernel of the trace counts', () => {
    const paths = `
      __get_free_pages < kvm_mmu_topup_memory_cache[kvm] < mmu_topup_memory_caches[kvm]
      __alloc_pages < pte_alloc_one_kernel < __pte_alloc_kernel`;
    expect(categories(paths, '5.10.0-46-amd64')).toEqual(['unaccounted', 'unaccounted']);
    expect(categories(paths, '6.1.0-56-amd64')).toEqual(['page tables', 'unaccounted']);
    expect(categories(paths, '6.18.44')).toEqual(['page tables', 'page tables']);
    expect(kernelNumber('6.12.117+deb12-amd64')).toBe(6012);
    expect(kernelNumber('')).toBeGreaterThan(100_000);
    expect(categoryHint('kvm_mmu_topup_memory_cache', true, 6000)).toBe('unaccounted');
  });

  it('of what is not pages follows from the allocator; kernel stacks in vmalloc are told apart', () => {
    const { report } = pairText(`
      0 alloc a 8 __kmalloc < do_anonymous_page
      1 percpu p 8 pcpu_alloc < foo
      2 valloc v 1 alloc_vmap_area < __vmalloc_node_range < module_alloc
      3 valloc w 4 alloc_vmap_area < __vmalloc_node_range < alloc_thread_stack_node < copy_process`);
    const found = report().stacks.map((stack) => [stack.allocator, stack.category]);
    expect(found).toEqual([
      ['vmalloc', 'kernel stack'],
      ['vmalloc', 'vmalloc'],
      ['slab', 'slab'],
      ['percpu', 'percpu'],
    ]);
  });
});

describe('selecting by category', () => {
  const TRACE = `
    0 palloc 0 order 0 __alloc_pages < anon_pipe_write
    1 palloc 8 order 1 __alloc_pages < do_anonymous_page
    2 palloc 16 order 2 __alloc_pages < ?gone
    3 palloc 64 order 3 __alloc_pages < allocate_slab < foo
    4 alloc a 64 kmalloc < foo`;
  const leaves = (selection: object): string[] =>
    pairText(TRACE)
      .report(selection)
      .stacks.map((stack) => stack.frames[1].symbol);

  it('hiding what is accounted leaves what no line shows, and what nobody can tell', () => {
    expect(leaves({ hideAccounted: true })).toEqual(['0xffffffff81000030', 'anon_pipe_write']);
  });

  it('shows only the ones asked for', () => {
    expect(leaves({ categories: ['anon', 'backing'] })).toEqual(['do_anonymous_page', 'allocate_slab']);
  });
});

/**
 * Returns, by category, the first frames that are no plumbing, of all page call paths but those of
 * backing pages.
 */
function tally({ core, symbols }: Pipeline): Record<string, string[]> {
  const facts = factsOf({ core, symbols });
  const found: Record<string, Set<string>> = {};
  for (let row = 1; row <= core.paths.size; row++) {
    if (core.paths.allocator[row] !== PAGE) continue;
    const category = categoryOf(core, facts, row) ?? 'null';
    if (category === 'backing' || facts.backedAllocator(core.paths.stackId[row]) !== PAGE) continue;
    const frames = framesOf(core.dictionary.stacks, symbols, core.paths.stackId[row]);
    found[category] ??= new Set();
    found[category].add(frames[facts.firstFrame(core.paths.stackId[row])].symbol);
  }
  return Object.fromEntries(Object.entries(found).map(([category, names]) => [category, [...names].toSorted()]));
}

// Checked by hand: each function below 'unaccounted' takes pages for itself that no line of meminfo
// counts.
describe('every page call path that was recorded has a category', () => {
  it.each([
    [
      '5.10-leak_pages',
      `__change_page_attr_set_clr __pollwait __tlb_remove_page_size ftrace_process_locs.isra.0 lp_get_pages0
       lp_get_pages1 lp_get_pages2 pipe_write proc_pid_readlink`,
    ],
    [
      '6.1-page_split',
      `__change_page_attr_set_clr __pollwait __tlb_remove_page_size ftrace_process_locs pipe_write ps_compound_free
       ps_compound_put ps_exact ps_extra_ref ps_list ps_split`,
    ],
    [
      '6.12-one_time',
      `__pollwait __tlb_remove_folio_pages_size.constprop.0 ftrace_process_locs ot_fill_cache ot_fill_ring pipe_write`,
    ],
    ['7.2-bulk_rcu', '__change_page_attr_set_clr anon_pipe_write ftrace_process_locs tlb_next_batch tlb_remove_table'],
  ])('of %s', (name, unaccounted) => {
    const found = tally(importedText(`perf-script/${name}/perf-script.txt.gz`));
    expect(found.null).toBeUndefined();
    expect(found.unaccounted).toEqual(unaccounted.split(/\s+/));
    expect(found.anon.length).toBeGreaterThan(0);
    expect(found['page tables']).toContain('pte_alloc_one');
    expect(found['page cache'].join()).toMatch(/^(page_cache_ra_unbounded,?)+$/);
  });

  it('of a live recording', async () => {
    const found = tally(await replayed('bpf/6.18-held-pipes/held-pipes.unfreed'));
    expect(found).toEqual({
      anon: ['do_anonymous_page', 'do_fault', 'do_wp_page'],
      'page cache': ['__filemap_get_folio'],
      'page tables': ['__pmd_alloc', '__pud_alloc', 'pgd_alloc', 'pte_alloc_one'],
      unaccounted: ['alloc_skb_with_frags', 'anon_pipe_write', 'tlb_next_batch', 'tlb_remove_table'],
    });
  });
});
