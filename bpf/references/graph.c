// SPDX-License-Identifier: MIT
/*
 * Who refers to whom: for each node the nodes that its words refer to, as they were found. Two questions
 * are answered: what is the nearest thing with a hint that leads to a node, and which nodes are reached
 * from the kernel's own data.
 */
#include <stdlib.h>
#include "references.h"

uint32_t *chain_of_node;
uint64_t *reached;

/* Edges are looked at in order, and what they lead to is fetched so many ahead. */
#define AHEAD 16

static uint32_t *edges, nr_edges, *first_edge, next_source;
static uint64_t edges_room;
static uint32_t *queue;

/* References of what is no node, the first of each rank. */
static struct root {
	uint32_t node, chain;
} *roots[2];
static uint32_t nr_roots[2], roots_room[2];
static uint64_t *is_root[2];

void graph_open(void)
{
	edges_room = memory_limit() / 2 / sizeof(*edges);
	if (edges_room > UINT32_MAX)
		edges_room = UINT32_MAX;
	edges = room_for((edges_room + AHEAD) * sizeof(*edges));
	first_edge = room_for((nr_nodes + 1ull) * sizeof(*first_edge));
	chain_of_node = room_for((nr_nodes + 1ull) * sizeof(*chain_of_node));
	reached = room_for((nr_nodes / 64 + 1) * 8ull);
	for (int i = 0; i < 2; i++)
		is_root[i] = room_for((nr_nodes / 64 + 1) * 8ull);
}

void graph_source(uint32_t node)
{
	while (next_source <= node)
		first_edge[next_source++] = nr_edges;
}

void graph_edge(uint32_t to)
{
	uint32_t from = next_source - 1;

	if (to == from || nr_edges == edges_room || (nr_edges > first_edge[from] && edges[nr_edges - 1] == to))
		return;
	edges[nr_edges++] = to;
}

void graph_root(uint32_t to, enum rank rank, uint32_t chain)
{
	if (has_bit(is_root[rank], to))
		return;
	set_bit(is_root[rank], to);
	if (nr_roots[rank] == roots_room[rank]) {
		roots_room[rank] = roots_room[rank] ? roots_room[rank] * 2 : 1 << 14;
		roots[rank] = realloc(roots[rank], roots_room[rank] * sizeof(*roots[rank]));
		if (!roots[rank])
			die("out of memory");
	}
	roots[rank][nr_roots[rank]++] = (struct root){ to, chain };
}

static bool exists(uint32_t node)
{
	return node >= first_large || has_bit(live, node);
}

/* ---- what is it ---- */

uint32_t cache_name_id(uint16_t cache)
{
	static uint32_t *ids;

	if (!ids) {
		ids = room_for((nr_caches + 1) * sizeof(*ids));
		for (size_t i = 0; i < nr_caches; i++)
			ids[i] = text_id(caches[i].name);
	}
	return ids[cache];
}

static uint32_t described_below(uint32_t node, uint32_t up)
{
	const struct block *block;

	if (node >= first_area)
		return area_chain(node);
	block = block_of_node(node);
	if (block->kind == BLOCK_SLAB)
		return chain_below(LINK_SLAB, cache_name_id(block->cache), up);
	return chain_below(LINK_PAGE, text_id(class_names[block->class]), up);
}

uint32_t chain_of_plain(uint32_t node)
{
	return described_below(node, 0);
}

/* From what is in the queue. */
static void spread(uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t from = queue[i], chain = chain_of_node[from];

		for (uint32_t edge = first_edge[from]; edge < first_edge[from + 1]; edge++) {
			uint32_t to = edges[edge];

			__builtin_prefetch(&chain_of_node[edges[edge + AHEAD]]);
			if (chain_of_node[to] || !exists(to))
				continue;
			chain_of_node[to] = described_below(to, chain);
			queue[nr++] = to;
		}
	}
}

void graph_describe(void)
{
	uint32_t nr = 0;

	graph_source(nr_nodes);
	queue = room_for((nr_nodes + 1ull) * sizeof(*queue));
	for (uint32_t node = 0; node < nr_nodes; node++) {
		if (chain_of_node[node])
			queue[nr++] = node;
	}
	spread(nr);
	for (int rank = 0; rank < 2; rank++) {
		nr = 0;
		for (uint32_t i = 0; i < nr_roots[rank]; i++) {
			uint32_t node = roots[rank][i].node;

			if (chain_of_node[node] || !exists(node))
				continue;
			chain_of_node[node] = described_below(node, roots[rank][i].chain);
			queue[nr++] = node;
		}
		spread(nr);
	}
}

/* ---- is it reached ---- */

void graph_reach(void)
{
	uint32_t nr = 0;

	for (int rank = 0; rank < 2; rank++) {
		for (uint32_t i = 0; i < nr_roots[rank]; i++) {
			uint32_t node = roots[rank][i].node;

			if (has_bit(reached, node) || !exists(node))
				continue;
			set_bit(reached, node);
			queue[nr++] = node;
		}
	}
	for (uint32_t i = 0; i < nr; i++) {
		for (uint32_t edge = first_edge[queue[i]]; edge < first_edge[queue[i] + 1]; edge++) {
			uint32_t to = edges[edge];

			if (has_bit(reached, to) || !exists(to))
				continue;
			set_bit(reached, to);
			queue[nr++] = to;
		}
	}
}
