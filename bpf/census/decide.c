// SPDX-License-Identifier: MIT
/*
 * What one page is, by its struct page: the first rule that fits decides. A page that is the first of a
 * block speaks for all of it.
 */
#include <string.h>
#include "census.h"

/* page.lru.next of a page of a page pool; bits 7 to 38 may be an index since 6.15, and the lowest two are flags. */
#define POOL_MARK 0xdead000000000040ull
#define POOL_MASK 0xffffff800000007cull

/* Of a field of a folio that lies in its second page. */
static inline int32_t half_in_second(const uint8_t *second, enum field_id id)
{
	int32_t half;

	memcpy(&half, second + fields[id].offset - bases.page_bytes, 4);
	return half;
}

uint32_t order_place(void)
{
	if (has_field(F_PAGE_COMPOUND_ORDER))
		return (uint32_t)bases.page_bytes + (uint32_t)fields[F_PAGE_COMPOUND_ORDER].offset;
	if (has_field(F_FOLIO_ORDER))
		return (uint32_t)fields[F_FOLIO_ORDER].offset;
	/* 6.6 and later: the low byte of the second page's flags */
	return (uint32_t)bases.page_bytes + (uint32_t)fields[F_PAGE_FLAGS].offset;
}

static uint32_t order_of(const uint8_t *second)
{
	return second[order_place() - bases.page_bytes];
}

/* A tail's word is its head's address, or since 7.0 the mask that makes it of its own; with bit 0. */
static bool belongs_to(uint64_t pfn, const uint8_t *second)
{
	uint64_t word = page_word(second, F_PAGE_COMPOUND), head = page_of_pfn(pfn);

	return word & 1 && (word - 1 == head || ((head + bases.page_bytes) & (word - 1)) == head);
}

static bool is_hugetlb(const uint8_t *second)
{
	if (marks.hugetlb_dtor >= 0) {
		int offset = has_field(F_PAGE_COMPOUND_DTOR) ? fields[F_PAGE_COMPOUND_DTOR].offset :
							       fields[F_FOLIO_DTOR].offset - (int32_t)bases.page_bytes;

		return second[offset] == marks.hugetlb_dtor;
	}
	return marks.hugetlb_flag && page_word(second, F_PAGE_FLAGS) & marks.hugetlb_flag;
}

/* Whether a process maps a block of more than one page; counts begin at -1. */
static bool block_is_mapped(const uint8_t *page, const uint8_t *second, uint64_t nr, uint64_t left)
{
	if (has_field(F_FOLIO_LARGE_MAPCOUNT))
		return half_in_second(second, F_FOLIO_LARGE_MAPCOUNT) >= 0;
	if (has_field(F_FOLIO_ENTIRE_MAPCOUNT) && half_in_second(second, F_FOLIO_ENTIRE_MAPCOUNT) >= 0)
		return true;
	if (has_field(F_FOLIO_NR_MAPPED))
		return half_in_second(second, F_FOLIO_NR_MAPPED) > 0;
	if (has_field(F_PAGE_COMPOUND_MAPCOUNT) && (int32_t)page_half(second, F_PAGE_COMPOUND_MAPCOUNT) >= 0)
		return true;
	for (uint64_t i = 0; i < nr && i < left; i++) {
		if ((int32_t)page_half(page + i * bases.page_bytes, F_PAGE_MAPCOUNT) >= 0)
			return true;
	}
	return nr > left;
}

/* Of a page with a reference and without a mark. */
static enum page_class class_by_mapping(const uint8_t *page, uint64_t flags, bool mapped)
{
	uint64_t mapping = page_word(page, F_PAGE_MAPPING);

	if (mapping & 1) {
		bool in_swap = marks.swapcache && flags & marks.swapcache && flags & marks.swapbacked;

		/* 3 is KSM */
		return mapped || in_swap ? CLASS_ANON : CLASS_ANON_HELD;
	}
	if (has_field(F_PAGE_PP_MAGIC) && (page_word(page, F_PAGE_LRU) & POOL_MASK) == POOL_MARK)
		return CLASS_PAGE_POOL;
	if (mapping & 2)
		return CLASS_MOVABLE;
	if (mapping)
		return flags & marks.swapbacked ? CLASS_SHMEM : CLASS_FILE;
	return flags & marks.lru ? CLASS_LRU_NO_MAPPING : CLASS_UNACCOUNTED;
}

/* How many pages the head speaks for. `second`: the struct page behind it. */
static uint64_t pages_of_head(uint64_t pfn, const uint8_t *second)
{
	return order_of(second) <= MAX_ORDER && belongs_to(pfn, second) ? 1ull << order_of(second) : 1;
}

static uint64_t pages_of_free(uint64_t pfn, const uint8_t *page)
{
	uint64_t order = page_word(page, F_PAGE_PRIVATE);

	return order <= MAX_ORDER && !(pfn & ((1ull << order) - 1)) ? 1ull << order : 1;
}

enum page_class page_decide(uint64_t pfn, const uint8_t *page, uint64_t left, uint64_t *nr)
{
	uint64_t flags = page_word(page, F_PAGE_FLAGS);
	const uint8_t *second = page + bases.page_bytes;
	uint8_t behind[MAX_PAGE_BYTES];
	enum page_class class;

	*nr = 1;
	/* a tail: its head comes before where the walk began, or was no head a moment ago */
	if (page_is_tail(page))
		return class_now(pfn);
	if (page_is_poisoned(page))
		return CLASS_HWPOISON;
	class = class_of_type(page_half(page, F_PAGE_TYPE));
	if (class == CLASS_FREE) {
		*nr = pages_of_free(pfn, page);
		return class;
	}
	if (flags & marks.head && !(flags & marks.reserved)) {
		if (left < 2) {
			kernel_read(page_of_pfn(pfn + 1), behind, bases.page_bytes);
			second = behind;
		}
		*nr = pages_of_head(pfn, second);
		if (class == CLASS_NONE && *nr > 1 && is_hugetlb(second))
			return CLASS_HUGETLB;
	}
	if (class != CLASS_NONE)
		return class;
	if (marks.slab && flags & marks.slab)
		return CLASS_SLAB;
	if (flags & marks.reserved)
		return CLASS_RESERVED;
	if (page_half(page, F_PAGE_REFCOUNT) == 0)
		return CLASS_TAIL_UNKNOWN;
	return class_by_mapping(page, flags, *nr > 1 ? block_is_mapped(page, second, *nr, left) :
						       (int32_t)page_half(page, F_PAGE_MAPCOUNT) >= 0);
}

/* True if page_decide() may see a difference between two pages that are on an LRU list, or reserved. */
static inline bool differ(const uint8_t *page, const uint8_t *other, uint64_t flags)
{
	uint64_t mapping = page_word(page, F_PAGE_MAPPING), other_mapping = page_word(other, F_PAGE_MAPPING);
	uint32_t type = page_half(page, F_PAGE_TYPE), other_type = page_half(other, F_PAGE_TYPE);

	if (page_is_tail(other) || (page_word(page, F_PAGE_FLAGS) ^ page_word(other, F_PAGE_FLAGS)) & flags)
		return true;
	/* which file or which process is not asked; nor how many map it, a count that a type makes negative */
	if ((mapping ^ other_mapping) & 3 || (mapping > 3) != (other_mapping > 3))
		return true;
	return (type != other_type && ((type | other_type) >> 31)) || !page_half(other, F_PAGE_REFCOUNT);
}

uint64_t pages_alike(const uint8_t *page, uint64_t left, enum field_id memcg)
{
	uint64_t flags = marks.head | marks.slab | marks.reserved | marks.hwpoison | marks.lru | marks.swapbacked | marks.swapcache;
	uint64_t bytes = bases.page_bytes, nr = 1;
	const uint8_t *next = page + bytes;

	if (page_is_tail(page) || !(page_word(page, F_PAGE_FLAGS) & (marks.lru | marks.reserved)) || !page_half(page, F_PAGE_REFCOUNT))
		return 1;
	for (; nr < left && !differ(page, next, flags); nr++, next += bytes) {
		if (has_field(memcg) && page_word(page, memcg) != page_word(next, memcg))
			break;
	}
	return nr;
}

uint64_t head_of_tail(uint64_t pfn, const uint8_t *tail)
{
	uint64_t word = page_word(tail, F_PAGE_COMPOUND) - 1, head = pfn_of_page(word);

	if (head == UINT64_MAX)
		head = pfn_of_page(page_of_pfn(pfn) & word);
	return head < pfn ? head : UINT64_MAX;
}

enum page_class class_now(uint64_t pfn)
{
	/* and the one behind it */
	uint8_t pages[2 * MAX_PAGE_BYTES] = { 0 };
	uint64_t nr;

	if (!kernel_read(page_of_pfn(pfn), pages, bases.page_bytes))
		return CLASS_HOLE;
	if (page_is_tail(pages)) {
		if (page_is_poisoned(pages))
			return CLASS_HWPOISON;
		pfn = head_of_tail(pfn, pages);
		if (pfn == UINT64_MAX || !kernel_read(page_of_pfn(pfn), pages, 2 * bases.page_bytes) ||
		    page_is_tail(pages))
			return CLASS_TAIL_UNKNOWN;
		return page_decide(pfn, pages, 2, &nr);
	}
	return page_decide(pfn, pages, 1, &nr);
}
