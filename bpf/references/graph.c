// SPDX-License-Identifier: MIT
/*
 * Who refers to whom: for each node the nodes that its words refer to, as they were found. Two questions
 * are answered: what is the nearest thing with a hint that leads to a node, and which nodes are reached
 * from the kernel's own data.
 *
 * That takes 4 bytes a reference and 12 bytes a node: a tenth of the slab memory. Where it is more than the
 * limit no references are kept; what is reached is then found by reading again (graph_take()).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include "references.h"

uint32_t *chain_of_node;
uint64_t *reached;

/* Edges are looked at in order, and what they lead to is fetched so many ahead. */
#define AHEAD 16

static uint32_t *edges, nr_edges, *first_edge, next_source;
static uint64_t edges_room;
static bool kept; /* all edges, up to now */
static uint32_t *queue;

/* References of what is no node, the first of each rank. */
static struct root {
	uint32_t node, chain;
} *roots[2];
static uint32_t nr_roots[2], roots_room[2];
static uint64_t *is_root[2];

void graph_open(void)
{
	uint64_t nodes = 12ull * nr_nodes, limit = memory_limit();

	if (nodes < limit / 2) {
		edges_room = (limit - nodes) / sizeof(*edges);
		if (edges_room > UINT32_MAX)
			edges_room = UINT32_MAX;
		edges = room_for((edges_room + AHEAD) * sizeof(*edges));
		first_edge = room_for((nr_nodes + 1ull) * sizeof(*first_edge));
		queue = room_for((nr_nodes + 1ull) * sizeof(*queue));
		chain_of_node = huge_room_for((nr_nodes + 1ull) * sizeof(*chain_of_node));
	}
	kept = edges != NULL;
	reached = room_for((nr_nodes / 64 + 1) * 8ull);
	for (int i = 0; i < 2; i++)
		is_root[i] = room_for((nr_nodes / 64 + 1) * 8ull);
}

bool graph_is_kept(void)
{
	return kept;
}

/* Too many: what is there is no whole, so it goes. */
static void forget_edges(void)
{
	munmap(edges, (edges_room + AHEAD) * sizeof(*edges));
	edges = NULL;
	kept = false;
}

void graph_forget(void)
{
	room_forget(edges, (edges_room + AHEAD) * sizeof(*edges));
	room_forget(first_edge, (nr_nodes + 1ull) * sizeof(*first_edge));
	room_forget(queue, (nr_nodes + 1ull) * sizeof(*queue));
	room_forget(chain_of_node, (nr_nodes + 1ull) * sizeof(*chain_of_node));
	for (int rank = 0; rank < 2; rank++)
		free(roots[rank]);
}

void graph_source(uint32_t node)
{
	while (kept && next_source <= node)
		first_edge[next_source++] = nr_edges;
}

void graph_edge(uint32_t to)
{
	uint32_t from = next_source - 1;

	if (!kept || to == from || (nr_edges > first_edge[from] && edges[nr_edges - 1] == to))
		return;
	if (nr_edges == edges_room)
		forget_edges();
	else
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

		rest_sometimes();
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

	if (!kept)
		return;
	graph_source(nr_nodes);
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

uint32_t graph_edges(uint32_t node, const uint32_t **to)
{
	*to = &edges[first_edge[node]];
	return first_edge[node + 1] - first_edge[node];
}

uint32_t graph_root_at(uint32_t index, uint32_t *chain)
{
	if (index >= nr_roots[RANK_DATA])
		return NO_NODE;
	*chain = roots[RANK_DATA][index].chain;
	return roots[RANK_DATA][index].node;
}

/* ---- is it reached ---- */

/* Nodes whose references are still to be followed. What finds no room here waits as a bit. */
#define RING (1u << 20)
static uint32_t ring[RING], ring_head, ring_nr;
static uint64_t *waiting;
static bool any_waiting;

void graph_mark(uint32_t node)
{
	if (has_bit(reached, node) || !exists(node))
		return;
	set_bit(reached, node);
	if (ring_nr < RING) {
		ring[(ring_head + ring_nr++) % RING] = node;
		return;
	}
	if (!waiting)
		waiting = room_for((nr_nodes / 64 + 1) * 8ull);
	set_bit(waiting, node);
	any_waiting = true;
}

static void fill_ring(void)
{
	uint64_t word;

	any_waiting = false;
	for (uint32_t i = 0; i <= nr_nodes / 64; i++) {
		for (word = waiting[i]; word; word &= word - 1) {
			if (ring_nr == RING) {
				waiting[i] = word;
				any_waiting = true;
				return;
			}
			ring[(ring_head + ring_nr++) % RING] = i * 64 + (uint32_t)__builtin_ctzll(word);
		}
		waiting[i] = 0;
	}
}

uint32_t graph_take(uint32_t *nodes, uint32_t most)
{
	uint32_t nr;

	if (!ring_nr && any_waiting)
		fill_ring();
	for (nr = 0; nr < most && ring_nr; nr++, ring_nr--) {
		nodes[nr] = ring[ring_head];
		ring_head = (ring_head + 1) % RING;
	}
	return nr;
}

static void follow(uint32_t node)
{
	for (uint32_t edge = first_edge[node]; edge < first_edge[node + 1]; edge++) {
		__builtin_prefetch(&reached[edges[edge + AHEAD] / 64]);
		graph_mark(edges[edge]);
	}
}

void graph_reach(void)
{
	uint32_t node;

	for (int rank = 0; rank < 2; rank++) {
		for (uint32_t i = 0; i < nr_roots[rank]; i++)
			graph_mark(roots[rank][i].node);
	}
	if (!kept)
		return;
	graph_source(nr_nodes);
	while (graph_take(&node, 1)) {
		follow(node);
		rest_sometimes();
	}
}
