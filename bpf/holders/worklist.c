// SPDX-License-Identifier: MIT
/*
 * What is reached, where references are not kept: what was reached last is read again, in the order of
 * addresses, and what it refers to is reached then. Memory is needed for a few bits a node.
 *
 * That takes a second or more, in which the kernel works on: a reference that moves from what is still to be
 * read to what was read before is never seen. So at last all is read once more, with what was taken meanwhile,
 * and what anything refers to but those that are left is reached, too. Everything in use is read three times.
 */
#include <stdlib.h>
#include "holders.h"

#define TOGETHER 2048u
/* A read that is checked takes no more. */
#define PIECE (32u << 10)

static void see(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint32_t node = (uint32_t)tag;
	const struct members *members = NULL;

	(void)context, (void)offset;
	if (!piece)
		return;
	/* of an object that comes in parts, which words may be pointers is not asked */
	if (node < first_large && bytes == (caches[block_of_node(node)->cache].object_size + 7) / 8 * 8)
		members = members_of(block_of_node(node)->cache);
	notes_begin_node(node, LINK_SLAB, 0);
	words_fetch((const uint64_t *)piece, bytes / 8);
	if (node < first_large)
		notes_of_node((const uint64_t *)piece, bytes / 8, members);
	else
		notes_of_page((const uint64_t *)piece, bytes / 8);
}

static const struct reader reader = { see, NULL, false };

static void add(uint32_t node)
{
	const struct block *block;
	uint64_t bytes;

	if (node >= first_area)
		return;
	block = block_of_node(node);
	if (block->kind == BLOCK_SLAB)
		bytes = is_sheaf(node) ? 0 : (caches[block->cache].object_size + 7) / 8 * 8;
	else if (block->kind == BLOCK_LARGE || (block->class == CLASS_UNACCOUNTED && unaccounted_is_readable()))
		bytes = (uint64_t)block_pages(block) << 12;
	else
		bytes = 0;
	for (uint64_t done = 0; done < bytes; done += PIECE)
		safe_add(&reader, node_address(node) + done, bytes - done < PIECE ? (uint32_t)(bytes - done) : PIECE, node);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void follow(void)
{
	static uint32_t nodes[TOGETHER];
	uint32_t nr;

	notes_again(NULL);
	while ((nr = graph_take(nodes, TOGETHER))) {
		qsort(nodes, nr, sizeof(nodes[0]), by_number);
		for (uint32_t i = 0; i < nr; i++)
			add(nodes[i]);
		safe_run(&reader);
		for (uint32_t i = 0; i < nr; i++) {
			if (nodes[i] >= first_area)
				area_read(nodes[i]);
		}
	}
}

/* What is left, a bit each. */
static uint64_t *not_reached(void)
{
	uint64_t *left = room_for((nr_nodes / 64 + 1) * 8ull);

	for (uint32_t i = 0; i <= nr_nodes / 64; i++)
		left[i] = ~reached[i] & live[i];
	for (uint32_t node = first_large; node < nr_nodes; node++) {
		if (!has_bit(reached, node))
			set_bit(left, node);
	}
	return left;
}

/* Objects that are not in use any more, or were not before: of these it is not known what refers to them. */
static void leave_those_of_both(const uint64_t *left, const uint64_t *used)
{
	for (uint32_t node = 0; node < first_large; node++) {
		if (!has_bit(left, node) || !has_bit(used, node))
			set_bit(reached, node);
	}
	for (uint32_t node = first_large; node < first_area; node++) {
		const struct block *block = block_of_node(node);

		if (!has_bit(reached, node) && class_now(block->pfn) != block->class)
			set_bit(reached, node);
	}
}

void worklist_run(void)
{
	uint64_t *left, *used = room_for((nr_nodes / 64 + 1) * 8ull);

	follow();
	left = not_reached();
	notes_again(left);
	sources_scan(used);
	follow();
	leave_those_of_both(left, used);
}
