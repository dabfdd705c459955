// SPDX-License-Identifier: MIT
/* What the objects of each cache are: the function, the table or the variable in them, or what refers to them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "holders.h"

static struct row {
	uint16_t cache;
	uint32_t chain;
	uint64_t objects;
} *rows;
static uint32_t nr_rows, rows_room;
static uint32_t *slots; /* row + 1, by hash of cache and chain */
static uint32_t mask;

static uint32_t slot_of(uint16_t cache, uint32_t chain)
{
	return (uint32_t)(((uint64_t)chain << 16 | cache) * 0x9e3779b97f4a7c15ull >> 32) & mask;
}

static void grow(void)
{
	rows_room = rows_room ? rows_room * 2 : 1024;
	rows = realloc(rows, rows_room * sizeof(*rows));
	free(slots);
	mask = rows_room * 4 - 1;
	slots = calloc(mask + 1ull, sizeof(*slots));
	if (!rows || !slots)
		die("out of memory");
	for (uint32_t i = 0; i < nr_rows; i++) {
		uint32_t slot = slot_of(rows[i].cache, rows[i].chain);

		while (slots[slot])
			slot = (slot + 1) & mask;
		slots[slot] = i + 1;
	}
}

static void count(uint16_t cache, uint32_t chain)
{
	uint32_t slot;

	if (nr_rows == rows_room)
		grow();
	for (slot = slot_of(cache, chain); slots[slot]; slot = (slot + 1) & mask) {
		struct row *row = &rows[slots[slot] - 1];

		if (row->cache == cache && row->chain == chain) {
			row->objects++;
			return;
		}
	}
	rows[nr_rows] = (struct row){ cache, chain, 1 };
	slots[slot] = ++nr_rows;
}

static int by_cache(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->cache != y->cache)
		return x->cache < y->cache ? -1 : 1;
	if (x->objects != y->objects)
		return x->objects > y->objects ? -1 : 1;
	return x->chain < y->chain ? -1 : x->chain > y->chain;
}

/* With --cache only some are asked for. */
static bool is_asked_for(uint16_t cache)
{
	bool asked = !options->nr_census_caches;

	for (uint32_t i = 0; i < options->nr_census_caches && !asked; i++)
		asked = strcmp(options->census_caches[i], caches[cache].name) == 0;
	return asked;
}

void types_find(void)
{
	bool *asked = calloc(nr_caches + 1, sizeof(*asked));

	if (!asked)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++)
		asked[i] = is_asked_for((uint16_t)i);
	for (uint32_t i = 0; i < nr_blocks && blocks[i].kind == BLOCK_SLAB; i++) {
		rest_sometimes();
		if (!asked[blocks[i].cache])
			continue;
		for (uint32_t node = blocks[i].first; node < blocks[i].first + blocks[i].objects; node++) {
			if (has_bit(live, node))
				count(blocks[i].cache, chain_of_node ? chain_of_node[node] : 0);
		}
	}
	if (nr_rows)
		qsort(rows, nr_rows, sizeof(*rows), by_cache);
	free(asked);
}

void types_put(FILE *out)
{
	const char *comma = "";

	fputs(",\n\"types\":[", out);
	for (uint32_t first = 0, end; first < nr_rows; first = end) {
		uint16_t cache = rows[first].cache;

		fprintf(out, "%s\n{\"cache\":", comma);
		comma = ",";
		json_string(out, caches[cache].name);
		fprintf(out, ",\"sizeBytes\":%u,\"live\":%" PRIu64 ",\"total\":%" PRIu64 ",\"badWalks\":%" PRIu64 ",\"rows\":[", caches[cache].size,
			cache_counts[cache].live, cache_counts[cache].total, cache_counts[cache].bad_walks);
		for (end = first; end < nr_rows && rows[end].cache == cache; end++) {
			fprintf(out, "%s\n{\"objects\":%" PRIu64 ",", end > first ? "," : "", rows[end].objects);
			chain_put(out, rows[end].chain);
			fputs("}", out);
		}
		fputs("]}", out);
	}
	fputs("]", out);
}

void caches_put(FILE *out)
{
	const char *comma = "";

	fputs(",\n\"caches\":[", out);
	for (size_t i = 1; i < nr_caches; i++) {
		const struct cache_count *count = &cache_counts[i];

		if (!count->slabs)
			continue;
		fprintf(out, "%s\n{\"cache\":", comma);
		comma = ",";
		json_string(out, caches[i].name);
		fprintf(out, ",\"sizeBytes\":%u,\"objects\":%" PRIu64 ",\"live\":%" PRIu64 ",\"slabs\":%" PRIu64 ",\"pages\":%" PRIu64 "}",
			caches[i].size, count->total, count->live, count->slabs, count->pages);
	}
	fputs("]", out);
}
