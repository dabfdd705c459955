// SPDX-License-Identifier: MIT
/* Each thing once, as the text of its JSON object; the answer has its number for each page and object of it. */
#include <stdlib.h>
#include <string.h>
#include "names.h"

/* Of all texts together: paths may be long. */
#define MOST_BYTES (4u << 20)
#define SLOTS (MAX_ITEMS * 2)

static char *things[MAX_ITEMS];
static uint32_t nr_things;
static uint16_t slots[SLOTS]; /* number + 1 */
static size_t bytes;

static FILE *text;
static char *begun;
static size_t begun_bytes;

static uint32_t hash_of(const char *of)
{
	uint32_t hash = 2166136261u;

	for (; *of; of++)
		hash = (hash ^ (uint8_t)*of) * 16777619u;
	return hash;
}

FILE *thing_begin(void)
{
	text = open_memstream(&begun, &begun_bytes);
	if (!text)
		die("out of memory");
	return text;
}

int thing_end(bool known)
{
	uint32_t slot;

	if (fclose(text) != 0)
		die("out of memory");
	if (!known) {
		free(begun);
		return -1;
	}
	for (slot = hash_of(begun) % SLOTS; slots[slot]; slot = (slot + 1) % SLOTS) {
		if (strcmp(things[slots[slot] - 1], begun) == 0) {
			free(begun);
			return slots[slot] - 1;
		}
	}
	if (nr_things == MAX_ITEMS || bytes + begun_bytes > MOST_BYTES) {
		free(begun);
		return -1;
	}
	bytes += begun_bytes;
	things[nr_things++] = begun;
	slots[slot] = (uint16_t)nr_things;
	return (int)nr_things - 1;
}

void things_put(FILE *out)
{
	for (uint32_t i = 0; i < nr_things; i++)
		fprintf(out, "%s\n{%s}", i ? "," : "", things[i]);
}

void put_text(FILE *to, const char *name, const char *value)
{
	fprintf(to, ",\"%s\":", name);
	json_string(to, value);
}
