// SPDX-License-Identifier: MIT
/*
 * The short form of /proc/zoneinfo: sums over all zones, nodes and CPUs, one line a name, because the
 * kernel's text has hundreds of KB on a large machine. src/proc/zoneinfo.ts reads both.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "kernel.h"

static const char *const zone_names[] = {
	"managed", "nr_free_pages", "count", "nr_isolated_anon", "nr_isolated_file",
	"nr_zspages", "nr_foll_pin_acquired", "nr_foll_pin_released", NULL,
};
static const char *const balloon_names[] = { "balloon_inflate", "balloon_deflate", NULL };

#define MAX_NAMES 16

struct sums {
	const char *const *names;
	uint64_t of[MAX_NAMES];
	bool seen[MAX_NAMES];
};

/* "        managed  3840", "count:    63": a name, and one number to the end of the line. */
static void add_line(struct sums *sums, const char *line)
{
	size_t length;
	const char *at;
	char *end;

	line += strspn(line, " ");
	length = strcspn(line, ": \n");
	for (int i = 0; sums->names[i]; i++) {
		if (strlen(sums->names[i]) != length || strncmp(line, sums->names[i], length) != 0)
			continue;
		at = line + length + (line[length] == ':');
		if (*at != ' ')
			return;
		at += strspn(at, " ");
		if (*at < '0' || *at > '9')
			return;
		uint64_t value = strtoull(at, &end, 10);
		if (*end && *end != '\n')
			return;
		sums->of[i] += value;
		sums->seen[i] = true;
		return;
	}
}

static void put_sums(FILE *out, const char *const *names, const char *text)
{
	struct sums sums = { names, { 0 }, { 0 } };

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		add_line(&sums, line);
	}
	for (int i = 0; names[i]; i++) {
		if (sums.seen[i])
			fprintf(out, "%s %" PRIu64 "\n", names[i], sums.of[i]);
	}
}

void zone_sums_put(FILE *out, const char *zoneinfo)
{
	put_sums(out, zone_names, zoneinfo);
}

void balloon_sums_put(FILE *out, const char *vmstat)
{
	put_sums(out, balloon_names, vmstat);
}
