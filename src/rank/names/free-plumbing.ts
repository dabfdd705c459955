/**
 * Functions between the code that lets memory go and the free itself: allocators, the page batches of
 * the memory manager, packets' own parts, and RCU, which waits for a grace period first. Linux 5.4 to 7.2.
 */
import type { ReportFrame } from '../report/report-rows.js';
import { bareName } from './plumbing.js';

const PLUMBING = names(`
  kfree kvfree kvfree_sensitive kfree_sensitive kzfree kfree_const kfree_bulk kmem_cache_free kmem_cache_free_bulk
  __kmem_cache_free __kmem_cache_free_bulk slab_free __slab_free ___cache_free do_slab_free slab_free_freelist_hook
  free_large_kmalloc free_to_pcs free_to_pcs_bulk sheaf_flush sheaf_flush_unused flush_all_rcu_sheaves
  __put_partials put_partials put_partials_to_node free_slab __free_slab discard_slab free_deferred_objects
  __free_pages free_pages free_the_page __free_pages_ok __free_frozen_pages free_frozen_pages free_unref_page
  free_unref_pages free_unref_page_list free_unref_folios free_unref_page_commit free_pcppages_bulk free_compound_page
  free_pages_exact free_pages_prepare ___free_pages free_pages_nolock page_frag_free __page_frag_cache_drain
  __put_page put_page __put_single_page __put_compound_page __folio_put __folio_put_small __folio_put_large folio_put
  folios_put folios_put_refs release_pages put_pages_list __pagevec_release __folio_batch_release
  free_page_and_swap_cache free_folio_and_swap_cache free_pages_and_swap_cache __tlb_batch_free_encoded_pages
  tlb_batch_pages_flush tlb_flush_mmu tlb_flush_mmu_free tlb_finish_mmu tlb_remove_table tlb_remove_page_size
  __tlb_remove_table __tlb_remove_table_one tlb_remove_table_one tlb_remove_table_free
  vfree vfree_atomic __vfree delayed_vfree_work vunmap __vunmap remove_vm_area free_vmap_area free_vmap_area_noflush
  free_unmap_vmap_area vm_reset_perms free_percpu free_area pcpu_free_area
  mempool_free mempool_free_slab mempool_free_pages mempool_kfree mempool_kvfree devm_kfree
  __kfree_skb kfree_skb kfree_skb_reason kfree_skb_list_reason kfree_skb_partial kfree_skbmem skb_free_head
  skb_release_data skb_release_head_state skb_release_all sk_skb_reason_drop __skb_ext_put consume_skb
  __consume_stateless_skb skb_kfree_head skb_pp_frag_ref napi_skb_cache_put napi_consume_skb skb_attempt_defer_free
  skb_defer_free_flush __napi_kfree_skb
`);

/** Each of them runs once a grace period has ended, or hands memory to RCU to be freed then. */
const AFTER_GRACE_PERIOD = names(`
  rcu_do_batch rcu_core rcu_core_si rcu_process_callbacks rcu_nocb_cb_kthread nocb_cb_wait rcu_cpu_kthread
  srcu_invoke_callbacks rcu_tasks_invoke_cbs rcu_tasks_invoke_cbs_wq kfree_rcu_work kfree_rcu_monitor kvfree_rcu_bulk
  kvfree_rcu_list kvfree_rcu_drain_ready kfree_rcu_drain_unlock kvfree_call_rcu kfree_call_rcu kfree_call_rcu_nolock
  __kfree_rcu_sheaf rcu_free_sheaf rcu_free_sheaf_nobarn kmem_cache_free_rcu kfree_rcu_shrink_scan
  tlb_remove_table_rcu call_rcu
`);

export interface FreePlace {
  /** Index of the frame that let the memory go; null if there are only frames of allocators and of RCU, or no names. */
  index: number | null;
  /** True if RCU freed it, once all readers were done. */
  afterGracePeriod: boolean;
}

/** Finds who let memory go in the call path of its free, leaf first, up to frame `end`. */
export function freePlace(frames: readonly ReportFrame[], end: number): FreePlace {
  let index: number | null = null;
  let afterGracePeriod = false;
  for (let i = 0; i < end; i++) {
    const { module, symbol } = frames[i];
    const name = module === null ? bareName(symbol) : null;
    if (name !== null && AFTER_GRACE_PERIOD.has(name)) {
      afterGracePeriod = true;
      // What RCU was given runs above it; below is whoever let RCU run.
      if (index !== null || !HANDS_OVER.has(name)) break;
    } else if (index === null && !(name !== null && PLUMBING.has(name)) && !symbol.startsWith('0x')) {
      index = i;
    }
  }
  return { index, afterGracePeriod };
}

/** Of those, the calls by which somebody hands memory to RCU: the caller is who let it go. */
const HANDS_OVER = names(
  'kvfree_call_rcu kfree_call_rcu kfree_call_rcu_nolock __kfree_rcu_sheaf kmem_cache_free_rcu call_rcu',
);

function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
