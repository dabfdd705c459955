// SPDX-License-Identifier: MIT
/*
 * Reads areas of the kernel's address space: vmalloc, stacks, per-CPU chunks, modules. An address there says
 * nothing of the page behind it, and a page that is poisoned stays mapped: so the page tables are asked which
 * pages they are, and each page's own struct page right before it is read.
 */
#include "census.h"

#define PAGE 4096u
#define TABLE_ENTRIES 512u

static struct mapped {
	uint64_t address, pfn;
	bool ok;
} pages[PAGES_TOGETHER];
static uint32_t nr_pages;

/* What is being read, for whom. */
static struct {
	const struct reader *reader;
	uint64_t start, end, tag;
} now;

static void see_page(void *context, uint64_t tag, uint64_t offset, const uint8_t *page, uint32_t bytes)
{
	(void)context, (void)offset, (void)bytes;
	pages[tag].ok = page && area_page_may_be_read(page);
}

/* Tags are addresses. */
static void pass_on(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context;
	now.reader->done(now.reader->context, now.tag, tag + offset - now.start, piece, bytes);
}

/* By their linear addresses: so it is the page that was looked at, whatever the area has by now. */
static void read_run(const struct reader *content, uint32_t first, uint32_t behind)
{
	uint64_t from = pages[first].address, to = pages[behind - 1].address + PAGE, place = linear_of_pfn(pages[first].pfn) - from;

	from = from < now.start ? now.start : from;
	to = to - from < now.end - from ? to : now.end;
	reader_add(content, place + from, to - from, from);
}

static void read_pages(void)
{
	static const struct reader look = { see_page, NULL, false }, content = { pass_on, NULL, true };
	uint32_t nr = nr_pages, end;

	nr_pages = 0;
	for (uint32_t i = 0; i < nr; i++)
		reader_add(&look, page_of_pfn(pages[i].pfn), bases.page_bytes, i);
	reader_run(&look);
	for (uint32_t i = 0; i < nr; i = end) {
		for (end = i + 1; end < nr && pages[end].ok == pages[i].ok && pages[end].address == pages[end - 1].address + PAGE &&
				  pages[end].pfn == pages[end - 1].pfn + 1;
		     end++)
			;
		if (pages[i].ok)
			read_run(&content, i, end);
	}
	reader_run(&content);
}

static void add_page(uint64_t address, uint64_t pfn)
{
	if (page_may_be_read(pfn))
		pages[nr_pages++] = (struct mapped){ address, pfn, false };
}

/* Pages of one last table, or as many of an entry above, up to `end`; returns where to go on. */
static uint64_t add_entries(uint64_t address, uint64_t end)
{
	struct walked at = walk_tables(address, page_may_be_read);
	bool present = at.entry & TABLE_PRESENT;
	uint64_t bytes = at.shift == 12 || present ? PAGE * TABLE_ENTRIES : 1ull << at.shift, words[TABLE_ENTRIES];
	uint64_t stop = (address | (bytes - 1)) + 1;

	stop = stop - address < end - address ? stop : end;
	if (at.shift > 12) {
		for (; present && address < stop; address += PAGE)
			add_page(address, walked_pfn(&at, address));
		return stop;
	}
	if (!safe_read(at.table + (address >> 12) % TABLE_ENTRIES * 8, words, (stop - address) / PAGE * 8))
		return stop;
	for (uint32_t i = 0; address < stop; address += PAGE, i++) {
		at.entry = words[i];
		if (words[i] & TABLE_PRESENT)
			add_page(address, walked_pfn(&at, address));
	}
	return stop;
}

void mapped_read(const struct reader *reader, uint64_t start, uint64_t end, uint64_t tag)
{
	uint64_t at = start & ~(uint64_t)(PAGE - 1), last = (end + PAGE - 1) & ~(uint64_t)(PAGE - 1);

	now.reader = reader;
	now.start = start;
	now.end = end;
	now.tag = tag;
	while (at < last) {
		together_begin();
		while (at < last && nr_pages <= PAGES_TOGETHER - TABLE_ENTRIES)
			at = add_entries(at, last);
		read_pages();
		together_end();
	}
}
