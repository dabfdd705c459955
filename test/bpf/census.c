// SPDX-License-Identifier: MIT
/*
 * Asks the census what struct pages are, without a kernel. Arguments: a file with BTF, and the page_type of a page
 * table of that kernel, in hex. Lines on stdin, each one struct page, from pfn 16 on: names and numbers,
 * "flags=PG_lru|PG_swapbacked refcount=1 mapping=0xffff...". Names are those of memory.h without F_.
 * Prints "missing STAGE: WHAT" and "PFN CLASS NR" of each page, NR: how many pages it speaks for.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "census.h"
#include "made-pages.h"

#define MAX_PAGES 64
#define FIRST 16
#define VMEMMAP 0xffffea0000000000ull

static struct options given = { .census_call_bytes = 4096 };
const struct options *const options = &given;
struct bases bases = { .vmemmap = VMEMMAP };
struct machine machine = { .end_pfn = FIRST + MAX_PAGES };
static uint8_t memory[(MAX_PAGES + 1) * 64];
static uint32_t table_type;

void say(const char *fmt, ...)
{
	(void)fmt;
}

bool kernel_read(uint64_t address, void *to, size_t bytes)
{
	uint64_t at = address - VMEMMAP - FIRST * bases.page_bytes;

	memset(to, 0, bytes);
	if (at + bytes > sizeof(memory))
		return false;
	memcpy(to, memory + at, bytes);
	return true;
}

uint64_t pfn_of_page(uint64_t page)
{
	uint64_t offset = page - bases.vmemmap;

	return page < bases.vmemmap || offset / bases.page_bytes >= machine.end_pfn ? UINT64_MAX : offset / bases.page_bytes;
}

int main(int argc, char **argv)
{
	char line[1024];
	uint64_t nr = 0;

	if (argc != 3 || fields_open(argv[1]))
		return 2;
	bases.page_bytes = struct_bytes("page");
	table_type = (uint32_t)strtoull(argv[2], NULL, 16);
	bases.table_pfn = FIRST + MAX_PAGES;
	memcpy(memory + MAX_PAGES * 64 + fields[F_PAGE_TYPE].offset, &table_type, 4);
	marks_find();
	for (size_t i = 0; missing_at(i); i++)
		printf("missing %s: %s\n", missing_at(i)->stage, missing_at(i)->what);
	while (nr < MAX_PAGES && fgets(line, sizeof(line), stdin)) {
		make_page(memory + nr * 64, line);
		nr++;
	}
	for (uint64_t i = 0; i < nr; i++) {
		uint64_t speaks_for;
		enum page_class class = page_decide(FIRST + i, memory + i * 64, nr - i, &speaks_for);

		printf("%llu %s %llu\n", (unsigned long long)(FIRST + i), class_names[class], (unsigned long long)speaks_for);
	}
	return 0;
}
