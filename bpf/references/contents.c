// SPDX-License-Identifier: MIT
/*
 * Reads the content of pages. Before that, without a pause, their struct pages are read again: only pages that
 * still have the class that stage 1 gave them, in blocks without a poisoned page, are read. What lies in them is looked at piece by piece, and nothing of
 * it is kept.
 */
#include <string.h>
#include "nodes.h"

static uint8_t wanted;
static uint32_t first_together;
static bool same[PAGES_TOGETHER];

/* The first page of a block says its class, and each of its pages if it is poisoned. */
static void check_block(void *context, uint64_t tag, uint64_t offset, const uint8_t *pages, uint32_t bytes)
{
	const struct block *block = &blocks[first_together + tag];
	uint64_t nr;

	(void)context;
	if (!offset)
		same[tag] = pages && page_decide(block->pfn, pages, bytes / bases.page_bytes, &nr) == block->class;
	for (uint32_t at = 0; pages && at < bytes; at += (uint32_t)bases.page_bytes)
		same[tag] &= !page_is_poisoned(pages + at);
	same[tag] &= pages != NULL;
}

/* How many blocks from `first` up to `end` are looked at together, at least one. */
static uint32_t nr_together(uint32_t first, uint32_t end)
{
	uint32_t together = 0, pages = 0;

	while (first + together < end) {
		pages += block_pages(&blocks[first + together]);
		if (together && pages > PAGES_TOGETHER)
			break;
		together++;
	}
	return together;
}

void contents_of_blocks(uint32_t first, uint32_t nr, const struct reader *reader)
{
	static const struct reader check = { check_block, NULL, true };
	uint32_t end = first + nr, together;

	for (; first < end; first += together) {
		together = nr_together(first, end);
		first_together = first;
		together_begin();
		for (uint32_t i = 0; i < together; i++)
			reader_add(&check, page_of_pfn(blocks[first + i].pfn), block_pages(&blocks[first + i]) * bases.page_bytes, i);
		reader_run(&check);
		for (uint32_t i = 0; i < together; i++) {
			const struct block *block = &blocks[first + i];

			if (same[i])
				reader_add(reader, linear_of_pfn(block->pfn), (uint64_t)block_pages(block) << 12, first + i);
		}
		reader_run(reader);
		together_end();
	}
}

/* The struct pages of some pages; what fits goes to the reader as runs. */
static void check_pages(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t pfn = tag + offset / bases.page_bytes, nr;

	(void)context;
	for (uint64_t left = bytes / bases.page_bytes; left; left--, pfn++) {
		same[pfn - tag] = piece && page_decide(pfn, piece, left, &nr) == wanted;
		piece = piece ? piece + bases.page_bytes : NULL;
	}
}

void contents_of_pages(uint64_t pfn, uint64_t end, enum page_class class, const struct reader *reader)
{
	static const struct reader check = { check_pages, NULL, true };

	wanted = (uint8_t)class;
	while (pfn < end) {
		uint64_t nr = end - pfn < PAGES_TOGETHER ? end - pfn : PAGES_TOGETHER, run;

		together_begin();
		reader_add(&check, page_of_pfn(pfn), nr * bases.page_bytes, pfn);
		reader_run(&check);
		for (uint64_t i = 0; i < nr; i += run) {
			for (run = 1; i + run < nr && same[i + run] == same[i]; run++)
				;
			if (same[i])
				reader_add(reader, linear_of_pfn(pfn + i), run << 12, pfn + i);
		}
		reader_run(reader);
		together_end();
		pfn += nr;
	}
}

/*
 * A host of TDX guests owns pages that answer a read with a machine check, and nothing marks them: there
 * no content of unaccounted pages is read.
 */
bool unaccounted_is_readable(void)
{
	static int readable = -1;
	char line[8192];
	FILE *file;

	if (readable >= 0)
		return readable;
	readable = 1;
	file = fopen("/proc/cpuinfo", "re");
	while (readable && file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "flags", 5) == 0 && strstr(line, " tdx_host_platform"))
			readable = 0;
	}
	if (file)
		fclose(file);
	return readable;
}
