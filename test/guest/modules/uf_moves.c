// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that move: as in a migration, the new page is allocated, the function that every migration
 * calls once is called, and the old page is freed. What the old page held is then held by the new
 * one. The pages are on no list and of no file, so nothing of the old one is copied but its flags.
 */
#include "truth.h"
#include <linux/migrate.h>

SITE(ufm_moved, "page");
SITE(ufm_moved_block, "page");
SITE(ufm_target, "page");
SITES(&site_ufm_moved, &site_ufm_moved_block, &site_ufm_target)

#define BLOCK_ORDER 2

static struct kept kept_pages, kept_blocks;
static struct ring ring_pages;

static PLANTED struct page *ufm_moved(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	if (page)
		count_alloc(&site_ufm_moved, 1, PAGE_SIZE);
	return page;
}

static PLANTED struct page *ufm_moved_block(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, BLOCK_ORDER);

	if (page)
		count_alloc(&site_ufm_moved_block, 1 << BLOCK_ORDER, PAGE_SIZE << BLOCK_ORDER);
	return page;
}

static PLANTED struct page *ufm_target(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL | (order ? __GFP_COMP : 0), order);

	if (page)
		count_alloc(&site_ufm_target, 1 << order, PAGE_SIZE << order);
	return page;
}

/* Returns the page that holds it now. */
static struct page *move(struct page *from, unsigned int order)
{
	struct page *to = ufm_target(order);

	if (!to)
		return from;
	lock_page(from);
	lock_page(to);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
	folio_migrate_flags(page_folio(to), page_folio(from));
#else
	migrate_page_states(to, from);
#endif
	unlock_page(to);
	unlock_page(from);
	/* the page that was allocated for the move is what is freed, by its place */
	__free_pages(from, order);
	count_free(&site_ufm_target, 1 << order, PAGE_SIZE << order);
	return to;
}

static void work_round(int round)
{
	struct page *page = ufm_moved(), *block = ufm_moved_block(), *oldest;

	if (page)
		page = move(page, 0);
	if (page && round % 2)
		page = move(page, 0);
	if (block)
		keep(&kept_blocks, move(block, BLOCK_ORDER));
	if (!page)
		return;
	if (round % 4 == 0) {
		keep(&kept_pages, page);
		return;
	}
	oldest = displace(&ring_pages, page);
	if (oldest) {
		__free_pages(oldest, 0);
		count_free(&site_ufm_moved, 1, PAGE_SIZE);
	}
}

static void work_quiesce(void)
{
	unsigned int i;

	for (i = 0; i < RING; i++) {
		if (!ring_pages.items[i])
			continue;
		__free_pages(ring_pages.items[i], 0);
		count_free(&site_ufm_moved, 1, PAGE_SIZE);
	}
}

static void work_release(void)
{
	while (kept_pages.used)
		__free_pages(kept_pages.items[--kept_pages.used], 0);
	while (kept_blocks.used)
		__free_pages(kept_blocks.items[--kept_blocks.used], BLOCK_ORDER);
}

module_init(start_work);
module_exit(end_work);
