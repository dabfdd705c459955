// SPDX-License-Identifier: MIT
/* What the objects of each cache are: the function, the table or the variable in them, or what refers to them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "holders.h"

/* By cache and chain. */
static struct tally objects;

static int by_cache(const void *a, const void *b)
{
	const struct tallied *x = a, *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
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
				tally_add(&objects, blocks[i].cache, chain_of_node ? chain_of_node[node] : 0, 1);
		}
	}
	if (objects.nr)
		qsort(objects.rows, objects.nr, sizeof(*objects.rows), by_cache);
	free(asked);
}

void types_put(FILE *out)
{
	const struct tallied *rows = objects.rows;
	const char *comma = "";

	fputs(",\n\"types\":[", out);
	for (uint32_t first = 0, end; first < objects.nr; first = end) {
		uint32_t cache = rows[first].a;

		fprintf(out, "%s\n{\"cache\":", comma);
		comma = ",";
		json_string(out, caches[cache].name);
		fprintf(out, ",\"sizeBytes\":%u,\"live\":%" PRIu64 ",\"total\":%" PRIu64 ",\"badWalks\":%" PRIu64 ",\"rows\":[", caches[cache].size,
			cache_counts[cache].live, cache_counts[cache].total, cache_counts[cache].bad_walks);
		for (end = first; end < objects.nr && rows[end].a == cache; end++) {
			fprintf(out, "%s\n{\"objects\":%" PRIu64 ",", end > first ? "," : "", rows[end].amount);
			chain_put(out, rows[end].b);
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
