// SPDX-License-Identifier: MIT
/*
 * Where struct page 0 lies, without /proc/self/pagemap, which shows page frame numbers
 * only to CAP_SYS_ADMIN. Two sources, each held against pages that were seen and against
 * the zones of /proc/zoneinfo:
 *
 *   the kernel's own figure, vmemmap_base: x86 only, and /proc/kallsyms shows it only
 *   with CONFIG_KALLSYMS_ALL;
 *
 *   on x86, its alignment: the array starts at a multiple of PUD_SIZE, with and without
 *   RANDOMIZE_MEMORY (arch/x86/mm/kaslr.c, 4.8 to 7.3). As long as the array is no longer
 *   than that, which is up to 64 GiB of memory, this leaves one place.
 *
 * Without CONFIG_SPARSEMEM_VMEMMAP there is no such array, and struct pages lie in the
 * direct map, below the region of vmalloc. The array lies above it.
 */
#include <stdio.h>
#include <string.h>
#include "kernel.h"

#define PUD_BYTES (1ull << 30)

int zones_read(const char *path, struct zone_span *zones, int max)
{
	FILE *file = fopen(path, "re");
	unsigned long long spanned = 0, start;
	char line[256];
	int nr = 0;

	/* a zone's "spanned" comes before its "start_pfn:" */
	while (file && nr < max && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " spanned %llu", &spanned) == 1 || sscanf(line, " start_pfn: %llu", &start) != 1)
			continue;
		if (spanned)
			zones[nr++] = (struct zone_span){ start, start + spanned };
		spanned = 0;
	}
	if (file)
		fclose(file);
	return nr;
}

static bool in_a_zone(const struct vmemmap_evidence *evidence, uint64_t pfn)
{
	for (int i = 0; i < evidence->nr_zones; i++) {
		if (pfn >= evidence->zones[i].first && pfn < evidence->zones[i].end)
			return true;
	}
	return false;
}

bool vmemmap_fits(const struct vmemmap_evidence *evidence, uint64_t start)
{
	for (uint32_t i = 0; i < evidence->nr_pages; i++) {
		uint64_t page = evidence->pages[i], offset = page - start;

		if (page < start || page < evidence->vmalloc || offset % evidence->page_bytes ||
		    !in_a_zone(evidence, offset / evidence->page_bytes))
			return false;
	}
	return evidence->nr_pages > 0 && start > evidence->vmalloc && evidence->vmalloc;
}

uint64_t vmemmap_by_alignment(const struct vmemmap_evidence *evidence)
{
	uint64_t last_pfn = 0, highest, found = 0;

	if (!evidence->nr_pages)
		return 0;
	for (int i = 0; i < evidence->nr_zones; i++) {
		if (evidence->zones[i].end > last_pfn)
			last_pfn = evidence->zones[i].end;
	}
	highest = evidence->pages[0] & ~(PUD_BYTES - 1);
	/* farther down than this, that page would be past the last zone */
	for (uint64_t below = 0; below < last_pfn * evidence->page_bytes; below += PUD_BYTES) {
		if (!vmemmap_fits(evidence, highest - below))
			continue;
		if (found)
			return 0;
		found = highest - below;
	}
	return found;
}
