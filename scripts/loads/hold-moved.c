/*
 * hold-moved [MIB] [--wait]: holds MIB MiB (400) of anonymous memory in pages of their own, and makes the
 * kernel move a quarter of them, or as many as it gets moved in 20 s.
 *
 * Truth: as many pages held as asked for, each an order-0 page taken in do_anonymous_page, before and
 * after the moves. `moved` counts those whose pfn in /proc/self/pagemap has changed. Compaction moves
 * pages from the low end of a zone to its high end. So the load takes four times as much, holds every
 * second one of the lower half by pfn, and gives the others back. It needs root: pagemap shows pfns to
 * root alone.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096UL
#define SHARE 4
#define LONGEST_S 20
#define GIGANTIC "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define PFN_MASK ((1ULL << 55) - 1)

struct page {
	uint64_t pfn;
	size_t number; /* in the area */
};

static unsigned char *area;
static size_t all_pages;

/* Memory for the load's own figures: shared, so that none of it comes through do_anonymous_page. */
static void *own_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		load_die("mmap");
	return memory;
}

static uint64_t *read_pagemap(void)
{
	uint64_t *entries = own_memory(all_pages * sizeof(*entries));
	int fd = open("/proc/self/pagemap", O_RDONLY);
	size_t bytes = all_pages * sizeof(*entries);

	if (fd < 0 || pread(fd, entries, bytes, (off_t)((uintptr_t)area / PAGE * 8)) != (ssize_t)bytes)
		load_die("/proc/self/pagemap");
	close(fd);
	for (size_t i = 0; i < all_pages; i++)
		entries[i] &= PFN_MASK;
	return entries;
}

static int by_pfn(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

/* Returns the pages that are held, `all_pages / SHARE` of them. */
static struct page *take_pages(void)
{
	struct page *pages = own_memory(all_pages * sizeof(*pages));
	uint64_t *pfns;
	size_t held = 0;

	area = mmap(NULL, all_pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		load_die("mmap");
	madvise(area, all_pages * PAGE, MADV_NOHUGEPAGE);
	memset(area, 1, all_pages * PAGE);
	pfns = read_pagemap();
	for (size_t i = 0; i < all_pages; i++)
		pages[i] = (struct page){ pfns[i], i };
	munmap(pfns, all_pages * sizeof(*pfns));
	qsort(pages, all_pages, sizeof(*pages), by_pfn);
	for (size_t i = 0; i < all_pages; i++) {
		if (i < all_pages / 2 && i % 2 == 0)
			pages[held++] = pages[i];
		else if (madvise(area + pages[i].number * PAGE, PAGE, MADV_DONTNEED) != 0)
			load_die("madvise");
	}
	return pages;
}

/* False if there is no such file. */
static int write_number(const char *path, int number)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return 0;
	if (dprintf(fd, "%d", number) < 0)
		load_die(path);
	close(fd);
	return 1;
}

/*
 * A compaction ends early where it finds no free page at once. So every fourth turn asks for gigantic
 * pages instead: the kernel moves all that lies where they will be.
 */
static void move_memory(int turn)
{
	if (turn % 4 == 3 && write_number(GIGANTIC, turn / 4 + 1))
		write_number(GIGANTIC, 0);
	else if (!write_number("/proc/sys/vm/compact_memory", 1))
		load_die("/proc/sys/vm/compact_memory");
}

static size_t nr_moved(const struct page *pages, size_t held)
{
	uint64_t *now = read_pagemap();
	size_t moved = 0;

	for (size_t i = 0; i < held; i++)
		moved += pages[i].pfn != now[pages[i].number];
	munmap(now, all_pages * sizeof(*now));
	return moved;
}

static long seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int main(int argc, char **argv)
{
	long mib = 400;
	int wait = 0;
	size_t moved = 0, held;
	struct page *pages;
	long start;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait = 1;
		else
			mib = load_number(argv[i], 100000);
	}
	load_begin();
	held = (size_t)mib * 256;
	all_pages = held * SHARE;
	load_wait_for_go("hold-moved", wait);
	pages = take_pages();
	start = seconds();
	for (int turn = 0; seconds() < start + LONGEST_S && moved < held / 4; turn++) {
		move_memory(turn);
		moved = nr_moved(pages, held);
	}
	load_say("{\"state\":\"held\",\"program\":\"hold-moved\",\"pid\":%d,\"moved\":%zu,\"truth\":["
		 "{\"allocator\":\"page\",\"kind\":\"mm_page_alloc\",\"symbol\":\"do_anonymous_page\",\"count\":%zu,\"bytes\":%zu}]}\n",
		 (int)getpid(), moved, held, held * PAGE);
	if (!load_next_line())
		return 0;
	munmap(area, all_pages * PAGE);
	load_say("{\"state\":\"released\",\"program\":\"hold-moved\",\"pid\":%d}\n", (int)getpid());
	while (load_next_line())
		;
	return 0;
}
