// SPDX-License-Identifier: GPL-2.0
/*
 * vmalloc areas and per-CPU memory. An area has two truths: its address range
 * (vmalloc) and the pages behind it (page), on the same call path.
 */
#include <linux/percpu.h>
#include <linux/vmalloc.h>
#include "truth.h"

SITE(ufa_vmalloc, "vmalloc");
static struct site pages_ufa_vmalloc = { .fn = "ufa_vmalloc", .kind = "page" };
SITE(ufa_vzalloc, "vmalloc");
static struct site pages_ufa_vzalloc = { .fn = "ufa_vzalloc", .kind = "page" };
SITE(ufa_percpu, "percpu");
SITE(ufa_percpu_small, "percpu");
SITES(&site_ufa_vmalloc, &pages_ufa_vmalloc, &site_ufa_vzalloc, &pages_ufa_vzalloc, &site_ufa_percpu,
      &site_ufa_percpu_small)

#define SMALL_PAGES 3
#define LARGE_PAGES 150
#define PERCPU_BYTES 256
#define PERCPU_SMALL_BYTES 24

static struct kept kept_small, kept_large, kept_percpu, kept_percpu_small;
static struct ring ring_small, ring_percpu, ring_percpu_small;

static PLANTED void *ufa_vmalloc(void)
{
	void *p = vmalloc(SMALL_PAGES * PAGE_SIZE);

	if (p) {
		count_alloc(&site_ufa_vmalloc, SMALL_PAGES, SMALL_PAGES * PAGE_SIZE);
		count_alloc(&pages_ufa_vmalloc, SMALL_PAGES, SMALL_PAGES * PAGE_SIZE);
	}
	return p;
}

static PLANTED void *ufa_vzalloc(void)
{
	void *p = vzalloc(LARGE_PAGES * PAGE_SIZE);

	if (p) {
		count_alloc(&site_ufa_vzalloc, LARGE_PAGES, LARGE_PAGES * PAGE_SIZE);
		count_alloc(&pages_ufa_vzalloc, LARGE_PAGES, LARGE_PAGES * PAGE_SIZE);
	}
	return p;
}

static PLANTED void __percpu *ufa_percpu(void)
{
	void __percpu *p = __alloc_percpu(PERCPU_BYTES, 8);

	if (p)
		count_alloc(&site_ufa_percpu, 1, PERCPU_BYTES * num_possible_cpus());
	return p;
}

static PLANTED void __percpu *ufa_percpu_small(void)
{
	void __percpu *p = __alloc_percpu(PERCPU_SMALL_BYTES, 8);

	if (p)
		count_alloc(&site_ufa_percpu_small, 1, PERCPU_SMALL_BYTES * num_possible_cpus());
	return p;
}

static void free_area(struct site *area, struct site *pages, void *p, long count)
{
	if (!p)
		return;
	vfree(p);
	count_free(area, count, count * PAGE_SIZE);
	count_free(pages, count, count * PAGE_SIZE);
}

static void free_per_cpu(struct site *site, void *p, long bytes)
{
	if (!p)
		return;
	free_percpu((void __percpu *)p);
	count_free(site, 1, bytes * num_possible_cpus());
}

static void work_round(int round)
{
	void *p;

	p = ufa_vmalloc();
	if (p && round % 5 == 0)
		keep(&kept_small, p);
	else
		free_area(&site_ufa_vmalloc, &pages_ufa_vmalloc, displace(&ring_small, p), SMALL_PAGES);
	if (round % 8 == 0) {
		p = ufa_vzalloc();
		if (p && round % 40 == 0)
			keep(&kept_large, p);
		else
			free_area(&site_ufa_vzalloc, &pages_ufa_vzalloc, p, LARGE_PAGES);
	}
	p = (__force void *)ufa_percpu();
	if (p && round % 4 == 0)
		keep(&kept_percpu, p);
	else
		free_per_cpu(&site_ufa_percpu, displace(&ring_percpu, p), PERCPU_BYTES);
	p = (__force void *)ufa_percpu_small();
	if (p && round % 3 == 0)
		keep(&kept_percpu_small, p);
	else
		free_per_cpu(&site_ufa_percpu_small, displace(&ring_percpu_small, p), PERCPU_SMALL_BYTES);
}

static void work_quiesce(void)
{
	int i;

	for (i = 0; i < RING; i++) {
		free_area(&site_ufa_vmalloc, &pages_ufa_vmalloc, displace(&ring_small, NULL), SMALL_PAGES);
		free_per_cpu(&site_ufa_percpu, displace(&ring_percpu, NULL), PERCPU_BYTES);
		free_per_cpu(&site_ufa_percpu_small, displace(&ring_percpu_small, NULL), PERCPU_SMALL_BYTES);
	}
}

static void work_release(void)
{
	unsigned int i;

	for (i = 0; i < kept_small.used; i++)
		vfree(kept_small.items[i]);
	for (i = 0; i < kept_large.used; i++)
		vfree(kept_large.items[i]);
	for (i = 0; i < kept_percpu.used; i++)
		free_percpu((void __percpu *)kept_percpu.items[i]);
	for (i = 0; i < kept_percpu_small.used; i++)
		free_percpu((void __percpu *)kept_percpu_small.items[i]);
}

module_init(start_work);
module_exit(end_work);
