// SPDX-License-Identifier: MIT
/*
 * The walk's blocks of 512 pages. Each is looked at first, by one struct page: the rest of a free one need not be
 * copied, nor that of a hole, where each try costs a fault. The kernel gives memmap to 2 MiB of memory at a time
 * (SUBSECTION_SIZE, since 5.3), and sets it up for whole blocks, some at boot and some later. The others are copied
 * several at once, side by side, and what lies behind a page that speaks for many is left out (abi/copy.h).
 */
#include <string.h>
#include "census.h"

#define BLOCK CLASS_BLOCK

/* Blocks whose first page is not set up. */
static uint64_t unborn[COPY_BATCH_REQUESTS];
static size_t nr_unborn;

/* True of a struct page that the kernel has not set up yet. */
static bool is_unborn(const uint8_t *page)
{
	static const uint8_t zeros[MAX_PAGE_BYTES];

	return memcmp(page, zeros, bases.page_bytes) == 0;
}

bool block_is_known(uint64_t pfn)
{
	return class_of_pfn[pfn] && class_of_pfn[pfn + BLOCK - 1];
}

/* ---- ahead of the walk ---- */

/* The first page of a block; or, if that is not set up, the last one. */
static void see_block(void *context, uint64_t pfn, uint64_t offset, const uint8_t *page, uint32_t bytes)
{
	uint64_t nr, first = pfn / BLOCK * BLOCK;

	(void)context, (void)offset, (void)bytes;
	if (class_of_pfn[first])
		return;
	if (!page) {
		class_set(first, BLOCK, CLASS_HOLE);
	} else if (is_unborn(page)) {
		if (pfn != first)
			class_set(first, BLOCK, CLASS_TAIL_UNKNOWN);
		else
			unborn[nr_unborn++] = first;
	} else if (pfn == first && class_of_type(page_half(page, F_PAGE_TYPE)) == CLASS_FREE) {
		page_decide(pfn, page, 1, &nr);
		if (nr >= BLOCK)
			class_set(pfn, nr, CLASS_FREE);
	}
}

uint64_t blocks_look_ahead(uint64_t pfn, uint64_t end)
{
	static const struct reader reader = { see_block, NULL, false };
	size_t nr;

	pfn = (pfn + BLOCK - 1) / BLOCK * BLOCK;
	nr_unborn = 0;
	for (int i = 0; i < COPY_BATCH_REQUESTS && pfn + BLOCK <= end; i++, pfn += BLOCK)
		reader_add(&reader, page_of_pfn(pfn), bases.page_bytes, pfn);
	reader_run(&reader);
	nr = nr_unborn;
	for (size_t i = 0; i < nr; i++)
		reader_add(&reader, page_of_pfn(unborn[i] + BLOCK - 1), bases.page_bytes, unborn[i] + BLOCK - 1);
	reader_run(&reader);
	return pfn;
}

/* ---- side by side ---- */

void blocks_open(void)
{
	struct copy_rule *rule = &copy_requests->rule;

	memset(rule, 0, sizeof(*rule));
	rule->step_order = (uint32_t)__builtin_ctzll(COPY_STEP_BYTES / bases.page_bytes);
	rule->type = (uint32_t)fields[F_PAGE_TYPE].offset;
	rule->free_order = (uint32_t)fields[F_PAGE_PRIVATE].offset;
	/* other pages of a block may say what its first ones do not: that they are poisoned, or, up to 6.9, mapped */
	if (marks.any_poison)
		return;
	rule->free_mask = marks.free_mask;
	rule->free_value = marks.free_value;
	if (has_field(F_FOLIO_LARGE_MAPCOUNT) && fields[F_PAGE_FLAGS].offset == 0) {
		rule->head_mask = marks.head;
		rule->head_order = order_place();
	}
}

/* A block has as many struct pages as there are in most kernels. */
bool blocks_can_be_copied(void)
{
	return copy_blocks_most() && COPY_BLOCK_BYTES == BLOCK * bases.page_bytes;
}

/* What cannot be copied in its steps is read as everything else: perhaps a part of it can. */
static void read_alone(const uint64_t *firsts, uint32_t nr, const struct reader *reader)
{
	for (uint32_t i = 0; i < nr; i++)
		reader_add(reader, page_of_pfn(firsts[i]), COPY_BLOCK_BYTES, firsts[i]);
	reader_run(reader);
}

uint64_t blocks_copy(uint64_t pfn, uint64_t end, block_saw *saw, const struct reader *reader)
{
	uint64_t firsts[COPY_BLOCKS], failed[COPY_BLOCKS];
	uint32_t nr = 0, nr_failed = 0;

	memset(copy_requests->block, 0, sizeof(copy_requests->block));
	for (; pfn + BLOCK <= end && nr < copy_blocks_most(); pfn += BLOCK) {
		if (block_is_known(pfn))
			continue;
		copy_requests->block[nr].address = page_of_pfn(pfn);
		firsts[nr++] = pfn;
	}
	if (nr)
		copy_blocks();
	for (uint32_t i = 0; i < nr; i++) {
		if (copy_requests->block[i].error)
			failed[nr_failed++] = firsts[i];
		else
			saw(firsts[i], copy_buffer + i * COPY_BLOCK_BYTES, copy_requests->block[i].copied);
	}
	read_alone(failed, nr_failed, reader);
	return pfn;
}
