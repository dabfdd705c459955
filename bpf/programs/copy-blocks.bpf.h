/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * One step of copying blocks of struct pages side by side (abi/copy.h). What lies behind a struct page that speaks for
 * more than a step is left out, by numbers that the loader gives: it decides by the same bytes what the page is.
 * Whoever includes it has copy() and MASKED().
 */
#ifndef COPY_BLOCKS_BPF_H
#define COPY_BLOCKS_BPF_H

#include "copy.h"

/* Byte `at` of the struct page that was copied to `place`. */
static __always_inline u8 *byte_of(struct copy_buffer *to, u64 place, u64 at)
{
	return to->bytes + MASKED(place, COPY_HALF_BYTES - 1) + MASKED(at, 127);
}

/* The order that it says; 0: it says none. */
static __always_inline u64 order_of(struct copy_buffer *to, const struct copy_rule *rule, u64 place)
{
	u32 type = *(u32 *)byte_of(to, place, rule->type);

	if (rule->free_mask && (type & rule->free_mask) == rule->free_value)
		return *(u64 *)byte_of(to, place, rule->free_order);
	if (*(u64 *)byte_of(to, place, 0) & rule->head_mask)
		return *byte_of(to, place, rule->head_order);
	return 0;
}

static __always_inline void copy_step(struct copy_requests *all, struct copy_buffer *to, u32 index)
{
	u32 step = index / COPY_BLOCKS, which = index % COPY_BLOCKS;
	struct copy_block *block = &all->block[which];
	u64 place = which * COPY_BLOCK_BYTES + step * COPY_STEP_BYTES, order;

	if (!block->address || step < block->until)
		return;
	block->error = copy(to, block->address + step * COPY_STEP_BYTES, place, COPY_STEP_BYTES);
	if (block->error) {
		block->until = COPY_STEPS;
		return;
	}
	block->copied |= 1u << step;
	order = order_of(to, &all->rule, place);
	/* 31: more is no order */
	if (order <= all->rule.step_order || order > 31)
		return;
	order -= all->rule.step_order;
	/* blocks begin at multiples of their size */
	if (!(step & ((1ull << order) - 1)))
		block->until = step + (1u << order);
}

#endif
