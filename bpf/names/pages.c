// SPDX-License-Identifier: MIT
/* Pages of files: tmpfs, page cache, huge pages. Their content is not read: the struct page leads to the inode. */
#include <stdlib.h>
#include "names.h"

/* What mappings led to: the pages of one file come one after the other, or mixed with those of a few. */
static struct {
	uint64_t mapping;
	char *text;
} seen[64];

/* The mapping that a page is of; 0: it is of none, or of a process. */
static uint64_t mapping_of(uint64_t pfn)
{
	uint8_t page[MAX_PAGE_BYTES];
	uint64_t mapping;

	if (!kernel_read(page_of_pfn(pfn), page, bases.page_bytes))
		return 0;
	if (page_is_tail(page)) {
		pfn = head_of_tail(pfn, page);
		if (pfn == UINT64_MAX || !kernel_read(page_of_pfn(pfn), page, bases.page_bytes) || page_is_tail(page))
			return 0;
	}
	mapping = page_word(page, F_PAGE_MAPPING);
	return mapping & 3 ? 0 : mapping;
}

static bool is_of_file(uint64_t pfn)
{
	enum page_class class = class_now(pfn);

	return class == CLASS_SHMEM || class == CLASS_FILE || class == CLASS_HUGETLB;
}

/* NULL: to no file that can be told. */
static const char *text_of(uint64_t mapping)
{
	uint32_t at = (uint32_t)(mapping * 0x9e3779b97f4a7c15ull >> 58);
	uint64_t inode;
	size_t bytes;
	FILE *to;

	if (seen[at].mapping == mapping)
		return seen[at].text;
	free(seen[at].text);
	seen[at].text = NULL;
	seen[at].mapping = mapping;
	inode = inode_of_space(mapping);
	to = inode ? open_memstream(&seen[at].text, &bytes) : NULL;
	if (!to)
		return NULL;
	inode = inode_put(to, inode);
	if (fclose(to) != 0)
		die("out of memory");
	if (!inode) {
		free(seen[at].text);
		seen[at].text = NULL;
	}
	return seen[at].text;
}

bool page_put(FILE *to, uint64_t pfn)
{
	const char *text;
	uint64_t mapping;

	if (pfn >= machine.end_pfn || !in_ram(pfn) || !is_of_file(pfn))
		return false;
	mapping = mapping_of(pfn);
	text = mapping ? text_of(mapping) : NULL;
	if (!text)
		return false;
	fputs(text, to);
	/* the page may have gone to another file meanwhile */
	return is_of_file(pfn) && mapping_of(pfn) == mapping;
}
