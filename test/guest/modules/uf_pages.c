// SPDX-License-Identifier: GPL-2.0
/*
 * Pages: three orders, a compound block, a block that is split and freed in
 * part, alloc_pages_exact(), and a block freed while a reference holds its head.
 */
#include "truth.h"

SITE(ufp_order0, "page");
SITE(ufp_order2, "page");
SITE(ufp_order4, "page");
SITE(ufp_compound, "page");
SITE(ufp_split, "page");
SITE(ufp_exact, "page");
SITE(ufp_extra_ref, "page");
SITES(&site_ufp_order0, &site_ufp_order2, &site_ufp_order4, &site_ufp_compound, &site_ufp_split,
      &site_ufp_exact, &site_ufp_extra_ref)

#define EXACT_BYTES 20480 /* 5 pages of a block of 8 */

static struct kept kept0, kept2, kept4, kept_compound, kept_split, kept_exact;
static struct ring ring0, ring2, ring4, ring_compound;

static PLANTED struct page *ufp_order0(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	if (page)
		count_alloc(&site_ufp_order0, 1, PAGE_SIZE);
	return page;
}

static PLANTED struct page *ufp_order2(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	if (page)
		count_alloc(&site_ufp_order2, 4, 4 * PAGE_SIZE);
	return page;
}

static PLANTED struct page *ufp_order4(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 4);

	if (page)
		count_alloc(&site_ufp_order4, 16, 16 * PAGE_SIZE);
	return page;
}

static PLANTED struct page *ufp_compound(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);

	if (page)
		count_alloc(&site_ufp_compound, 8, 8 * PAGE_SIZE);
	return page;
}

static PLANTED struct page *ufp_split(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);

	if (page) {
		split_page(page, 3);
		count_alloc(&site_ufp_split, 8, 8 * PAGE_SIZE);
	}
	return page;
}

static PLANTED void *ufp_exact(void)
{
	void *p = alloc_pages_exact(EXACT_BYTES, GFP_KERNEL);

	/* a block of 8 was taken, its last 3 pages were freed at once */
	if (p) {
		count_alloc(&site_ufp_exact, 8, 8 * PAGE_SIZE);
		count_free(&site_ufp_exact, 3, 3 * PAGE_SIZE);
	}
	return p;
}

static PLANTED struct page *ufp_extra_ref(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	if (page)
		count_alloc(&site_ufp_extra_ref, 4, 4 * PAGE_SIZE);
	return page;
}

static void free_block(struct site *site, struct page *page, unsigned int order)
{
	if (!page)
		return;
	__free_pages(page, order);
	count_free(site, 1 << order, PAGE_SIZE << order);
}

static void free_compound(struct page *page)
{
	if (!page)
		return;
	put_page(page);
	count_free(&site_ufp_compound, 8, 8 * PAGE_SIZE);
}

static void split_round(int round)
{
	struct page *page = ufp_split();
	int i;

	/* freed out of order; sometimes the third and the sixth page stay */
	for (i = 7; page && i >= 0; i--) {
		if (round % 4 == 0 && (i == 2 || i == 5)) {
			keep(&kept_split, page + i);
			continue;
		}
		__free_page(page + i);
		count_free(&site_ufp_split, 1, PAGE_SIZE);
	}
}

static void exact_round(int round)
{
	void *p = ufp_exact();

	if (!p)
		return;
	if (round % 5 == 0) {
		keep(&kept_exact, p);
		return;
	}
	free_pages_exact(p, EXACT_BYTES);
	count_free(&site_ufp_exact, 5, 5 * PAGE_SIZE);
}

static void extra_ref_round(void)
{
	struct page *page = ufp_extra_ref();

	if (!page)
		return;
	/* another reference holds the head: the tail is freed now, the head with the last reference */
	get_page(page);
	__free_pages(page, 2);
	put_page(page);
	count_free(&site_ufp_extra_ref, 4, 4 * PAGE_SIZE);
}

static void work_round(int round)
{
	struct page *page;

	page = ufp_order0();
	if (page && round % 3 == 0)
		keep(&kept0, page);
	else
		free_block(&site_ufp_order0, displace(&ring0, page), 0);
	page = ufp_order2();
	if (page && round % 7 == 0)
		keep(&kept2, page);
	else
		free_block(&site_ufp_order2, displace(&ring2, page), 2);
	page = ufp_order4();
	if (page && round % 11 == 0)
		keep(&kept4, page);
	else
		free_block(&site_ufp_order4, displace(&ring4, page), 4);
	page = ufp_compound();
	if (page && round % 13 == 0)
		keep(&kept_compound, page);
	else
		free_compound(displace(&ring_compound, page));
	split_round(round);
	exact_round(round);
	extra_ref_round();
}

static void work_quiesce(void)
{
	int i;

	for (i = 0; i < RING; i++) {
		free_block(&site_ufp_order0, displace(&ring0, NULL), 0);
		free_block(&site_ufp_order2, displace(&ring2, NULL), 2);
		free_block(&site_ufp_order4, displace(&ring4, NULL), 4);
		free_compound(displace(&ring_compound, NULL));
	}
}

static void work_release(void)
{
	unsigned int i;

	for (i = 0; i < kept0.used; i++)
		__free_pages(kept0.items[i], 0);
	for (i = 0; i < kept2.used; i++)
		__free_pages(kept2.items[i], 2);
	for (i = 0; i < kept4.used; i++)
		__free_pages(kept4.items[i], 4);
	for (i = 0; i < kept_compound.used; i++)
		put_page(kept_compound.items[i]);
	for (i = 0; i < kept_split.used; i++)
		__free_page(kept_split.items[i]);
	for (i = 0; i < kept_exact.used; i++)
		free_pages_exact(kept_exact.items[i], EXACT_BYTES);
}

module_init(start_work);
module_exit(end_work);
