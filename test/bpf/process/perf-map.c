// SPDX-License-Identifier: MIT
/*
 * Asks perf-map.c about this process. Lines on stdin:
 *   "write TEXT"  a line more in its perf map
 *   "pause MS"
 *   "ask HEX"     -> "NAME START END", or "-"
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "process.h"

static char path[64];

static void put_more(const char *text)
{
	FILE *out = fopen(path, "ae");

	if (!out || fputs(text, out) < 0 || fclose(out) != 0)
		exit(1);
}

static void ask(struct perf_map *map, uint64_t address)
{
	uint64_t start, end;
	const char *name = perf_map_name(map, getpid(), address, &start, &end);

	if (name)
		printf("%s %" PRIx64 " %" PRIx64 "\n", name, start, end);
	else
		puts("-");
}

int main(void)
{
	struct perf_map map = { 0 };
	char line[256];

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	while (fgets(line, sizeof(line), stdin)) {
		if (strncmp(line, "write ", 6) == 0)
			put_more(line + 6);
		else if (strncmp(line, "pause ", 6) == 0)
			usleep((useconds_t)atoi(line + 6) * 1000);
		else
			ask(&map, strtoull(line + 4, NULL, 16));
	}
	unlink(path);
	perf_map_free(&map);
	return 0;
}
