// SPDX-License-Identifier: MIT
/* What /proc says of the machine: its zones, where its RAM is, and where the kernel's image lies. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "memory.h"

struct machine machine;

/* One line of /proc/zoneinfo, of the zone that the last "Node" line began. */
static void zone_line(const char *line, struct zone *zone)
{
	unsigned long long value;

	if (sscanf(line, " spanned %llu", &value) == 1)
		zone->spanned = value;
	else if (sscanf(line, " present %llu", &value) == 1)
		zone->present = value;
	else if (sscanf(line, " managed %llu", &value) == 1)
		zone->managed = value;
	else if (sscanf(line, " start_pfn: %llu", &value) == 1)
		zone->first = value;
}

static void read_zones(const char *path)
{
	FILE *file = fopen(path, "re");
	struct zone *zone = NULL, next = { 0 };
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Node %d, zone %15s", &next.node, next.name) == 2) {
			/* one that spans nothing gives its place to the next */
			if (!zone || zone->spanned)
				zone = machine.nr_zones < MAX_ZONES ? &machine.zones[machine.nr_zones++] : NULL;
			if (!zone) {
				missing_add("pages", "the zones of /proc/zoneinfo behind the first %d", MAX_ZONES);
				break;
			}
			*zone = next;
		} else if (zone) {
			zone_line(line, zone);
		}
	}
	if (zone && !zone->spanned)
		machine.nr_zones--;
	if (file)
		fclose(file);
	for (int i = 0; i < machine.nr_zones; i++) {
		if (machine.zones[i].first + machine.zones[i].spanned > machine.end_pfn)
			machine.end_pfn = machine.zones[i].first + machine.zones[i].spanned;
	}
}

/* "00100000-bfffffff : System RAM", "  01000000-0220bb07 : Kernel code"; all zero without CAP_SYS_ADMIN. */
static void iomem_line(const char *line)
{
	uint64_t first, last;
	char name[64];
	struct span span;

	if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %63[^\n]", &first, &last, name) != 3 || !last)
		return;
	/* of RAM only whole pages */
	span = (struct span){ (first + 4095) >> 12, (last + 1) >> 12 };
	if (strcmp(name, "System RAM") == 0 && machine.nr_ram < MAX_SPANS && span.first < span.end)
		machine.ram[machine.nr_ram++] = span;
	else if (strncmp(name, "Kernel ", 7) == 0 && machine.nr_image < 16)
		machine.image[machine.nr_image++] = (struct span){ first >> 12, (last >> 12) + 1 };
}

void machine_read(const char *zoneinfo, const char *iomem)
{
	FILE *file = fopen(iomem, "re");
	char line[256];

	memset(&machine, 0, sizeof(machine));
	read_zones(zoneinfo);
	while (file && fgets(line, sizeof(line), file))
		iomem_line(line);
	if (file)
		fclose(file);
}

bool in_ram(uint64_t pfn)
{
	static int last;

	if (pfn >= machine.ram[last].first && pfn < machine.ram[last].end)
		return true;
	for (int i = 0; i < machine.nr_ram; i++) {
		if (pfn >= machine.ram[i].first && pfn < machine.ram[i].end) {
			last = i;
			return true;
		}
	}
	return false;
}

uint64_t free_pages(const char *zoneinfo)
{
	FILE *file = fopen(zoneinfo, "re");
	unsigned long long value;
	uint64_t pages = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " nr_free_pages %llu", &value) == 1)
			pages += value;
	}
	if (file)
		fclose(file);
	return pages;
}

uint64_t meminfo_bytes(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	size_t length = strlen(name);
	uint64_t bytes = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			bytes = strtoull(line + length + 1, NULL, 10) << 10;
			break;
		}
	}
	if (file)
		fclose(file);
	return bytes;
}
