/* SPDX-License-Identifier: MIT */
/*
 * The kernel's types as far as a census reads them, of three generations: compiled for BPF with
 * -DKERNEL=510, 601 or 703, for their BTF alone. Sizes and places are those of x86-64.
 */
typedef unsigned long ulong;
struct list_head { struct list_head *next, *prev; };
struct address_space;
struct kmem_cache;
typedef struct { int counter; } atomic_t;

#if KERNEL == 510
enum pageflags { PG_lru = 4, PG_slab = 9, PG_reserved = 12, PG_head = 16, PG_swapbacked = 19, PG_hwpoison = 23, PG_swapcache = 10 };
enum compound_dtor_id { NULL_COMPOUND_DTOR, COMPOUND_PAGE_DTOR, HUGETLB_PAGE_DTOR };
#elif KERNEL == 601
enum pageflags { PG_lru = 4, PG_slab = 9, PG_reserved = 12, PG_head = 16, PG_swapbacked = 19, PG_hwpoison = 23, PG_swapcache = 10 };
enum compound_dtor_id { NULL_COMPOUND_DTOR, COMPOUND_PAGE_DTOR, HUGETLB_PAGE_DTOR };
#else
enum pageflags { PG_lru = 5, PG_head = 6, PG_reserved = 13, PG_swapbacked = 17, PG_hwpoison = 21, PG_swapcache = 10 };
enum pagetype { PGTY_buddy = 240, PGTY_offline, PGTY_table, PGTY_guard, PGTY_hugetlb, PGTY_slab, PGTY_zsmalloc, PGTY_unaccepted, PGTY_large_kmalloc };
#endif

struct page {
	ulong flags;
	union {
		struct {
			struct list_head lru;
			struct address_space *mapping;
			ulong index, private;
		};
		struct { ulong pp_magic; void *pp; };
#if KERNEL == 510
		struct { ulong list[2]; struct kmem_cache *slab_cache; void *freelist; struct { unsigned inuse : 16, objects : 15, frozen : 1; }; };
#endif
#if KERNEL == 703
		struct { ulong compound_info; };
#else
		struct { ulong compound_head; unsigned char compound_dtor, compound_order; atomic_t compound_mapcount; };
#endif
	};
	union { unsigned page_type; atomic_t _mapcount; };
	atomic_t _refcount;
#if KERNEL == 510
	struct mem_cgroup *mem_cgroup;
#else
	ulong memcg_data;
#endif
};

#if KERNEL != 510
struct slab {
	ulong flags;
	struct kmem_cache *slab_cache;
	struct list_head slab_list;
	void *freelist;
	union { ulong counters; struct { unsigned inuse : 16, objects : 15, frozen : 1; }; };
	unsigned type, refcount;
	ulong memcg_data;
};
#endif
#if KERNEL == 703
struct folio {
	struct page page;
	ulong _flags_1, _head_1;
	atomic_t _large_mapcount;
};
#endif
