// SPDX-License-Identifier: MIT
/* The run of these stages: each is asked for by its name, and all read the same memory once. */
#include "holders.h"

static bool ran;

static bool is_asked_for(void)
{
	return options->census_stages[CENSUS_HOLDERS] || options->census_stages[CENSUS_TYPES];
}

static bool fields_are_there(void)
{
	static const enum field_id needed[] = { F_SLAB_CACHE, F_SLAB_FREELIST, F_SLAB_OBJECTS, F_CACHE_SIZE, F_CACHE_OBJECT_SIZE,
						F_CACHE_OFFSET, F_CACHE_REFCOUNT, F_PAGE_MAPPING, F_PAGE_PRIVATE, NR_FIELDS };

	return fields_there("holders", needed);
}

static void run(void)
{
	if (!is_asked_for() || !fields_are_there() || !nodes_build(areas_open()))
		return;
	free_lists_read();
	members_open();
	words_open();
	graph_open();
	image_read();
	hints_open();
	sources_scan();
	census_took("objects");
	graph_describe();
	holders_find();
	census_took("holders");
	if (options->census_stages[CENSUS_TYPES])
		types_find();
	census_took("types");
	ran = true;
}

static void put(FILE *out)
{
	if (!ran)
		return;
	if (options->census_stages[CENSUS_HOLDERS])
		holders_put(out);
	caches_put(out);
	if (options->census_stages[CENSUS_TYPES])
		types_put(out);
}

const struct census_more holders_stages = { run, put };
