// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that must not be taken for a leak: objects and pages with long
 * lifetimes, all of them freed in the end, and memory taken once and kept.
 */
#include "truth.h"

SITE(ufx_long_objects, "slab");
SITE(ufx_long_pages, "page");
SITE(ufx_once, "page");
SITES(&site_ufx_long_objects, &site_ufx_long_pages, &site_ufx_once)

#define LONG 128 /* rounds that a thing lives */
#define ONCE_BLOCKS 256
#define ONCE_ORDER 3

static void *objects[LONG];
static struct page *pages[LONG];
static struct kept kept_once;

static PLANTED void *ufx_long_objects(void)
{
	void *p = kmalloc(200, GFP_KERNEL);

	if (p)
		count_alloc(&site_ufx_long_objects, 1, ksize(p));
	return p;
}

static PLANTED struct page *ufx_long_pages(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);

	if (page)
		count_alloc(&site_ufx_long_pages, 2, 2 * PAGE_SIZE);
	return page;
}

static PLANTED struct page *ufx_once(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, ONCE_ORDER);

	if (page)
		count_alloc(&site_ufx_once, 1 << ONCE_ORDER, PAGE_SIZE << ONCE_ORDER);
	return page;
}

static void end_lives(int at)
{
	if (objects[at]) {
		count_free(&site_ufx_long_objects, 1, ksize(objects[at]));
		kfree(objects[at]);
		objects[at] = NULL;
	}
	if (pages[at]) {
		__free_pages(pages[at], 1);
		count_free(&site_ufx_long_pages, 2, 2 * PAGE_SIZE);
		pages[at] = NULL;
	}
}

static void work_round(int round)
{
	int i;

	for (i = 0; round == 0 && i < ONCE_BLOCKS; i++) {
		struct page *page = ufx_once();

		if (page)
			keep(&kept_once, page);
	}
	end_lives(round % LONG);
	objects[round % LONG] = ufx_long_objects();
	pages[round % LONG] = ufx_long_pages();
}

static void work_quiesce(void)
{
	int i;

	for (i = 0; i < LONG; i++)
		end_lives(i);
}

static void work_release(void)
{
	unsigned int i;

	for (i = 0; i < kept_once.used; i++)
		__free_pages(kept_once.items[i], ONCE_ORDER);
}

module_init(start_work);
module_exit(end_work);
