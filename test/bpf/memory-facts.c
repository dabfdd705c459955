// SPDX-License-Identifier: MIT
/*
 * Asks zone-sums.c and memory-facts.c about a text on stdin. Argument: what.
 *   zones    -> the short form of a zoneinfo
 *   balloon  -> the lines of a vmstat that count a balloon's pages
 *   percpu   -> pages of a CPU's part of the first chunk, by a kernel log
 */
#include <stdlib.h>
#include <string.h>
#include "kernel.h"

int main(int argc, char **argv)
{
	static char text[1 << 22];
	size_t n = fread(text, 1, sizeof(text) - 1, stdin);

	if (argc != 2)
		return 2;
	text[n] = 0;
	if (strcmp(argv[1], "zones") == 0)
		zone_sums_put(stdout, text);
	else if (strcmp(argv[1], "balloon") == 0)
		balloon_sums_put(stdout, text);
	else
		printf("%llu\n", (unsigned long long)percpu_pages_in_log(text));
	return 0;
}
