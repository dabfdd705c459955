/**
 * A list of suppressions for call paths that hold memory on a healthy machine: stocks of bounded
 * size, memory that accompanies memory shown in meminfo, memory that the kernel frees without
 * events, and caches that it shrinks when memory is short. Used only on request (`--suppress
 * default`). Seen on Linux 6.18, except those marked as of other kernels.
 *
 * Not in it, although they are often harmless: memory of sockets, pipes and drivers, and inodes and
 * names that do not stand for files (sock_alloc_inode, d_alloc_pseudo). These are the ones that
 * leak.
 */
export const BENIGN_PATHS = `
mas_* [kernel]                                # maple tree nodes: freed in bulk or by RCU, some without an event
kvfree_call_rcu                               # lists of what kfree_rcu() is to free: given back after a grace period
fill_page_cache_func                          # pages in stock for kfree_rcu(): a few per CPU
alloc_empty_sheaf                             # sheaves of slab objects: a stock per CPU, of bounded size
__alloc_empty_sheaf                           # sheaves of slab objects: a stock per CPU, of bounded size (later kernels)
alloc_slab_obj_exts                           # vectors that account a slab's objects: go with their slab
memcg_alloc_slab_cgroups                      # vectors that account a slab's objects: go with their slab (earlier kernels)
kmem_cache_alloc_node* < alloc_vmap_area      # descriptors of vmalloc areas: kept for the next area
bpf_mem_refill                                # stock of BPF maps: per CPU, of bounded size
damon_split_region_at                         # regions of DAMON: at most max_nr_regions
tlb_next_batch                                # lists of pages that are being unmapped: given back when that is done
tlb_remove_table                              # lists of page tables that are being freed: given back after a grace period
alloc_buffer_head < folio_alloc_buffers       # heads of block buffers: go with their pages of the page cache
alloc_buffer_head < alloc_page_buffers        # heads of block buffers: go with their pages of the page cache (earlier kernels)
xas_* < ... < __filemap_add_folio             # index of the page cache: goes with its pages
__es_insert_extent                            # extents that ext4 knows: shrunk when memory is short
__d_alloc < d_alloc_parallel                  # names that were looked up: shrunk when memory is short
__d_alloc < d_alloc < lookup_one_qstr_excl    # names that were looked up: shrunk when memory is short
ext4_alloc_inode                              # inodes of files: shrunk when memory is short
proc_alloc_inode                              # inodes of /proc: shrunk when memory is short, and go with their process
`;
