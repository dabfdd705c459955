// SPDX-License-Identifier: MIT
/*
 * Asks vmemmap.c where struct page 0 lies. Argument: a text like /proc/zoneinfo. One line on
 * stdin, numbers in hex: sizeof(struct page), an address of vmalloc, the kernel's own figure, then the
 * struct pages that were seen.
 * Prints "zones FIRST-END...", whether the figure fits, and the start by alignment or "-".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel.h"

int main(int argc, char **argv)
{
	struct vmemmap_evidence evidence = { 0 };
	uint64_t pages[256], own_figure = 0, start;
	char line[8192], *save = NULL;

	if (argc != 2 || !fgets(line, sizeof(line), stdin))
		return 2;
	for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		uint64_t number = strtoull(word, NULL, 16);

		if (!evidence.page_bytes)
			evidence.page_bytes = number;
		else if (!evidence.vmalloc)
			evidence.vmalloc = number;
		else if (!own_figure)
			own_figure = number;
		else
			pages[evidence.nr_pages++] = number;
	}
	evidence.pages = pages;
	evidence.nr_zones = zones_read(argv[1], evidence.zones, MAX_ZONES);
	printf("zones");
	for (int i = 0; i < evidence.nr_zones; i++)
		printf(" %llu-%llu", (unsigned long long)evidence.zones[i].first, (unsigned long long)evidence.zones[i].end);
	printf("\nfigure %s\n", vmemmap_fits(&evidence, own_figure) ? "fits" : "does not fit");
	start = vmemmap_by_alignment(&evidence);
	if (start)
		printf("alignment %llx\n", (unsigned long long)start);
	else
		puts("alignment -");
	return 0;
}
