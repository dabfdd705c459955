/**
 * Pools: memory that is allocated once and then handed on without events. Pairing can only name the
 * first user, who made the pool grow; other code may hold a piece of it now. Call paths through a
 * pool carry a note about this.
 */

/**
 * Index in POOL_NOTES of the pool that a function fills, -1 if it fills none. `name` as bareName()
 * gives it.
 */
export function poolOf(name: string): number {
  return POOL_OF_NAME.get(name) ?? -1;
}

/** Applies to vmalloc areas alone. */
export const ADDRESS_SPACE_NOTE = 'address space only: the pages mapped there were allocated elsewhere';

const POOLS: [note: string, names: string][] = [
  [
    'a mempool: its elements are handed on without events, this is who filled it first',
    `mempool_alloc mempool_alloc_bulk mempool_alloc_slab mempool_alloc_pages mempool_kmalloc mempool_kvmalloc
     mempool_init_node mempool_create_node mempool_resize`,
  ],
  [
    'a page fragment cache: many buffers share the page, and the last of them frees it; this is the first user',
    `page_frag_alloc page_frag_alloc_align __page_frag_alloc_align __page_frag_cache_refill page_frag_cache_prepare
     __page_frag_cache_prepare netdev_alloc_frag __netdev_alloc_frag_align napi_alloc_frag __napi_alloc_frag_align
     skb_page_frag_refill sk_page_frag_refill`,
  ],
  [
    'a page pool: a driver reuses its pages without events, this is who filled it first',
    `page_pool_alloc_pages page_pool_alloc_netmems __page_pool_alloc_pages_slow __page_pool_alloc_netmems_slow
     __page_pool_alloc_page_order page_pool_alloc_frag page_pool_alloc_frag_netmem page_pool_create`,
  ],
  [
    'socket buffers: they are kept per CPU for reuse and freed in bulk, some without events',
    `__alloc_skb __napi_alloc_skb napi_alloc_skb napi_build_skb __napi_build_skb
     napi_skb_cache_get napi_skb_cache_get_bulk __netdev_alloc_skb`,
  ],
  [
    'a sheaf of slab objects: per-CPU stock that other callers take from, this is who had it filled',
    `__pcs_replace_empty_main __pcs_replace_full_main refill_objects __refill_objects refill_sheaf alloc_full_sheaf
     alloc_empty_sheaf __alloc_empty_sheaf kmem_cache_prefill_sheaf kmem_cache_refill_sheaf`,
  ],
  [
    'a slab: its objects go to other callers too, this is who needed the first one',
    'allocate_slab alloc_slab_page new_slab new_slab_objects cache_grow_begin kmem_getpages',
  ],
  [
    'a percpu chunk: other callers share it, this is who needed it first',
    'pcpu_populate_chunk pcpu_create_chunk pcpu_alloc_pages pcpu_balance_populated pcpu_balance_workfn',
  ],
  ['a DMA pool: its blocks are handed on without events', 'dma_pool_alloc pool_alloc_page'],
  ['the stock of BPF maps: elements are handed on without events', 'bpf_mem_refill alloc_bulk'],
  ['io_uring requests: they are recycled without events', '__io_alloc_req_refill'],
  ['compressed memory: a page holds objects of several callers', 'alloc_zspage zs_malloc'],
  [ADDRESS_SPACE_NOTE, 'vmap vmap_pfn vm_map_ram ioremap __ioremap_caller ioremap_prot generic_ioremap_prot memremap'],
];

export const POOL_NOTES: readonly string[] = POOLS.map(([note]) => note);

const POOL_OF_NAME = new Map<string, number>();
for (const [pool, [, names]] of POOLS.entries()) {
  for (const name of names.trim().split(/\s+/)) POOL_OF_NAME.set(name, pool);
}
