// SPDX-License-Identifier: MIT
/*
 * What nothing was found to refer to: objects in use, large kmallocs, unaccounted pages and areas that the
 * kernel's own data does not lead to. Old words hide some, and what is being made or freed at this moment
 * looks like one: so several looks must agree, and one is the same if its first and last words are.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "holders.h"

struct row {
	const char *kind, *name;
	uint32_t bytes;
	uint64_t objects, pages, runs;
	uint64_t last_end; /* of a run of pages */
	bool bpf;
};

static struct orphan *found;
static uint32_t nr_found, room;

static void add(uint32_t node, uint64_t address)
{
	if (nr_found < room)
		found[nr_found++] = (struct orphan){ address, 0, node };
}

static void collect_objects(void)
{
	for (uint32_t i = 0; i < nr_blocks && blocks[i].kind == BLOCK_SLAB; i++) {
		const struct block *block = &blocks[i];

		rest_sometimes();
		if (has_bit(doubtful, i))
			continue;
		for (uint32_t node = block->first; node < block->first + block->objects; node++) {
			if (has_bit(live, node) && !has_bit(reached, node) && !is_sheaf(node))
				add(node, node_address(node));
		}
	}
}

/* Not what lies behind a page that is reached, as far as its block may go (holders.c). */
static void collect_pages(void)
{
	struct reach reach = { 0 };

	for (uint32_t node = first_large; node < first_area; node++) {
		const struct block *block = block_of_node(node);
		bool covered = reach_covers(&reach, block);

		if (has_bit(reached, node))
			reach_add(&reach, block);
		else if (!covered && (block->kind == BLOCK_LARGE || block->class == CLASS_UNACCOUNTED))
			add(node, linear_of_pfn(block->pfn));
	}
}

static void collect_areas(void)
{
	for (uint32_t node = first_area; node < nr_nodes; node++) {
		if (area_of_node(node)->kind == AREA_VMALLOC && !has_bit(reached, node))
			add(node, area_of_node(node)->start);
	}
}

/* ---- the same one ---- */

static uint64_t bytes_of(uint32_t node)
{
	const struct block *block;

	if (node >= first_area)
		return area_of_node(node)->pages << 12;
	block = block_of_node(node);
	return block->kind == BLOCK_SLAB ? caches[block->cache].object_size & ~7u : (uint64_t)block_pages(block) << 12;
}

static void see_word(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t word = 0;

	(void)context, (void)offset, (void)bytes;
	if (piece)
		memcpy(&word, piece, 8);
	word = (found[tag].hash ^ word) * 0x9e3779b97f4a7c15ull;
	found[tag].hash = (uint32_t)(word >> 32) ^ (uint32_t)word;
}

static void hash_all(void)
{
	static const struct reader reader = { see_word, NULL, false };
	uint64_t word;

	for (int last = 0; last < 2; last++) {
		for (uint32_t i = 0; i < nr_found; i++) {
			uint64_t bytes = bytes_of(found[i].node);
			uint64_t address = found[i].address + (last && bytes >= 8 ? bytes - 8 : 0);

			if (found[i].node < first_area)
				safe_add(&reader, address, 8, i);
			else if (safe_read(address, &word, 8))
				see_word(NULL, i, 0, (const uint8_t *)&word, 8);
		}
		safe_run(&reader);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct orphan *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

uint32_t orphans_collect(struct orphan *list, uint32_t most)
{
	found = list;
	room = most;
	graph_reach();
	if (!graph_is_kept())
		worklist_run();
	collect_objects();
	collect_pages();
	collect_areas();
	if (nr_found == room)
		missing_add("orphans", "nothing was found that refers to %u or more: that is no list of a few, and it is cut there", room);
	hash_all();
	qsort(list, nr_found, sizeof(*list), by_address);
	return nr_found;
}

/* ---- rows ---- */

static bool is_of_bpf(const char *caller)
{
	size_t length = strlen(caller);

	return strstr(caller, "bpf") || (length > 10 && strcmp(caller + length - 10, "_map_alloc") == 0);
}

/* What a row says of one. */
static struct row row_of(uint32_t node)
{
	const struct block *block;
	const char *caller;

	if (node >= first_area) {
		caller = text_at(chain_at(area_chain(node))->name);
		return (struct row){ .kind = "area", .name = caller, .bpf = is_of_bpf(caller) };
	}
	block = block_of_node(node);
	if (block->kind == BLOCK_SLAB)
		return (struct row){ .kind = "slab", .name = caches[block->cache].name, .bytes = caches[block->cache].size };
	return (struct row){ .kind = "pages", .name = class_names[block->class], .bytes = 4096 };
}

static void count(struct row *row, const struct orphan *orphan)
{
	uint64_t pages = 0;

	if (orphan->node >= first_area)
		pages = area_of_node(orphan->node)->pages;
	else if (orphan->node >= first_large)
		pages = block_pages(block_of_node(orphan->node));
	row->objects++;
	row->pages += pages;
	if (pages && orphan->address != row->last_end)
		row->runs++;
	row->last_end = orphan->address + (pages << 12);
}

static void put_row(FILE *out, const struct row *row, const struct orphan *list, uint32_t nr)
{
	const char *comma = "";

	fprintf(out, "{\"kind\":\"%s\",\"name\":", row->kind);
	json_string(out, row->name);
	fprintf(out, ",\"sizeBytes\":%u,\"objects\":%" PRIu64 ",\"pages\":%" PRIu64 ",\"runs\":%" PRIu64 ",\"bpf\":%s", row->bytes,
		row->objects, row->pages, row->runs, row->bpf ? "true" : "false");
	if (options->census_addresses) {
		fputs(",\"addresses\":[", out);
		for (uint32_t i = 0; i < nr; i++) {
			struct row here = row_of(list[i].node);

			if (strcmp(here.kind, row->kind) || strcmp(here.name, row->name))
				continue;
			fprintf(out, "%s\"%#" PRIx64 "\"", comma, list[i].address);
			comma = ",";
		}
		fputs("]", out);
	}
	fputs("}", out);
}

void orphans_put(FILE *out, const struct orphan *list, uint32_t nr, uint32_t scans)
{
	struct row *rows = NULL;
	uint32_t nr_rows = 0;

	for (uint32_t i = 0; i < nr; i++) {
		struct row row = row_of(list[i].node);
		uint32_t at;

		for (at = 0; at < nr_rows && (strcmp(rows[at].kind, row.kind) || strcmp(rows[at].name, row.name)); at++)
			;
		if (at == nr_rows) {
			rows = realloc(rows, (nr_rows + 1) * sizeof(*rows));
			if (!rows)
				die("out of memory");
			rows[nr_rows++] = row;
		}
		count(&rows[at], &list[i]);
	}
	fprintf(out, ",\n\"orphans\":{\"scans\":%u,\"rows\":[", scans);
	for (uint32_t at = 0; at < nr_rows; at++) {
		fputs(at ? ",\n" : "\n", out);
		put_row(out, &rows[at], list, nr);
	}
	fputs("]}", out);
	free(rows);
}
