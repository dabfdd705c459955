// SPDX-License-Identifier: MIT
/* The run: what is loaded and found first, then stage by stage, then the report. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "census.h"

/* Between two of them the walk can be stopped, and its progress is said. */
#define PAGES_A_STEP (1u << 22)

static struct census_times times;

static void prepare(void)
{
	const char *why;

	say_step("types", 0, 0);
	why = fields_open(NULL);
	if (why)
		die("%s", why);
	say_step("programs", 0, 0);
	copy_open();
	say_step("bases", 0, 0);
	machine_read("/proc/zoneinfo", "/proc/iomem");
	if (!machine.nr_zones)
		die("/proc/zoneinfo cannot be read: a census needs the zones of the machine");
	bases_find();
}

static bool walk_pages(void)
{
	uint64_t start = monotonic_ns();

	if (!pages_open())
		return false;
	for (uint64_t pfn = 0; pfn != UINT64_MAX;) {
		say_step("pages", (int)(pfn >> 10), (int)(machine.end_pfn >> 10));
		pfn = pages_walk(pfn, PAGES_A_STEP);
	}
	caches_name();
	times.pages_ns = monotonic_ns() - start;
	return true;
}

int census_run(void)
{
	times.began = monotonic_ns();
	prepare();
	drop_rights(false);
	if (walk_pages())
		owners_find();
	if (!report_put(stdout, &times))
		die("the result could not be written: %s", strerror(errno));
	return 0;
}
