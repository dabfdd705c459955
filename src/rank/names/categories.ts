/**
 * Categories: the line of /proc/meminfo that accounts for the pages of a call path. Users hunt the
 * pages that no line shows. The table names functions that allocate for themselves; the one nearest
 * to the allocator decides. So a driver's fault handler, called by __do_fault, is not mistaken for
 * anonymous memory. A function that is not in the table is `unaccounted`: it took a page with
 * alloc_pages() and no counter includes that page.
 *
 * The names cover Linux 5.4 to 7.2; bareName() removes the suffixes of compilers and allocation
 * profiling. With inlining, one allocation has several names: on 5.10 handle_mm_fault() stands
 * where 6.12 has do_anonymous_page().
 *
 * Not lines of meminfo, but counted: zram (nr_zspages), and what a balloon has given to the host.
 *
 * Rightly unaccounted, although they look familiar: pipe buffers, skb page frags and socket rings,
 * batches of __tlb_remove_page_size() and tlb_remove_table(), page tables of the kernel's own
 * direct map that a change of attributes splits (__change_page_attr_set_clr), /proc and poll
 * scratch pages, ftrace's records of modules, the huge zero page, buffers of xfs (xfs_buf_alloc_*).
 */
import type { Category } from '../report/category.js';

/**
 * The meaning of a function in a call path: its category; 'look further' = its caller decides;
 * 'zsmalloc' = zswap or else zram, as its caller decides; null = it is not in the table.
 */
export type CategoryHint = Category | 'look further' | 'zsmalloc' | null;

/**
 * `name` as bareName() gives it. Names of the second table may be in modules; the others must be in
 * the core kernel.
 */
export function categoryHint(name: string, inModule: boolean, kernel: number): CategoryHint {
  const entry = (inModule ? undefined : CORE.get(name)) ?? ANYWHERE.get(name);
  if (entry === undefined) return null;
  return kernel >= entry.since ? entry.hint : 'unaccounted';
}

interface Rule {
  hint: Exclude<CategoryHint, null>;
  /** First kernel whose meminfo counts it, major * 1000 + minor. Before that it was unaccounted. */
  since?: number;
  names: string;
}

const CORE_RULES: Rule[] = [
  {
    // mm/memory.c, huge_memory.c, khugepaged.c, userfaultfd.c, swap_state.c, ksm.c. Functions that
    // allocate the target of a migrating LRU page are here too: nine in ten of these pages are
    // anonymous.
    hint: 'anon',
    names: `
      handle_mm_fault __handle_mm_fault handle_pte_fault do_anonymous_page alloc_anon_folio do_wp_page wp_page_copy
      do_cow_fault do_fault folio_prealloc page_copy_prealloc do_swap_page alloc_swap_folio copy_page_range
      copy_pte_range copy_pmd_range copy_present_page copy_present_pte copy_present_ptes
      vma_alloc_zeroed_movable_folio alloc_zeroed_user_highpage_movable vma_alloc_anon_folio_pmd
      do_huge_pmd_anonymous_page __do_huge_pmd_anonymous_page do_huge_pmd_wp_page do_huge_zero_wp_pmd
      khugepaged_alloc_page khugepaged_alloc_hugepage khugepaged_prealloc_page alloc_charge_hpage alloc_charge_folio collapse_huge_page
      mcopy_atomic_pte mfill_atomic_pte_copy mfill_atomic_pte_zeroed_folio mfill_atomic_pte __mcopy_atomic mfill_atomic
      __read_swap_cache_async read_swap_cache_async __swap_cache_alloc_folio swap_cache_alloc_folio
      swapin_folio swap_cluster_readahead ksm_might_need_to_copy migrate_pages migrate_pages_batch migrate_folio_unmap
      alloc_migration_target alloc_migrate_folio alloc_demote_folio alloc_demote_page alloc_misplaced_dst_page
      alloc_misplaced_dst_folio new_page new_folio alloc_new_node_page uprobe_write_opcode`,
  },
  {
    // mm/filemap.c, readahead.c, fs/buffer.c, fs/mpage.c; the meminfo lines Cached and Buffers.
    hint: 'page cache',
    names: `
      filemap_alloc_folio __filemap_alloc_folio __page_cache_alloc page_cache_ra_unbounded page_cache_ra_order
      ra_alloc_folio ractl_alloc_folio __do_page_cache_readahead readahead_expand force_page_cache_ra
      __filemap_get_folio __filemap_get_folio_mpol filemap_create_folio filemap_get_pages filemap_read filemap_fault
      do_sync_mmap_readahead generic_file_buffered_read generic_file_read_iter pagecache_get_page
      grab_cache_page_write_begin find_or_create_page do_read_cache_page do_read_cache_folio read_cache_page
      collapse_file secretmem_fault grow_dev_page grow_dev_folio`,
  },
  {
    hint: 'shmem',
    names: `
      shmem_alloc_folio shmem_alloc_page shmem_alloc_hugefolio shmem_alloc_hugepage shmem_alloc_and_acct_page
      shmem_alloc_and_acct_folio shmem_alloc_and_add_folio shmem_swapin shmem_swapin_cluster shmem_swapin_folio
      shmem_swap_alloc_folio shmem_replace_page shmem_replace_folio shmem_getpage_gfp shmem_get_folio_gfp
      shmem_get_folio shmem_mfill_atomic_pte shmem_mfill_zeropage_pte`,
  },
  {
    // NR_PAGETABLE. Tops of page tables are in it only since 6.14, when they got a constructor (two
    // pages a process on x86): they are listed here for all kernels, because readers look for them
    // here.
    hint: 'page tables',
    names: `
      pte_alloc_one __pte_alloc_one __pte_alloc pmd_alloc_one __pmd_alloc pud_alloc_one __pud_alloc_one __pud_alloc
      p4d_alloc_one __p4d_alloc pgd_alloc _pgd_alloc __pgd_alloc crst_table_alloc page_table_alloc
      preallocate_pmds pmd_prealloc`,
  },
  {
    // The kernel's own have a constructor since 6.16.
    hint: 'page tables',
    since: 6016,
    names: 'pte_alloc_one_kernel __pte_alloc_one_kernel __pte_alloc_kernel pte_alloc_kernel',
  },
  {
    // SecPageTables: IOMMU tables since 6.10.
    hint: 'page tables',
    since: 6010,
    names: 'iommu_alloc_pages_node iommu_alloc_pages_node_sz iommu_alloc_page_node iommu_alloc_page',
  },
  {
    // THREAD_SIZE areas: of vmalloc with CONFIG_VMAP_STACK, of pages without.
    hint: 'kernel stack',
    names: 'alloc_thread_stack_node alloc_thread_stack dup_task_struct copy_process scs_alloc __scs_alloc',
  },
  {
    hint: 'hugetlb',
    names: `
      alloc_fresh_huge_page alloc_fresh_hugetlb_folio alloc_buddy_huge_page alloc_buddy_hugetlb_folio
      alloc_surplus_huge_page alloc_surplus_hugetlb_folio only_alloc_fresh_hugetlb_folio alloc_pool_huge_page
      alloc_pool_hugetlb_folio hugetlb_vmemmap_restore hugetlb_vmemmap_restore_folio alloc_vmemmap_page_list`,
  },
  {
    // Allocators that only keep pages for their caller: the caller decides.
    hint: 'look further',
    names: 'zpool_malloc zbud_alloc zbud_zpool_malloc z3fold_alloc z3fold_zpool_malloc pagetable_alloc',
  },
  // Xen's balloon (drivers/xen/balloon.c) and the common part of the others (mm/balloon_compaction.c).
  { hint: 'balloon', names: 'balloon_page_alloc decrease_reservation xen_alloc_ballooned_pages' },
  { hint: 'zswap', names: 'zswap_compress zswap_store zswap_store_page zswap_frontswap_store' },
];

/** File systems, drivers and KVM may be modules. */
const ANYWHERE_RULES: Rule[] = [
  { hint: 'page cache', names: 'alloc_extent_buffer alloc_eb_folio_array' },
  // SecPageTables: KVM's tables for guests since 6.1.
  {
    hint: 'page tables',
    since: 6001,
    names: `
      kvm_mmu_topup_memory_cache __kvm_mmu_topup_memory_cache mmu_memory_cache_alloc_obj mmu_topup_memory_caches
      kvm_mmu_memory_cache_alloc`,
  },
  { hint: 'look further', names: 'btrfs_alloc_page_array btrfs_alloc_folio_array' },
  // mm/zsmalloc.c: nr_zspages counts all its pages.
  { hint: 'zsmalloc', names: 'zs_malloc zs_zpool_malloc alloc_zspage alloc_zpdesc' },
  // drivers/{virtio,misc,hv}.
  {
    hint: 'balloon',
    names: `
      fill_balloon vmballoon_alloc_page_list vmballoon_reserve_page vmballoon_inflate alloc_balloon_pages balloon_up`,
  },
  // drivers/gpu/drm/ttm: GPUActive since 7.1, see categoryOf().
  { hint: 'gpu', names: 'ttm_pool_alloc_page ttm_pool_alloc __ttm_pool_alloc' },
];

type Entry = { hint: Exclude<CategoryHint, null>; since: number };
const CORE = tableOf(CORE_RULES);
const ANYWHERE = tableOf(ANYWHERE_RULES);

function tableOf(rules: Rule[]): Map<string, Entry> {
  const table = new Map<string, Entry>();
  for (const { hint, since = 0, names } of rules) {
    for (const name of names.trim().split(/\s+/)) table.set(name, { hint, since });
  }
  return table;
}
