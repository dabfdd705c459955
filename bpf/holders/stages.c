// SPDX-License-Identifier: MIT
/* The run of these stages: each is asked for by its name, and all read the same memory once. */
#include "holders.h"

static bool ran;
static struct orphan *orphans;
static uint32_t nr_orphans;

static bool is_asked_for(void)
{
	return options->census_stages[CENSUS_HOLDERS] || options->census_stages[CENSUS_TYPES] ||
	       options->census_stages[CENSUS_ORPHANS];
}

static void begin(void)
{
	if (options->census_stages[CENSUS_ORPHANS])
		scans_begin();
}

static void find_orphans(void)
{
	orphans = room_for(MAX_ORPHANS * sizeof(*orphans));
	nr_orphans = orphans_collect(orphans, MAX_ORPHANS);
	/* the looks of other processes take as much again */
	look_forget();
	nr_orphans = scans_agree(orphans, nr_orphans);
	census_took("orphans");
}

static void run(void)
{
	bool described = options->census_stages[CENSUS_HOLDERS] || options->census_stages[CENSUS_TYPES];

	if (!is_asked_for() || !look_at_all())
		return;
	ran = true;
	if (described && !graph_is_kept())
		missing_add("types", "what refers to an object is followed in one step alone: more would take more than %s of memory (--memory)",
			    human_bytes((double)memory_limit()));
	if (described) {
		graph_describe();
		census_took("chains");
		processes_find();
		holders_find();
		census_took("holders");
	}
	if (options->census_stages[CENSUS_TYPES]) {
		types_find();
		census_took("types");
	}
	if (options->census_stages[CENSUS_ORPHANS])
		find_orphans();
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
	if (options->census_stages[CENSUS_ORPHANS])
		orphans_put(out, orphans, nr_orphans, scans_made());
}

const struct census_more holders_stages = { begin, run, put };
