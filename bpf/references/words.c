// SPDX-License-Identifier: MIT
/*
 * What words refer to: by the linear map, by struct pages, and by addresses of areas. Few words are kernel
 * addresses, and what is known of a page lies far from what is known of the next: so the words that may be
 * addresses are found first, without a branch, and what they need is fetched ahead.
 */
#include "references.h"

/* A hint is looked for so many words around a reference: pipe_buffer has its operations two words behind its page. */
#define NEAR 6u
/* The kernel's image and its modules. */
#define IMAGE_FROM 0xffffffff80000000ull

static uint64_t lowest, linear_pages, struct_page_bytes;
static int page_shift; /* of sizeof(struct page); 0: it is no power of 2 */

void words_open(void)
{
	lowest = bases.linear < bases.vmemmap ? bases.linear : bases.vmemmap;
	linear_pages = machine.end_pfn;
	struct_page_bytes = machine.end_pfn * bases.page_bytes;
	page_shift = __builtin_popcountll(bases.page_bytes) == 1 ? __builtin_ctzll(bases.page_bytes) : 0;
}

/* Indexes of the words that may be addresses. */
static inline uint32_t addresses(const uint64_t *words, uint32_t nr, uint16_t *at)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < nr; i++) {
		at[count] = (uint16_t)i;
		count += words[i] >= lowest;
	}
	return count;
}

/* The pfn that an offset into the struct pages is of; UINT64_MAX: none. */
static inline uint64_t pfn_of_offset(uint64_t offset)
{
	uint64_t pfn;

	/* the lowest two bits may be flags (scatterlist, netmem) */
	offset &= ~3ull;
	pfn = page_shift ? offset >> page_shift : offset / bases.page_bytes;
	return pfn * bases.page_bytes == offset ? pfn : UINT64_MAX;
}

void words_fetch(const uint64_t *words, uint32_t nr)
{
	const uint32_t *ids[MAX_WORDS];
	uint16_t at[MAX_WORDS];

	for (uint32_t done = 0; done < nr; done += MAX_WORDS) {
		uint32_t count = addresses(words + done, nr - done < MAX_WORDS ? nr - done : MAX_WORDS, at), known = 0;

		for (uint32_t i = 0; i < count; i++) {
			uint64_t word = words[done + at[i]], pfn = (word - bases.linear) >> 12;
			const uint32_t *chunk;

			if (pfn >= linear_pages) {
				if (word - bases.vmemmap >= struct_page_bytes)
					continue;
				pfn = page_shift ? (word - bases.vmemmap) >> page_shift : (word - bases.vmemmap) / bases.page_bytes;
			}
			chunk = block_chunks[pfn / CHUNK_PAGES];
			if (!chunk)
				continue;
			ids[known] = &chunk[pfn % CHUNK_PAGES];
			__builtin_prefetch(ids[known++]);
		}
		for (uint32_t i = 0; i < known; i++) {
			/* one in front of the first is fetched for nothing */
			__builtin_prefetch(&blocks[*ids[i] - 1]);
		}
	}
}

/* The node that an address of the linear map lies in. */
static inline uint32_t by_linear(uint64_t offset)
{
	uint32_t id = block_at(offset >> 12), index;
	const struct block *block;

	if (!id)
		return NO_NODE;
	block = &blocks[id - 1];
	if (block->kind != BLOCK_SLAB)
		return block->first;
	index = object_index(&shapes[block->cache], offset - (block->pfn << 12));
	return index < block->objects ? block->first + index : NO_NODE;
}

static inline uint32_t by_struct_page(uint64_t offset)
{
	uint64_t pfn = pfn_of_offset(offset);
	uint32_t id = pfn == UINT64_MAX ? 0 : block_at(pfn);

	return id && blocks[id - 1].kind != BLOCK_SLAB ? blocks[id - 1].first : NO_NODE;
}

/* Of several hints the first counts; symbols of data where nothing says more. */
static inline void take_hint(uint64_t word, uint32_t *hint)
{
	uint32_t here;

	if (*hint && hint_at(*hint)->kind != HINT_DATA)
		return;
	here = hint_of(word);
	if (here && (!*hint || hint_at(here)->kind != HINT_DATA))
		*hint = here;
}

uint32_t words_find(const uint64_t *words, uint32_t nr, struct found *found, uint32_t *hint)
{
	uint16_t at[MAX_WORDS];
	uint32_t addressed = addresses(words, nr, at), count = 0;

	for (uint32_t i = 0; i < addressed; i++) {
		uint64_t word = words[at[i]];
		uint32_t node;

		if ((word - bases.linear) >> 12 < linear_pages) {
			node = by_linear(word - bases.linear);
		} else if (word - bases.vmemmap < struct_page_bytes) {
			node = by_struct_page(word - bases.vmemmap);
		} else {
			if (word >= IMAGE_FROM && hint)
				take_hint(word, hint);
			node = node_of_area(word);
		}
		found[count] = (struct found){ node, at[i] };
		count += node != NO_NODE;
	}
	return count;
}

uint32_t node_at(uint64_t word)
{
	struct found found[1];

	return words_find(&word, 1, found, NULL) ? found[0].node : NO_NODE;
}

uint32_t words_hint_near(const uint64_t *words, uint32_t nr, uint32_t at)
{
	uint32_t hint, weak = 0;

	for (uint32_t i = 0; i <= NEAR; i++) {
		for (int side = 0; side < 2; side++) {
			uint64_t here = side ? (uint64_t)at - i : (uint64_t)at + i;

			if (here >= nr || words[here] < IMAGE_FROM || !(hint = hint_of(words[here])))
				continue;
			if (hint_at(hint)->kind != HINT_DATA)
				return hint;
			weak = weak ? weak : hint;
		}
	}
	return weak;
}

/*
 * An entry that leads to another table: present, accessed and dirty (_KERNPG_TABLE), not large, not global,
 * and nothing is forbidden there, as it is for data, which the linear map has entries for. Tables of PTI and of
 * firmware are pages that are known by their physical address alone.
 */
static bool is_entry(uint64_t word)
{
	return (word & 0x1e1) == 0x61 && !(word & ~(bases.frame_mask | 0xfff)) && word & bases.frame_mask;
}

uint32_t words_find_tables(const uint64_t *words, uint32_t nr, struct found *found)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < nr; i++) {
		uint64_t pfn = (words[i] & bases.frame_mask) >> 12;
		uint32_t id = is_entry(words[i]) && pfn < machine.end_pfn ? block_at(pfn) : 0;

		if (id && blocks[id - 1].class == CLASS_UNACCOUNTED)
			found[count++] = (struct found){ blocks[id - 1].first, i };
	}
	return count;
}
