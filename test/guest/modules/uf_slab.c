// SPDX-License-Identifier: GPL-2.0
/*
 * Slab objects that each have their events: kmalloc of two sizes, a large one
 * (that is pages underneath), a cache of its own, krealloc() that moves, and a
 * cache object freed by kfree().
 */
#include "truth.h"

SITE(ufs_kmalloc96, "slab");
SITE(ufs_kmalloc700, "slab");
SITE(ufs_large, "slab");
SITE(ufs_cache, "slab");
SITE(ufs_cross, "slab");
SITE(ufs_grow, "slab");
SITES(&site_ufs_kmalloc96, &site_ufs_kmalloc700, &site_ufs_large, &site_ufs_cache, &site_ufs_cross,
      &site_ufs_grow)

#define OBJECT_BYTES 240
#define LARGE_BYTES 20000

static struct kmem_cache *cache;
static struct kept kept96, kept700, kept_large, kept_cache, kept_cross, kept_grown;
static struct ring ring96, ring700, ring_large, ring_cache, ring_cross;

static PLANTED void *ufs_kmalloc96(void)
{
	void *p = kmalloc(96, GFP_KERNEL);

	if (p)
		count_alloc(&site_ufs_kmalloc96, 1, ksize(p));
	return p;
}

static PLANTED void *ufs_kmalloc700(void)
{
	void *p = kmalloc(700, GFP_KERNEL);

	if (p)
		count_alloc(&site_ufs_kmalloc700, 1, ksize(p));
	return p;
}

static PLANTED void *ufs_large(void)
{
	void *p = kmalloc(LARGE_BYTES, GFP_KERNEL);

	if (p)
		count_alloc(&site_ufs_large, 1, ksize(p));
	return p;
}

static PLANTED void *ufs_cache(void)
{
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);

	if (p)
		count_alloc(&site_ufs_cache, 1, kmem_cache_size(cache));
	return p;
}

static PLANTED void *ufs_cross(void)
{
	void *p = kmem_cache_alloc(cache, GFP_KERNEL);

	if (p)
		count_alloc(&site_ufs_cross, 1, kmem_cache_size(cache));
	return p;
}

/* Two allocations and, inside krealloc(), one free. */
static PLANTED void *ufs_grow(void)
{
	void *p = kmalloc(100, GFP_KERNEL), *grown;
	size_t before;

	if (!p)
		return NULL;
	before = ksize(p);
	count_alloc(&site_ufs_grow, 1, before);
	grown = krealloc(p, 3000, GFP_KERNEL);
	if (!grown)
		return p;
	count_alloc(&site_ufs_grow, 1, ksize(grown));
	count_free(&site_ufs_grow, 1, before);
	return grown;
}

static void free_kmalloc(struct site *site, void *p)
{
	if (!p)
		return;
	count_free(site, 1, ksize(p));
	kfree(p);
}

static void free_cached(void *p)
{
	if (!p)
		return;
	count_free(&site_ufs_cache, 1, kmem_cache_size(cache));
	kmem_cache_free(cache, p);
}

static void free_cross(void *p)
{
	if (!p)
		return;
	count_free(&site_ufs_cross, 1, kmem_cache_size(cache));
	kfree(p);
}

static void work_round(int round)
{
	void *p;

	p = ufs_kmalloc96();
	if (p && round % 3 == 0)
		keep(&kept96, p);
	else
		free_kmalloc(&site_ufs_kmalloc96, displace(&ring96, p));
	p = ufs_kmalloc700();
	if (p && round % 5 == 0)
		keep(&kept700, p);
	else
		free_kmalloc(&site_ufs_kmalloc700, displace(&ring700, p));
	p = ufs_large();
	if (p && round % 23 == 0)
		keep(&kept_large, p);
	else
		free_kmalloc(&site_ufs_large, displace(&ring_large, p));
	p = ufs_cache();
	if (p && round % 7 == 0)
		keep(&kept_cache, p);
	else
		free_cached(displace(&ring_cache, p));
	p = ufs_cross();
	if (p && round % 9 == 0)
		keep(&kept_cross, p);
	else
		free_cross(displace(&ring_cross, p));
	p = ufs_grow();
	if (p && round % 17 == 0)
		keep(&kept_grown, p);
	else
		free_kmalloc(&site_ufs_grow, p);
}

static void work_quiesce(void)
{
	int i;

	for (i = 0; i < RING; i++) {
		free_kmalloc(&site_ufs_kmalloc96, displace(&ring96, NULL));
		free_kmalloc(&site_ufs_kmalloc700, displace(&ring700, NULL));
		free_kmalloc(&site_ufs_large, displace(&ring_large, NULL));
		free_cached(displace(&ring_cache, NULL));
		free_cross(displace(&ring_cross, NULL));
	}
}

static void work_release(void)
{
	unsigned int i;

	for (i = 0; i < kept96.used; i++)
		kfree(kept96.items[i]);
	for (i = 0; i < kept700.used; i++)
		kfree(kept700.items[i]);
	for (i = 0; i < kept_large.used; i++)
		kfree(kept_large.items[i]);
	for (i = 0; i < kept_grown.used; i++)
		kfree(kept_grown.items[i]);
	for (i = 0; i < kept_cache.used; i++)
		kmem_cache_free(cache, kept_cache.items[i]);
	for (i = 0; i < kept_cross.used; i++)
		kmem_cache_free(cache, kept_cross.items[i]);
	kmem_cache_destroy(cache);
}

static int __init load(void)
{
	/* a region for user copies: such a cache is never merged with another */
	cache = kmem_cache_create_usercopy("uf_named", OBJECT_BYTES, 8, 0, 0, 8, NULL);
	return cache ? start_work() : -ENOMEM;
}

module_init(load);
module_exit(end_work);
