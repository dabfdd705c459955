// SPDX-License-Identifier: MIT
/* The run: what is loaded and found first, then stage by stage, then the report. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "census.h"

/* Between two of them the walk can be stopped, and its progress is said. */
#define PAGES_A_STEP (1u << 22)

static struct census_times times;

/* The step that ran until now took so long. */
void census_took(const char *step)
{
	static uint64_t since, cpu_since;
	uint64_t now = monotonic_ns(), cpu = all_cpu_ns();

	if (step && times.nr < MAX_STEPS)
		times.steps[times.nr++] = (struct step_time){ step, now - since, cpu - cpu_since };
	since = now;
	cpu_since = cpu;
}

static void prepare(void)
{
	const char *why;

	say_step("types", 0, 0);
	why = fields_open(NULL);
	if (why)
		die("%s", why);
	census_took("types");
	say_step("programs", 0, 0);
	copy_open();
	census_took("programs");
	say_step("bases", 0, 0);
	machine_read("/proc/zoneinfo", "/proc/iomem");
	if (!machine.nr_zones)
		die("/proc/zoneinfo cannot be read: a census needs the zones of the machine");
	bases_find();
	census_took("bases");
	kallsyms_load_all(KALLSYMS);
	census_took("symbols");
	checks_before();
	drop_rights(false);
}

static bool walk_pages(void)
{
	census_took(NULL);
	if (!pages_open())
		return false;
	for (uint64_t pfn = 0; pfn != UINT64_MAX;) {
		say_step("pages", (int)(pfn >> 10), (int)(machine.end_pfn >> 10));
		pfn = pages_walk(pfn, PAGES_A_STEP);
	}
	census_took("pages");
	return true;
}

bool census_look(void)
{
	if (!walk_pages())
		return false;
	say_step("areas", 0, 0);
	caches_name();
	areas_find();
	census_took("areas");
	return true;
}

int census_run(const struct census_more *more)
{
	times.began = monotonic_ns();
	census_took(NULL);
	prepare();
	if (more)
		more->begin();
	if (census_look()) {
		owners_find();
		census_took("owners");
		checks_after();
		census_took("checks");
		if (more)
			more->run();
	}
	if (!report_put(stdout, &times, more))
		die("the result could not be written: %s", strerror(errno));
	return 0;
}
