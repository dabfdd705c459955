/**
 * Event kinds: which tracepoint an event came from. The numbers are the wire numbers of the collector's stream
 * (bpf/README.md) and of the recording (src/recording/FORMAT.md); they never change meaning.
 *
 * Bit 4 (value 16) tells a free from an alloc. Bit 7 (value 128) on an alloc marks the tracer's own memory.
 */
export const KMALLOC = 1;
export const KMEM_CACHE_ALLOC = 2;
export const PAGE_ALLOC = 3;
export const PERCPU_ALLOC = 4;
export const VMALLOC_ALLOC = 5;
export const KFREE = 17;
export const KMEM_CACHE_FREE = 18;
export const PAGE_FREE = 19;
export const PERCPU_FREE = 20;
export const VMALLOC_FREE = 21;

/** Set on the kind of every free. */
export const FREE_BIT = 16;
/** Set on the kind of an alloc made by the tracer itself (collector or core). */
export const SELF_BIT = 128;
/** Takes SELF_BIT off. */
export const KIND_MASK = 127;

/** Addresses up to this one are no memory: NULL, or what kmalloc(0) gives. */
export const ZERO_SIZE_PTR = 16;

/** Address spaces: one table of outstanding allocations each. kmalloc and kmem_cache share `slab`: kfree may free either. */
export const PAGE = 0;
export const SLAB = 1;
export const PERCPU = 2;
export const VMALLOC = 3;
export const ALLOCATOR_COUNT = 4;

export type AllocatorName = 'page' | 'slab' | 'percpu' | 'vmalloc';
/** Indexed by PAGE, SLAB, PERCPU, VMALLOC. */
export const ALLOCATOR_NAMES: readonly AllocatorName[] = ['page', 'slab', 'percpu', 'vmalloc'];

/** kind (0..31, SELF_BIT off) -> allocator, 255 for a kind that does not exist. */
export const ALLOCATOR_OF_KIND = new Uint8Array(256).fill(255);
ALLOCATOR_OF_KIND[KMALLOC] = SLAB;
ALLOCATOR_OF_KIND[KMEM_CACHE_ALLOC] = SLAB;
ALLOCATOR_OF_KIND[PAGE_ALLOC] = PAGE;
ALLOCATOR_OF_KIND[PERCPU_ALLOC] = PERCPU;
ALLOCATOR_OF_KIND[VMALLOC_ALLOC] = VMALLOC;
ALLOCATOR_OF_KIND[KFREE] = SLAB;
ALLOCATOR_OF_KIND[KMEM_CACHE_FREE] = SLAB;
ALLOCATOR_OF_KIND[PAGE_FREE] = PAGE;
ALLOCATOR_OF_KIND[PERCPU_FREE] = PERCPU;
ALLOCATOR_OF_KIND[VMALLOC_FREE] = VMALLOC;

export type KindName =
  | 'kmalloc'
  | 'kmem_cache_alloc'
  | 'mm_page_alloc'
  | 'percpu_alloc_percpu'
  | 'alloc_vmap_area'
  | 'kfree'
  | 'kmem_cache_free'
  | 'mm_page_free'
  | 'percpu_free_percpu'
  | 'free_vmap_area_noflush';

/** The tracepoint's own name for a kind, null for a kind that does not exist. */
export function kindName(kind: number): KindName | null {
  return KIND_NAMES[kind & KIND_MASK] ?? null;
}

const KIND_NAMES: (KindName | undefined)[] = [];
KIND_NAMES[KMALLOC] = 'kmalloc';
KIND_NAMES[KMEM_CACHE_ALLOC] = 'kmem_cache_alloc';
KIND_NAMES[PAGE_ALLOC] = 'mm_page_alloc';
KIND_NAMES[PERCPU_ALLOC] = 'percpu_alloc_percpu';
KIND_NAMES[VMALLOC_ALLOC] = 'alloc_vmap_area';
KIND_NAMES[KFREE] = 'kfree';
KIND_NAMES[KMEM_CACHE_FREE] = 'kmem_cache_free';
KIND_NAMES[PAGE_FREE] = 'mm_page_free';
KIND_NAMES[PERCPU_FREE] = 'percpu_free_percpu';
KIND_NAMES[VMALLOC_FREE] = 'free_vmap_area_noflush';
