// SPDX-License-Identifier: MIT
/* The run: what is loaded and found first, then stage by stage. */
#include <stdio.h>
#include "census.h"

int census_run(void)
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
	drop_rights(false);
	return 0;
}
