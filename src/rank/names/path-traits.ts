/**
 * Traits of a call path that a function anywhere in it shows: who holds the memory, where neither
 * its allocator, its slab cache nor its line of meminfo tells. The names cover Linux 5.4 to 7.3.
 */

import { bareName } from './plumbing.js';

/** Its dentry or inode stands for an open pipe, socket, anonymous file or id, not for a file on a disk. */
export const PSEUDO_FILE = 1;
/** Its radix tree or xarray is the index of the page cache or swap cache. */
export const CACHE_INDEX = 2;
/** Buffer objects of a GPU driver in shmem. */
export const GEM = 4;
/** A map of BPF programs, or a ring that perf or a BPF program writes to: another tracer or agent. */
export const TRACER = 8;
/** The contents of a pipe. */
export const PIPE = 16;

interface Trait {
  bit: number;
  /** True: its functions may be in modules. */
  inModules: boolean;
  /** A sentence about who holds the memory; null = none is needed. */
  note: string | null;
  names: string;
}

const TRAITS: Trait[] = [
  {
    // fs/dcache.c, fs/file_table.c, fs/inode.c, fs/anon_inodes.c, fs/pipe.c, net/socket.c. Their
    // dentries and inodes are pinned by the open file, and are on no list of a shrinker.
    bit: PSEUDO_FILE,
    inModules: false,
    note: null,
    names: `
      d_alloc_pseudo alloc_file_pseudo alloc_file_pseudo_noaccount alloc_path_pseudo new_inode_pseudo alloc_anon_inode
      anon_inode_make_secure_inode anon_inode_create_getfile anon_inode_getfile __anon_inode_getfile
      __anon_inode_getfd anon_inode_getfd anon_inode_getfd_secure get_pipe_inode create_pipe_files do_pipe2 do_pipe_flags
      __do_pipe_flags sock_alloc sock_alloc_inode sock_alloc_file __sock_create dma_buf_getfile`,
  },
  {
    // mm/filemap.c, shmem.c, swap_state.c, workingset.c, khugepaged.c. Nodes go with their pages.
    bit: CACHE_INDEX,
    inModules: false,
    note: null,
    names: `
      __filemap_add_folio filemap_add_folio __add_to_page_cache_locked add_to_page_cache_lru add_to_page_cache_locked
      shmem_add_to_page_cache shmem_get_folio_gfp shmem_getpage_gfp add_to_swap_cache __add_to_swap_cache
      replace_page_cache_page replace_page_cache_folio collapse_file page_cache_ra_unbounded page_cache_ra_order
      __do_page_cache_readahead dax_insert_entry dax_iomap_fault`,
  },
  {
    // drivers/gpu/drm/drm_gem.c, drm_gem_shmem_helper.c, i915/gem/i915_gem_shmem.c.
    bit: GEM,
    inModules: true,
    note: 'buffer objects of a GPU driver: Shmem counts them, and drm-total-system0 in fdinfo says whose they are',
    names: `
      drm_gem_get_pages drm_gem_shmem_get_pages drm_gem_shmem_get_pages_locked drm_gem_shmem_pin drm_gem_shmem_pin_locked
      drm_gem_shmem_get_pages_sgt drm_gem_shmem_get_pages_sgt_locked shmem_sg_alloc_table i915_gem_object_create_shmem
      __i915_gem_object_get_pages ____i915_gem_object_get_pages`,
  },
  {
    // kernel/bpf, kernel/events/ring_buffer.c.
    bit: TRACER,
    inModules: false,
    note: 'a map or ring of BPF or perf, of another tracer or agent: it is freed when the process that made it ends, unless it is pinned',
    names: `
      bpf_map_area_alloc __bpf_map_area_alloc bpf_map_area_mmapable_alloc bpf_map_alloc_percpu bpf_map_kmalloc_node
      bpf_map_kzalloc bpf_map_kvcalloc bpf_map_alloc_pages array_map_alloc htab_map_alloc trie_alloc stack_map_alloc
      prealloc_init prealloc_elems_and_freelist bpf_ringbuf_area_alloc bpf_ringbuf_alloc ringbuf_map_alloc
      bpf_local_storage_map_alloc queue_stack_map_alloc reuseport_array_alloc sock_map_alloc dev_map_alloc cpu_map_alloc
      xsk_map_alloc arena_map_alloc map_create find_and_alloc_map rb_alloc rb_alloc_aux perf_mmap perf_mmap_alloc_page`,
  },
  {
    bit: PIPE,
    inModules: false,
    note: 'contents of pipes that nobody has read: no line of /proc/meminfo counts them',
    names: 'anon_pipe_write pipe_write anon_pipe_get_page',
  },
];

const BITS_OF_NAME = new Map<string, Trait>();
for (const trait of TRAITS) {
  for (const name of trait.names.trim().split(/\s+/)) BITS_OF_NAME.set(name, trait);
}

/** The traits that a function shows, 0 = none. `name` as bareName() gives it. */
export function traitsOf(name: string, inModule: boolean): number {
  const trait = BITS_OF_NAME.get(name);
  return trait === undefined || (inModule && !trait.inModules) ? 0 : trait.bit;
}

/** The traits of frames, leaf first, up to the one where an interrupt begins (null = none). */
export function traitsOfFrames(
  frames: readonly { symbol: string; module: string | null }[],
  interruptedFrom: number | null,
): number {
  let traits = 0;
  for (const { symbol, module } of frames.slice(0, interruptedFrom ?? frames.length)) {
    traits |= traitsOf(bareName(symbol), module !== null);
  }
  return traits;
}

/** A sentence about who holds the memory of a call path with these traits; null = there is none. */
export function traitNote(traits: number): string | null {
  return TRAITS.find(({ bit, note }) => (traits & bit) !== 0 && note !== null)?.note ?? null;
}
