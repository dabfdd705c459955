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

#define AS_TEXT(id, ...) #id,
static const char *const field_names[] = { CENSUS_FIELDS(AS_TEXT) };
#define AS_VALUE_TEXT(id) #id,
static const char *const value_names[] = { CENSUS_VALUES(AS_VALUE_TEXT) };

/* A number, or names of flags with | between. */
static uint64_t number(char *text)
{
	uint64_t sum = 0;
	char *save = NULL;

	for (char *word = strtok_r(text, "|", &save); word; word = strtok_r(NULL, "|", &save)) {
		int value = 0;

		while (value < NR_VALUES && strcmp(value_names[value], word) != 0)
			value++;
		sum |= value < NR_VALUES ? 1ull << values[value] : strtoull(word, NULL, 0);
	}
	return sum;
}

static void set(uint8_t *page, const char *name, char *text)
{
	for (int id = 0; id < NR_FIELDS; id++) {
		uint64_t value;

		if (strcmp(field_names[id], name) != 0)
			continue;
		if (!has_field(id)) {
			printf("no field %s\n", name);
			exit(1);
		}
		value = number(text);
		memcpy(page + fields[id].offset, &value, fields[id].bytes < 8 ? fields[id].bytes : 8);
		return;
	}
	printf("no name %s\n", name);
	exit(1);
}

int main(int argc, char **argv)
{
	char line[1024], *save = NULL;
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
		/* nobody maps it, and it has no type */
		char none[] = "0xffffffff";

		set(memory + nr * 64, "PAGE_MAPCOUNT", none);
		for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
			char *value = strchr(word, '=');

			*value = 0;
			set(memory + nr * 64, word, value + 1);
		}
		nr++;
	}
	for (uint64_t i = 0; i < nr; i++) {
		uint64_t speaks_for;
		enum page_class class = page_decide(FIRST + i, memory + i * 64, nr - i, &speaks_for);

		printf("%llu %s %llu\n", (unsigned long long)(FIRST + i), class_names[class], (unsigned long long)speaks_for);
	}
	return 0;
}
