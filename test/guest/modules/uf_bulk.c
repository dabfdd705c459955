// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations and frees without a tracepoint: in bulk, and after an RCU grace
 * period; and call_rcu() with kfree(), whose free has one.
 */
#include <linux/rcupdate.h>
#include "truth.h"

SITE(ufb_alloc_bulk, "slab");
SITE(ufb_free_bulk, "slab");
SITE(ufb_both_bulk, "slab");
SITE(ufb_kfree_bulk, "slab");
SITE(ufb_kfree_rcu, "slab");
SITE(ufb_cache_kfree_rcu, "slab");
SITE(ufb_headless_rcu, "slab");
SITE(ufb_call_rcu, "slab");
SITE(ufb_pages_bulk, "page");
SITES(&site_ufb_alloc_bulk, &site_ufb_free_bulk, &site_ufb_both_bulk, &site_ufb_kfree_bulk,
      &site_ufb_kfree_rcu, &site_ufb_cache_kfree_rcu, &site_ufb_headless_rcu, &site_ufb_call_rcu,
      &site_ufb_pages_bulk)

#define BATCH 16
#define OBJECT_BYTES 320

struct rcu_object {
	char payload[200];
	struct rcu_head rcu;
};

static struct kmem_cache *cache, *rcu_cache;
static struct kept kept_objects, kept_kmallocs, kept_rcu_objects, kept_pages;

static PLANTED int ufb_alloc_bulk(void **items)
{
	/* all or none; newer kernels return only whether */
	int n = kmem_cache_alloc_bulk(cache, GFP_KERNEL, BATCH, items) ? BATCH : 0;

	count_alloc(&site_ufb_alloc_bulk, n, n * kmem_cache_size(cache));
	return n;
}

static PLANTED int ufb_both_bulk(void **items)
{
	/* all or none; newer kernels return only whether */
	int n = kmem_cache_alloc_bulk(cache, GFP_KERNEL, BATCH, items) ? BATCH : 0;

	count_alloc(&site_ufb_both_bulk, n, n * kmem_cache_size(cache));
	return n;
}

static PLANTED void *ufb_free_bulk(void)
{
	void *p = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOFAIL);

	count_alloc(&site_ufb_free_bulk, 1, kmem_cache_size(cache));
	return p;
}

static PLANTED void *ufb_kfree_bulk(void)
{
	void *p = kmalloc(500, GFP_KERNEL | __GFP_NOFAIL);

	count_alloc(&site_ufb_kfree_bulk, 1, ksize(p));
	return p;
}

static PLANTED struct rcu_object *ufb_kfree_rcu(void)
{
	struct rcu_object *p = kmalloc(sizeof(*p), GFP_KERNEL | __GFP_NOFAIL);

	count_alloc(&site_ufb_kfree_rcu, 1, ksize(p));
	return p;
}

static PLANTED struct rcu_object *ufb_cache_kfree_rcu(void)
{
	struct rcu_object *p = kmem_cache_alloc(rcu_cache, GFP_KERNEL | __GFP_NOFAIL);

	count_alloc(&site_ufb_cache_kfree_rcu, 1, kmem_cache_size(rcu_cache));
	return p;
}

static PLANTED void *ufb_headless_rcu(void)
{
	void *p = kmalloc(150, GFP_KERNEL | __GFP_NOFAIL);

	count_alloc(&site_ufb_headless_rcu, 1, ksize(p));
	return p;
}

static PLANTED struct rcu_object *ufb_call_rcu(void)
{
	struct rcu_object *p = kmalloc(sizeof(*p), GFP_KERNEL | __GFP_NOFAIL);

	count_alloc(&site_ufb_call_rcu, 1, ksize(p));
	return p;
}

/* from 5.13 (387ba26fb1cb); 6.14 renamed it */
static PLANTED int ufb_pages_bulk(struct page **pages)
{
	int n = 0;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	n = alloc_pages_bulk(GFP_KERNEL, BATCH, pages);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 13, 0)
	n = alloc_pages_bulk_array(GFP_KERNEL, BATCH, pages);
#endif
	count_alloc(&site_ufb_pages_bulk, n, n * PAGE_SIZE);
	return n;
}

static void rcu_kfree(struct rcu_head *head)
{
	struct rcu_object *p = container_of(head, struct rcu_object, rcu);

	count_free(&site_ufb_call_rcu, 1, ksize(p));
	kfree(p);
}

static void cache_rounds(int round)
{
	void *items[BATCH];
	int i, n;

	/* allocated in bulk, freed one by one; of some batches the first one stays */
	n = ufb_alloc_bulk(items);
	for (i = 0; i < n; i++) {
		if (i == 0 && round % 4 == 0) {
			keep(&kept_objects, items[i]);
			continue;
		}
		kmem_cache_free(cache, items[i]);
		count_free(&site_ufb_alloc_bulk, 1, kmem_cache_size(cache));
	}
	n = ufb_both_bulk(items);
	if (n && round % 8 == 0)
		keep(&kept_objects, items[--n]);
	if (n)
		kmem_cache_free_bulk(cache, n, items);
	count_free(&site_ufb_both_bulk, n, n * kmem_cache_size(cache));
	for (n = 0; n < BATCH; n++)
		items[n] = ufb_free_bulk();
	if (round % 6 == 0)
		keep(&kept_objects, items[--n]);
	kmem_cache_free_bulk(cache, n, items);
	count_free(&site_ufb_free_bulk, n, n * kmem_cache_size(cache));
}

static void kmalloc_rounds(int round)
{
	void *items[BATCH];
	size_t bytes;
	int n;

	for (n = 0; n < BATCH; n++)
		items[n] = ufb_kfree_bulk();
	bytes = ksize(items[0]);
	if (round % 6 == 0)
		keep(&kept_kmallocs, items[--n]);
	kfree_bulk(n, items);
	count_free(&site_ufb_kfree_bulk, n, n * bytes);
}

static void headless(void *p)
{
#ifdef kfree_rcu_mightsleep
	kfree_rcu_mightsleep(p);
#else
	kvfree_rcu(p);
#endif
}

static void rcu_rounds(int round)
{
	struct rcu_object *p;
	void *bare;

	p = ufb_kfree_rcu();
	if (round % 5 == 0) {
		keep(&kept_kmallocs, p);
	} else {
		count_free(&site_ufb_kfree_rcu, 1, ksize(p));
		kfree_rcu(p, rcu);
	}
	p = ufb_cache_kfree_rcu();
	if (round % 5 == 1) {
		keep(&kept_rcu_objects, p);
	} else {
		count_free(&site_ufb_cache_kfree_rcu, 1, kmem_cache_size(rcu_cache));
		kfree_rcu(p, rcu);
	}
	bare = ufb_headless_rcu();
	if (round % 5 == 2) {
		keep(&kept_kmallocs, bare);
	} else {
		count_free(&site_ufb_headless_rcu, 1, ksize(bare));
		headless(bare);
	}
	p = ufb_call_rcu();
	if (round % 5 == 3)
		keep(&kept_kmallocs, p);
	else
		call_rcu(&p->rcu, rcu_kfree);
}

static void page_rounds(int round)
{
	struct page *pages[BATCH] = {};
	int i, n = ufb_pages_bulk(pages);

	for (i = 0; i < n; i++) {
		if (i == 3 && round % 4 == 0) {
			keep(&kept_pages, pages[i]);
			continue;
		}
		__free_page(pages[i]);
		count_free(&site_ufb_pages_bulk, 1, PAGE_SIZE);
	}
}

static void work_round(int round)
{
	cache_rounds(round);
	kmalloc_rounds(round);
	rcu_rounds(round);
	page_rounds(round);
}

/*
 * kfree_rcu() gathers for up to 5 s, twice if unlucky (51824b780b71, also in
 * stable): waits until it has freed.
 */
static void work_quiesce(void)
{
	msleep(11000);
	rcu_barrier();
}

static void work_release(void)
{
	unsigned int i;

	for (i = 0; i < kept_objects.used; i++)
		kmem_cache_free(cache, kept_objects.items[i]);
	for (i = 0; i < kept_kmallocs.used; i++)
		kfree(kept_kmallocs.items[i]);
	for (i = 0; i < kept_rcu_objects.used; i++)
		kmem_cache_free(rcu_cache, kept_rcu_objects.items[i]);
	for (i = 0; i < kept_pages.used; i++)
		__free_page(kept_pages.items[i]);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(rcu_cache);
}

static int __init load(void)
{
	/* a region for user copies: such a cache is never merged with another */
	cache = kmem_cache_create_usercopy("uf_bulk", OBJECT_BYTES, 8, 0, 0, 8, NULL);
	rcu_cache = kmem_cache_create_usercopy("uf_rcu", sizeof(struct rcu_object), 8, 0, 0, 8, NULL);
	return cache && rcu_cache ? start_work() : -ENOMEM;
}

module_init(load);
module_exit(end_work);
