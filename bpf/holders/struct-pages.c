// SPDX-License-Identifier: MIT
/* What the words of struct pages refer to: owners of objects, mappings, private data, neighbours in lists. */
#include <string.h>
#include "holders.h"

/* Words of struct pages, of one kind. */
static uint64_t gathered[MAX_WORDS];
static uint32_t nr_gathered;
static const char *gathered_name;

static void flush(void)
{
	if (nr_gathered) {
		notes_begin_root(LINK_STRUCT_PAGE, RANK_LIST, gathered_name);
		notes_of_root(gathered, nr_gathered);
	}
	nr_gathered = 0;
}

static void gather_as(const char *name)
{
	if (gathered_name != name)
		flush();
	gathered_name = name;
}

/* Not what the page before it has too. */
static void gather(const uint8_t *page, const uint8_t *before, int offset)
{
	if (offset < 0 || (before && memcmp(page + offset, before + offset, 8) == 0))
		return;
	memcpy(&gathered[nr_gathered++], page + offset, 8);
	if (nr_gathered == MAX_WORDS)
		flush();
}

/* A tail's word that leads to its own head. */
static bool is_tail_word(const uint8_t *page, int at)
{
	return at == fields[F_PAGE_COMPOUND].offset && page_word(page, F_PAGE_COMPOUND) & 1;
}

/*
 * Of a slab only the word that leads to its objects' owners: the others are its list and its free objects.
 * Of pages of users and files no list: their neighbours say nothing.
 */
static void see_struct_pages(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	static const char owners[] = "obj_exts", others[] = "";
	uint64_t pfn = tag + offset / bases.page_bytes;
	const uint8_t *before = NULL;

	(void)context;
	for (uint32_t done = 0; piece && done < bytes; done += (uint32_t)bases.page_bytes, pfn++) {
		const uint8_t *page = piece + done;

		switch (class_of_pfn[pfn]) {
		case CLASS_SLAB:
			gather_as(owners);
			gather(page, before, fields[F_SLAB_OBJ_EXTS].offset);
			break;
		case CLASS_ANON:
		case CLASS_FILE:
		case CLASS_SHMEM:
			gather_as(others);
			gather(page, before, fields[F_PAGE_MAPPING].offset);
			gather(page, before, fields[F_PAGE_PRIVATE].offset);
			gather(page, before, fields[F_PAGE_MEMCG].offset);
			break;
		default:
			gather_as(others);
			for (int at = 0; at < (int)bases.page_bytes; at += 8) {
				if (!is_tail_word(page, at))
					gather(page, NULL, at);
			}
		}
		before = page;
	}
	flush();
}

static bool has_words(uint8_t class)
{
	return class != CLASS_NONE && class != CLASS_FREE && class != CLASS_HOLE && class != CLASS_DEVICE &&
	       class != CLASS_MEMMAP && class != CLASS_OFFLINE && class != CLASS_TAIL_UNKNOWN && class != CLASS_PERCPU_FREE;
}

void struct_pages_scan(void)
{
	static const struct reader reader = { see_struct_pages, NULL, true };
	uint64_t end;

	for (uint64_t pfn = 0; pfn < machine.end_pfn; pfn = end) {
		bool wanted = has_words(class_of_pfn[pfn]);

		for (end = pfn + 1; end < machine.end_pfn && has_words(class_of_pfn[end]) == wanted; end++)
			;
		if (wanted)
			reader_add(&reader, page_of_pfn(pfn), (end - pfn) * bases.page_bytes, pfn);
	}
	reader_run(&reader);
}
