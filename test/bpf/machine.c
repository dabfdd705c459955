// SPDX-License-Identifier: MIT
/* Prints what machine.c reads of a text like /proc/zoneinfo and one like /proc/iomem: the arguments; then whether each pfn that follows is RAM. */
#include <stdarg.h>
#include <stdlib.h>
#include "memory.h"

void missing_add(const char *stage, const char *fmt, ...)
{
	va_list args;

	printf("missing %s: ", stage);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	puts("");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	machine_read(argv[1], argv[2]);
	for (int i = 0; i < machine.nr_zones; i++)
		printf("zone %d %s %llu+%llu present %llu managed %llu\n", machine.zones[i].node, machine.zones[i].name,
		       (unsigned long long)machine.zones[i].first, (unsigned long long)machine.zones[i].spanned,
		       (unsigned long long)machine.zones[i].present, (unsigned long long)machine.zones[i].managed);
	printf("end %llu, free %llu\n", (unsigned long long)machine.end_pfn, (unsigned long long)free_pages(argv[1]));
	for (int i = 0; i < machine.nr_ram; i++)
		printf("ram %llx-%llx\n", (unsigned long long)machine.ram[i].first, (unsigned long long)machine.ram[i].end);
	for (int i = 0; i < machine.nr_image; i++)
		printf("image %llx-%llx\n", (unsigned long long)machine.image[i].first, (unsigned long long)machine.image[i].end);
	for (int i = 3; i < argc; i++)
		printf("%s %s\n", argv[i], in_ram(strtoull(argv[i], NULL, 16)) ? "ram" : "not ram");
	return 0;
}
