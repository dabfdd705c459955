/* SPDX-License-Identifier: MIT */
/* Struct pages from text: "flags=PG_lru|PG_swapbacked refcount=1", names are those of memory.h without F_, and LRU_PREV. */
#ifndef MADE_PAGES_H
#define MADE_PAGES_H

#include <stdlib.h>
#include <string.h>
#include "census.h"

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
	if (strcmp(name, "LRU_PREV") == 0) {
		uint64_t value = number(text);

		memcpy(page + fields[F_PAGE_LRU].offset + 8, &value, 8);
		return;
	}
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

/* `line` is taken apart. */
static void make_page(uint8_t *page, char *line)
{
	/* nobody maps it, and it has no type */
	char none[] = "0xffffffff", *save = NULL;

	set(page, "PAGE_MAPCOUNT", none);
	for (char *word = strtok_r(line, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		char *value = strchr(word, '=');

		*value = 0;
		set(page, word, value + 1);
	}
}

#endif
