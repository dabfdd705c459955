// SPDX-License-Identifier: MIT
/*
 * What the census counted beside what the kernel counts. The kernel's counts are read before the walk and
 * after it: `theirs` is the one of the two that is nearer, because a machine at work changes meanwhile.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "census.h"

#define MAX_CHECKS 32
/* A difference of so many pages or objects is none, however small the count. */
#define SLACK 256
#define CACHES_COMPARED 5

/* Counts of the kernel, pages. */
enum theirs { T_FREE, T_SLAB, T_TABLES, T_STACKS, T_PERCPU, T_HUGETLB, T_ANON, T_SHMEM, T_FILE, NR_THEIRS };

static uint64_t before[NR_THEIRS], after[NR_THEIRS], first_chunk_pages;
static struct check checks[MAX_CHECKS];
static size_t nr_checks;

static void read_theirs(uint64_t *pages)
{
	static const char *const names[NR_THEIRS][4] = {
		[T_SLAB] = { "SReclaimable", "SUnreclaim" },
		[T_TABLES] = { "PageTables" },
		[T_STACKS] = { "KernelStack" },
		[T_PERCPU] = { "Percpu" },
		[T_HUGETLB] = { "Hugetlb" },
		[T_ANON] = { "AnonPages" },
		[T_SHMEM] = { "Shmem" },
		/* with Shmem, which is taken off below */
		[T_FILE] = { "Cached", "Buffers" },
	};

	for (int i = 0; i < NR_THEIRS; i++) {
		pages[i] = 0;
		for (int n = 0; n < 4 && names[i][n]; n++)
			pages[i] += meminfo_bytes(names[i][n]) / 4096;
	}
	pages[T_FILE] -= pages[T_SHMEM] < pages[T_FILE] ? pages[T_SHMEM] : pages[T_FILE];
	pages[T_FREE] = free_pages("/proc/zoneinfo");
}

void checks_open(void)
{
	first_chunk_pages = percpu_first_chunk_bytes() / 4096;
}

void checks_before(void)
{
	read_theirs(before);
}

static void add(const char *what, uint64_t ours, uint64_t theirs, const char *unit, double within)
{
	uint64_t apart = ours > theirs ? ours - theirs : theirs - ours;

	if (nr_checks < MAX_CHECKS)
		checks[nr_checks++] = (struct check){ what, unit, ours, theirs, within,
						      apart <= (within ? SLACK : 0) || (double)apart <= within / 100 * (double)theirs };
}

static void compare(const char *what, uint64_t ours, enum theirs which, double within)
{
	uint64_t low = before[which] < after[which] ? before[which] : after[which];
	uint64_t high = before[which] < after[which] ? after[which] : before[which];

	add(what, ours, ours < low ? low : ours > high ? high : ours, "pages", within);
}

/* ---- objects ---- */

static int by_pages(const void *a, const void *b)
{
	const struct cache_seen *x = *(const struct cache_seen *const *)a, *y = *(const struct cache_seen *const *)b;

	return x->pages > y->pages ? -1 : x->pages < y->pages;
}

static void compare_cache(const struct cache_seen *cache, FILE *slabinfo)
{
	char line[256], name[64], *what;
	uint64_t active, objects;

	rewind(slabinfo);
	while (fgets(line, sizeof(line), slabinfo)) {
		if (sscanf(line, "%63s %" SCNu64 " %" SCNu64, name, &active, &objects) != 3 || strcmp(name, cache->name) != 0)
			continue;
		if (asprintf(&what, "objects of %s / slabinfo", cache->name) > 0)
			add(what, cache->objects, objects, "objects", 5);
		return;
	}
}

static void compare_caches(void)
{
	const struct cache_seen **largest = calloc(nr_caches + 1, sizeof(*largest));
	FILE *slabinfo = fopen("/proc/slabinfo", "re");
	size_t nr = 0;

	if (!largest)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++)
		largest[nr++] = &caches[i];
	qsort(largest, nr, sizeof(*largest), by_pages);
	for (size_t i = 0; slabinfo && i < nr && i < CACHES_COMPARED; i++)
		compare_cache(largest[i], slabinfo);
	if (slabinfo)
		fclose(slabinfo);
	free(largest);
}

/* Pages of all slabs, by /proc/slabinfo; 0: it cannot be read. Slabs that were made smaller for want of memory count whole. */
static uint64_t slabinfo_pages(void)
{
	FILE *slabinfo = fopen("/proc/slabinfo", "re");
	uint64_t pages = 0, each, number;
	char line[256];

	while (slabinfo && fgets(line, sizeof(line), slabinfo)) {
		if (sscanf(line, "%*s %*u %*u %*u %*u %" SCNu64 " : tunables %*u %*u %*u : slabdata %*u %" SCNu64, &each, &number) == 2)
			pages += each * number;
	}
	if (slabinfo)
		fclose(slabinfo);
	return pages;
}

/* Slab has large kmallocs too; before 6.18 they have no mark, and are unaccounted here. */
static void compare_slab(void)
{
	if (values[V_PGTY_large_kmalloc] >= 0)
		compare("slab and large-kmalloc / Slab", pages_of_class(CLASS_SLAB) + pages_of_class(CLASS_LARGE_KMALLOC), T_SLAB, 2);
	else
		add("slab / slabs of slabinfo", pages_of_class(CLASS_SLAB), slabinfo_pages(), "pages", 2);
}

/* ---- all of them ---- */

static uint64_t own_pages_found(void)
{
	uint64_t found = 0;

	for (int i = 0; i < bases.nr_own_pfns; i++)
		found += class_of_pfn[bases.own_pfns[i]] == CLASS_ANON;
	return found;
}

void checks_after(void)
{
	uint64_t all = 0, spanned = 0;

	read_theirs(after);
	for (int class = 1; class < NR_CLASSES; class++)
		all += pages_of_class(class);
	for (int i = 0; i < nr_walk_spans; i++)
		spanned += walk_spans[i].end - walk_spans[i].first;
	add("pages of all classes / spanned pages of all zones", all, spanned, "pages", 0);
	add("this process's own pages, found as anon", own_pages_found(), (uint64_t)bases.nr_own_pfns, "pages", 0);
	compare("free / nr_free_pages of zoneinfo", pages_of_class(CLASS_FREE), T_FREE, 2);
	compare_slab();
	compare("pagetable / PageTables", pages_of_class(CLASS_PAGETABLE), T_TABLES, 5);
	/* more is right: those of tasks that have ended wait for RCU, and for their CPU's next task */
	if (pages_of_class(CLASS_STACK) < after[T_STACKS])
		compare("stack / KernelStack", pages_of_class(CLASS_STACK), T_STACKS, 10);
	compare("percpu and the first chunk / Percpu", pages_of_class(CLASS_PERCPU) + first_chunk_pages, T_PERCPU, 5);
	compare("hugetlb / Hugetlb", pages_of_class(CLASS_HUGETLB), T_HUGETLB, 2);
	compare("anon / AnonPages", pages_of_class(CLASS_ANON), T_ANON, 5);
	compare("shmem / Shmem", pages_of_class(CLASS_SHMEM), T_SHMEM, 2);
	compare("file / Cached and Buffers without Shmem", pages_of_class(CLASS_FILE), T_FILE, 2);
	compare_caches();
}

const struct check *check_at(size_t index)
{
	return index < nr_checks ? &checks[index] : NULL;
}
