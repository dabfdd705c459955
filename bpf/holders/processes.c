// SPDX-License-Identifier: MIT
/*
 * What belongs to an open file: its own data (a pipe, an io_uring), of a socket its sock too, and what these
 * lead to in a few steps, each to the nearest. An object that files of several processes lead to in equally
 * many steps belongs to none. Other files, and through them what is on its way in a message, are not entered.
 */
#include <stdlib.h>
#include <string.h>
#include "holders.h"

/* From an open file's data to what refers to a page; the next message of a queue is no step. */
#define MOST_STEPS 5
#define OF_SEVERAL UINT32_MAX

/* What a file is about: pipes have two files, and one pipe. */
static struct source {
	uint64_t socket; /* address; 0: it is none */
	uint32_t node, opener;
} *sources;
static uint32_t nr_sources;

static uint32_t *source_of; /* by node: source + 1; 0: none, OF_SEVERAL */
static uint8_t *steps_to;   /* by node */
static bool *is_file; /* by cache */

/* ---- open files ---- */

static void claim(uint32_t node, uint32_t source)
{
	uint32_t *of = &source_of[node];

	if (!*of || sources[source].opener < sources[*of - 1].opener)
		*of = source + 1;
}

static void note_sources(const struct open_file *list, uint32_t nr)
{
	sources = room_for((nr + 1ull) * sizeof(*sources));
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t node = node_at(list[i].private);
		const struct block *block = node < first_large ? block_of_node(node) : NULL;
		bool socket = block && strcmp(caches[block->cache].name, "sock_inode_cache") == 0;

		if (node == NO_NODE)
			continue;
		if (source_of[node]) {
			struct source *other = &sources[source_of[node] - 1];

			other->opener = list[i].opener < other->opener ? list[i].opener : other->opener;
			continue;
		}
		sources[nr_sources] = (struct source){ socket ? list[i].private : 0, node, list[i].opener };
		source_of[node] = ++nr_sources;
	}
}

static void see_socket(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t sk;
	uint32_t node;

	(void)context, (void)offset, (void)bytes;
	if (!piece)
		return;
	memcpy(&sk, piece, 8);
	node = sk ? node_at(sk) : NO_NODE;
	if (node != NO_NODE)
		claim(node, (uint32_t)tag);
}

static void note_sockets(void)
{
	static const enum field_id needed[] = { F_SOCKET_SK, NR_FIELDS };
	static const struct reader reader = { see_socket, NULL, false };

	if (!fields_there("processes", needed))
		return;
	for (uint32_t i = 0; i < nr_sources; i++) {
		if (sources[i].socket)
			safe_add(&reader, sources[i].socket + (uint64_t)fields[F_SOCKET_SK].offset, 8, i);
	}
	safe_run(&reader);
}

/* ---- what belongs to them ---- */

static uint16_t cache_of(uint32_t node)
{
	return node < first_large ? block_of_node(node)->cache : 0;
}

static void note_caches(void)
{
	is_file = calloc(nr_caches + 1, sizeof(*is_file));
	if (!is_file)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++)
		is_file[i] = strcmp(caches[i].name, "filp") == 0;
}

static uint32_t opener_of(uint32_t node)
{
	return sources[source_of[node] - 1].opener;
}

/* Nodes to look at in turn, of one step and of the next. */
static uint32_t *queues[2], nr_queued[2];

static void reach(uint32_t from, uint32_t to, uint8_t step)
{
	uint16_t cache = cache_of(to);
	uint8_t next = is_message_cache(cache) && is_message_cache(cache_of(from)) ? step : (uint8_t)(step + 1);

	if (is_file[cache] || (to < first_large && !has_bit(live, to)))
		return;
	if (!source_of[to]) {
		source_of[to] = source_of[from];
		steps_to[to] = next;
		queues[next & 1][nr_queued[next & 1]++] = to;
	} else if (source_of[to] != OF_SEVERAL && steps_to[to] == next && opener_of(to) != opener_of(from)) {
		source_of[to] = OF_SEVERAL;
	}
}

bool process_has(uint32_t node)
{
	return source_of && node != NO_NODE && source_of[node] && source_of[node] != OF_SEVERAL;
}

/* Of what the kernel's own data leads to, so many must refer to something before it is everybody's. */
#define COMMON 3

static void note_way(uint8_t *ways, uint32_t node)
{
	if (!source_of[node] && ++*ways == COMMON)
		source_of[node] = OF_SEVERAL;
}

/*
 * What the kernel's own data leads to in two steps, by several ways, is everybody's: network devices,
 * namespaces, file systems. Files lead to it too, and through it to what belongs to none of them. One way
 * alone may be an old word.
 */
static void leave_out_common(void)
{
	const uint32_t *to;
	uint32_t *last = queues[1]; /* by node: who was seen to refer to it last, + 1 */
	uint8_t *ways = steps_to;
	uint32_t node, chain;

	for (uint32_t i = 0; (node = graph_root_at(i, &chain)) != NO_NODE; i++) {
		/* memory reserved at boot has tables of all files and names */
		if (chain_at(chain)->kind == LINK_RESERVED || process_has(node))
			continue;
		note_way(&ways[node], node);
		for (uint32_t nr = graph_edges(node, &to); nr; nr--, to++) {
			if (last[*to] != node + 1)
				note_way(&ways[*to], *to);
			last[*to] = node + 1;
		}
	}
}

static void spread(void)
{
	for (uint8_t step = 0; step < MOST_STEPS; step++) {
		uint32_t *queue = queues[step & 1];

		for (uint32_t i = 0; i < nr_queued[step & 1]; i++) {
			const uint32_t *to;
			uint32_t nr = graph_edges(queue[i], &to);

			for (uint32_t edge = 0; edge < nr && source_of[queue[i]] != OF_SEVERAL; edge++)
				reach(queue[i], to[edge], step);
		}
		nr_queued[step & 1] = 0;
	}
}

void processes_find(void)
{
	const struct open_file *list;
	uint32_t nr = open_files_read(&list);

	if (!nr)
		return;
	if (!graph_is_kept()) {
		missing_add("processes", "which process has the holders open is not followed: references would take more than %s of memory (--memory)",
			    human_bytes((double)memory_limit()));
		return;
	}
	source_of = room_for(nr_nodes * sizeof(*source_of));
	steps_to = room_for(nr_nodes);
	for (int i = 0; i < 2; i++)
		queues[i] = room_for(nr_nodes * sizeof(*queues[i]));
	note_caches();
	note_sources(list, nr);
	note_sockets();
	leave_out_common();
	for (uint32_t node = 0; node < nr_nodes; node++) {
		if (process_has(node))
			queues[0][nr_queued[0]++] = node;
	}
	spread();
	for (int i = 0; i < 2; i++)
		room_forget(queues[i], nr_nodes * sizeof(*queues[i]));
	room_forget(steps_to, nr_nodes);
	census_took("processes");
}

void processes_forget_nodes(void)
{
	room_forget(source_of, nr_nodes * sizeof(*source_of));
}

uint32_t process_source(uint32_t node)
{
	return process_has(node) ? source_of[node] : 0;
}

uint32_t source_opener(uint32_t source)
{
	return sources[source - 1].opener;
}

bool processes_are_known(void)
{
	return source_of != NULL;
}
