// SPDX-License-Identifier: MIT
/*
 * The objects of slabs that are in use. For some slabs at a time, and without a pause: all their struct pages are
 * read again, and only what is still the slab that stage 1 saw, with no poisoned page, is read itself, each together
 * with its list of free objects.
 */
#include <stdlib.h>
#include <string.h>
#include "references.h"

/* Slabs looked at together, if their pages are no more than PAGES_TOGETHER. */
#define NR_TOGETHER 1024u
#define MAX_STRUCT_PAGE 256u
/* A reader takes no more in one piece. */
#define MAX_PIECE (64u << 10)

struct cache_count *cache_counts;
uint64_t *doubtful;

static object_done *object;
static const bool *wanted; /* by cache */
static bool counting;
static uint8_t *large; /* a slab that is longer than a piece */
static size_t large_bytes;

static struct {
	bool same, frozen;
	uint64_t list;
} seen[NR_TOGETHER];

static bool is_same_slab(const struct block *block, const uint8_t *page)
{
	bool slab = marks.slab ? field_of(page, F_PAGE_FLAGS) & marks.slab :
				 class_of_type((uint32_t)field_of(page, F_PAGE_TYPE)) == CLASS_SLAB;

	return slab && !page_is_tail(page) && !page_is_poisoned(page) && field_of(page, F_SLAB_CACHE) == caches[block->cache].address;
}

static bool is_frozen(const uint8_t *page)
{
	return has_field(F_SLAB_FROZEN) && field_of(page, F_SLAB_FROZEN);
}

/* All pages of a slab: each says by itself if it is poisoned. */
static void check_again(void *context, uint64_t tag, uint64_t offset, const uint8_t *pages, uint32_t bytes)
{
	const struct block *block = &blocks[*(uint32_t *)context + tag];

	if (!offset)
		seen[tag].same = pages && is_same_slab(block, pages);
	for (uint32_t at = 0; pages && at < bytes; at += (uint32_t)bases.page_bytes)
		seen[tag].same &= !page_is_poisoned(pages + at);
	seen[tag].same &= pages != NULL;
}

static void count_slab(struct cache_count *count, const struct block *block)
{
	if (!counting)
		return;
	count->slabs++;
	count->pages += block_pages(block);
	count->total += block->objects;
}

static void look_at_slab(uint32_t id, uint64_t list, bool frozen, const uint8_t *content)
{
	const struct block *block = &blocks[id];
	const struct shape *shape = &shapes[block->cache];
	struct cache_count *count = &cache_counts[block->cache];
	uint32_t words = (caches[block->cache].object_size + 7) / 8;
	uint64_t free_bits[65536 / 64];
	uint64_t of_cpu = cpu_list_of(id);

	memset(free_bits, 0, (block->objects / 64 + 1) * 8);
	/* a list that changed while it was read says nothing: all count as in use */
	if (!free_list_walk(block, list, content, free_bits) || (of_cpu && !free_list_walk(block, of_cpu, content, free_bits))) {
		memset(free_bits, 0, (block->objects / 64 + 1) * 8);
		count->bad_walks += counting;
		set_bit(doubtful, id);
	}
	/* a CPU has taken its list since those of CPUs were read */
	if (frozen && !list && !of_cpu)
		set_bit(doubtful, id);
	words_fetch((const uint64_t *)content, block_pages(block) << 9);
	count_slab(count, block);
	for (uint32_t i = 0; i < block->objects; i++) {
		uint32_t node = block->first + i;

		if (has_bit(free_bits, i) || has_bit(free_bits_of_sheaves, node))
			continue;
		if (counting) {
			set_bit(live, node);
			count->live++;
		}
		object(node, block, (const uint64_t *)(content + shape->pad + (uint64_t)i * shape->size), words);
	}
}

/* Tags: 2 * index for the struct page, which comes right before the content, 2 * index + 1. */
static void see_slab(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint32_t first = *(uint32_t *)context, i = (uint32_t)(tag / 2);

	(void)offset, (void)bytes;
	if (!piece) {
		seen[i].same = false;
		return;
	}
	if (tag % 2) {
		if (seen[i].same)
			look_at_slab(first + i, seen[i].list, seen[i].frozen, piece);
		return;
	}
	seen[i].same = is_same_slab(&blocks[first + i], piece);
	seen[i].list = field_of(piece, F_SLAB_FREELIST);
	seen[i].frozen = is_frozen(piece);
}

/* At once: other slabs wait until it is done, so that all come in their order. */
static void read_large(uint32_t id, const struct reader *reader)
{
	uint64_t bytes = (uint64_t)block_pages(&blocks[id]) << 12;
	uint8_t page[MAX_STRUCT_PAGE];

	reader_run(reader);
	if (bytes > large_bytes) {
		large = realloc(large, bytes);
		large_bytes = bytes;
		if (!large)
			die("out of memory");
	}
	if (kernel_read(page_of_pfn(blocks[id].pfn), page, bases.page_bytes) && is_same_slab(&blocks[id], page) &&
	    kernel_read(linear_of_pfn(blocks[id].pfn), large, bytes))
		look_at_slab(id, field_of(page, F_SLAB_FREELIST), is_frozen(page), large);
}

static void scan_some(uint32_t first, uint32_t nr)
{
	const struct reader again = { check_again, &first, true }, reader = { see_slab, &first, false };

	together_begin();
	for (uint32_t i = 0; i < nr; i++) {
		seen[i].same = false;
		if (!wanted || wanted[blocks[first + i].cache])
			reader_add(&again, page_of_pfn(blocks[first + i].pfn),
				   (marks.hwpoison ? block_pages(&blocks[first + i]) : 1) * bases.page_bytes, i);
	}
	reader_run(&again);
	for (uint32_t i = 0; i < nr; i++) {
		const struct block *block = &blocks[first + i];

		if (!seen[i].same)
			continue;
		if (block_pages(block) << 12 > MAX_PIECE) {
			read_large(first + i, &reader);
			continue;
		}
		reader_add(&reader, page_of_pfn(block->pfn), bases.page_bytes, 2ull * i);
		reader_add(&reader, linear_of_pfn(block->pfn), (uint64_t)block_pages(block) << 12, 2ull * i + 1);
	}
	reader_run(&reader);
	together_end();
}

/* How many slabs from `first` on are looked at together, at least one. */
static uint32_t nr_together(uint32_t first, uint32_t nr)
{
	uint32_t together = 0, pages = 0;

	while (first + together < nr && together < NR_TOGETHER) {
		pages += block_pages(&blocks[first + together]);
		if (together && pages > PAGES_TOGETHER)
			break;
		together++;
	}
	return together;
}

void objects_scan(const bool *of_caches, object_done *done)
{
	static bool counted;
	uint32_t nr = 0, together;

	object = done;
	wanted = of_caches;
	counting = !wanted && !counted;
	counted |= counting;
	if (!cache_counts) {
		cache_counts = calloc(nr_caches + 1, sizeof(*cache_counts));
		doubtful = room_for((nr_blocks / 64 + 1) * 8ull);
	}
	if (!cache_counts)
		die("out of memory");
	while (nr < nr_blocks && blocks[nr].kind == BLOCK_SLAB)
		nr++;
	for (uint32_t first = 0; first < nr; first += together) {
		say_step("objects", (int)(first / NR_TOGETHER), (int)(nr / NR_TOGETHER));
		together = nr_together(first, nr);
		scan_some(first, together);
	}
}
