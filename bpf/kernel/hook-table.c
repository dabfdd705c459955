// SPDX-License-Identifier: MIT
/* All hooks: what each is called in the kernel, and which events come from it. */
#include <stddef.h>
#include "kernel.h"

const struct hook hooks[NR_SLOTS] = {
	[SLOT_KMALLOC] = { "kmalloc", "kmem", ALLOCATOR_SLAB, SLOT_KMALLOC, KIND_KMALLOC, true },
	[SLOT_KMALLOC_NODE] = { "kmalloc_node", "kmem", ALLOCATOR_SLAB, SLOT_KMALLOC_NODE, KIND_KMALLOC, false },
	[SLOT_KMEM_CACHE_ALLOC] = { "kmem_cache_alloc", "kmem", ALLOCATOR_SLAB, SLOT_KMEM_CACHE_ALLOC, KIND_KMEM_CACHE_ALLOC, true },
	[SLOT_KMEM_CACHE_ALLOC_NODE] = { "kmem_cache_alloc_node", "kmem", ALLOCATOR_SLAB, SLOT_KMEM_CACHE_ALLOC_NODE, KIND_KMEM_CACHE_ALLOC, false },
	[SLOT_MM_PAGE_ALLOC] = { "mm_page_alloc", "kmem", ALLOCATOR_PAGE, SLOT_MM_PAGE_ALLOC, KIND_PAGE_ALLOC, true },
	[SLOT_PERCPU_ALLOC] = { "percpu_alloc_percpu", "percpu", ALLOCATOR_PERCPU, SLOT_PERCPU_ALLOC, KIND_PERCPU_ALLOC, true },
	[SLOT_ALLOC_VMAP_AREA] = { "alloc_vmap_area", "vmalloc", ALLOCATOR_VMALLOC, SLOT_ALLOC_VMAP_AREA, KIND_VMALLOC_ALLOC, true },
	[SLOT_KFREE] = { "kfree", "kmem", ALLOCATOR_SLAB, SLOT_KFREE, KIND_KFREE, true },
	[SLOT_KMEM_CACHE_FREE] = { "kmem_cache_free", "kmem", ALLOCATOR_SLAB, SLOT_KMEM_CACHE_FREE, KIND_KMEM_CACHE_FREE, true },
	[SLOT_MM_PAGE_FREE] = { "mm_page_free", "kmem", ALLOCATOR_PAGE, SLOT_MM_PAGE_FREE, KIND_PAGE_FREE, true },
	[SLOT_PERCPU_FREE] = { "percpu_free_percpu", "percpu", ALLOCATOR_PERCPU, SLOT_PERCPU_FREE, KIND_PERCPU_FREE, true },
	[SLOT_KMEM_CACHE_ALLOC_BULK] = { "kmem_cache_alloc_bulk", NULL, ALLOCATOR_SLAB, SLOT_KMEM_CACHE_ALLOC_BULK, KIND_KMEM_CACHE_ALLOC, false },
	[SLOT_ALLOC_PAGES_BULK] = { "alloc_pages_bulk", NULL, ALLOCATOR_PAGE, SLOT_ALLOC_PAGES_BULK, KIND_PAGE_ALLOC, false },
	[SLOT_KMEM_CACHE_FREE_BULK] = { "kmem_cache_free_bulk", NULL, ALLOCATOR_SLAB, SLOT_KMEM_CACHE_FREE_BULK, KIND_KMEM_CACHE_FREE, false },
	[SLOT_KFREE_RCU_SHEAF] = { "__kfree_rcu_sheaf", NULL, ALLOCATOR_SLAB, SLOT_KFREE_RCU_SHEAF, KIND_KMEM_CACHE_FREE, false },
	[SLOT_ALLOC_PAGES_BULK_CALL] = { "alloc_pages_bulk", NULL, ALLOCATOR_PAGE, SLOT_ALLOC_PAGES_BULK_CALL, KIND_PAGE_ALLOC, false },
	[SLOT_FREE_VMAP_AREA] = { "free_vmap_area_noflush", "vmalloc", ALLOCATOR_VMALLOC, SLOT_FREE_VMAP_AREA, KIND_VMALLOC_FREE, true },
};
