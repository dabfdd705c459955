// SPDX-License-Identifier: MIT
/*
 * The run: what is asked, what must be known to answer, the answer. One process for each question: it keeps no
 * rights and no memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "names.h"

static struct item {
	char what;       /* 'p'age, 'o'bject, 0: not understood */
	uint64_t number; /* a pfn, or an address */
} items[MAX_ITEMS];
static uint32_t nr_items, nr_left;
static bool any_object;

/* "page 1a2b" or "object ffff888012345678"; of a line that is none the answer is "nothing is known". */
static struct item parse(const char *line)
{
	struct item item = { 0 };
	const char *number = strchr(line, ' ');
	char *end;

	if (!number || strspn(number + 1, "0123456789abcdef") == 0)
		return item;
	errno = 0;
	item.number = strtoull(number + 1, &end, 16);
	if (errno || (*end && strcmp(end, "\n") != 0))
		return item;
	if (strncmp(line, "page ", 5) == 0)
		item.what = 'p';
	else if (strncmp(line, "object ", 7) == 0)
		item.what = 'o';
	return item;
}

static void read_items(void)
{
	char line[64];
	bool whole = true;

	while (fgets(line, sizeof(line), stdin)) {
		bool begins = whole;

		whole = strchr(line, '\n') != NULL;
		if (!begins)
			continue;
		if (nr_items == MAX_ITEMS) {
			nr_left++;
			continue;
		}
		items[nr_items] = whole || feof(stdin) ? parse(line) : (struct item){ 0 };
		any_object |= items[nr_items++].what == 'o';
	}
}

static bool prepare(void)
{
	const char *why = fields_open(NULL);

	if (why)
		die("%s", why);
	name_fields_find();
	if (any_object)
		maps_open();
	copy_open();
	machine_read("/proc/zoneinfo", "/proc/iomem");
	if (!machine.nr_zones)
		die("/proc/zoneinfo cannot be read: names of things need the zones of the machine");
	bases_find();
	drop_rights(false, false);
	if (!pages_open())
		return false;
	paths_open();
	inodes_open();
	sockets_open();
	maps_find();
	return true;
}

/* What an address outside all slabs can be: a map that is large. */
static int name_of(const struct item *item)
{
	struct object object;
	FILE *text = thing_begin();
	bool known = false;

	if (item->what == 'p')
		known = page_put(text, item->number);
	else if (item->what == 'o' && object_find(item->number, &object))
		known = object_put(text, &object) && object_is_there(&object);
	else if (item->what == 'o')
		known = map_put(text, item->number);
	return thing_end(known);
}

static void put_missing(FILE *out)
{
	const struct missing *missing;

	for (size_t i = 0; (missing = missing_at(i)); i++) {
		fprintf(out, "%s\n{\"stage\":\"%s\"", i ? "," : "", missing->stage);
		put_text(out, "what", missing->what);
		fputs("}", out);
	}
}

static bool put(FILE *out, const int *of, uint64_t began)
{
	fputs("{\"format\":\"unfreed-names-raw\",\"version\":1,\n\"things\":[", out);
	things_put(out);
	fputs("],\n\"of\":[", out);
	for (uint32_t i = 0; i < nr_items; i++)
		fprintf(out, "%s%d", i ? "," : "", of[i]);
	fprintf(out, "],\n\"left\":%u,\n\"missing\":[", nr_left);
	put_missing(out);
	fprintf(out, "],\n\"time\":{\"wallNs\":%" PRIu64 ",\"cpuNs\":%" PRIu64 ",\"calls\":%" PRIu64 "}}\n", monotonic_ns() - began,
		all_cpu_ns(), copy_stats.calls);
	return fflush(out) == 0 && !ferror(out);
}

int names_run(void)
{
	static int of[MAX_ITEMS];
	uint64_t began = monotonic_ns();
	bool can;

	read_items();
	can = prepare();
	for (uint32_t i = 0; i < nr_items; i++)
		of[i] = can ? name_of(&items[i]) : -1;
	if (!put(stdout, of, began))
		die("the answer could not be written: %s", strerror(errno));
	return 0;
}
