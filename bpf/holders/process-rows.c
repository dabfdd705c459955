// SPDX-License-Identifier: MIT
/* Of each row of holders: which processes have how many of its pages, in how many pipes, sockets or rings. */
#include <inttypes.h>
#include <stdlib.h>
#include "holders.h"

#define MOST_PROCESSES 16

static struct held_part {
	uint32_t row, source;
	uint64_t pages;
} *parts;
static uint32_t nr_parts, parts_room, *slots, mask; /* part + 1, by hash of row and source */

static uint32_t slot_of(uint32_t row, uint32_t source)
{
	return (uint32_t)(((uint64_t)row << 32 | source) * 0x9e3779b97f4a7c15ull >> 32) & mask;
}

static void grow(void)
{
	parts_room = parts_room ? parts_room * 2 : 1024;
	parts = realloc(parts, parts_room * sizeof(*parts));
	free(slots);
	mask = parts_room * 4 - 1;
	slots = calloc(mask + 1ull, sizeof(*slots));
	if (!parts || !slots)
		die("out of memory");
	for (uint32_t i = 0; i < nr_parts; i++) {
		uint32_t slot = slot_of(parts[i].row, parts[i].source);

		while (slots[slot])
			slot = (slot + 1) & mask;
		slots[slot] = i + 1;
	}
}

void process_add(uint32_t row, uint32_t node, uint64_t pages)
{
	uint32_t source = process_source(node), slot;

	if (!source)
		return;
	if (nr_parts == parts_room)
		grow();
	for (slot = slot_of(row, source); slots[slot]; slot = (slot + 1) & mask) {
		struct held_part *part = &parts[slots[slot] - 1];

		if (part->row == row && part->source == source) {
			part->pages += pages;
			return;
		}
	}
	parts[nr_parts] = (struct held_part){ row, source, pages };
	slots[slot] = ++nr_parts;
}

static int by_opener(const void *a, const void *b)
{
	const struct held_part *x = a, *y = b;
	uint32_t of_x = source_opener(x->source), of_y = source_opener(y->source);

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return of_x < of_y ? -1 : of_x > of_y;
}

struct process {
	uint32_t opener;
	uint64_t objects, pages;
};

static int by_pages(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return x->opener < y->opener ? -1 : x->opener > y->opener;
}

/* The parts of a row; they are sorted once all are there. */
static const struct held_part *parts_of(uint32_t row, uint32_t *nr)
{
	static bool sorted;
	uint32_t low = 0, high = nr_parts;

	if (!sorted && nr_parts)
		qsort(parts, nr_parts, sizeof(*parts), by_opener);
	sorted = true;
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (parts[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	for (*nr = 0; low + *nr < nr_parts && parts[low + *nr].row == row; ++*nr)
		;
	return &parts[low];
}

static uint32_t processes_of(const struct held_part *those, uint32_t nr, struct process *list)
{
	uint32_t nr_processes = 0;

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t opener = source_opener(those[i].source);

		if (!i || list[nr_processes - 1].opener != opener)
			list[nr_processes++] = (struct process){ opener, 0, 0 };
		list[nr_processes - 1].objects++;
		list[nr_processes - 1].pages += those[i].pages;
	}
	qsort(list, nr_processes, sizeof(*list), by_pages);
	return nr_processes;
}

void processes_put(FILE *out, uint32_t row, uint64_t pages)
{
	struct process *list;
	const struct held_part *those;
	uint32_t nr;

	if (!processes_are_known())
		return;
	those = parts_of(row, &nr);
	list = calloc(nr + 1ull, sizeof(*list));
	if (!list)
		die("out of memory");
	nr = processes_of(those, nr, list);
	fputs(",\"processes\":[", out);
	for (uint32_t i = 0; i < nr; i++) {
		const struct opener *opener = &openers[list[i].opener];

		pages -= list[i].pages;
		if (i >= MOST_PROCESSES)
			continue;
		fprintf(out, "%s{\"pid\":%u,\"comm\":", i ? "," : "", opener->pid);
		json_string(out, opener->comm);
		fprintf(out, ",\"objects\":%" PRIu64 ",\"pages\":%" PRIu64 "}", list[i].objects, list[i].pages);
	}
	fprintf(out, "],\"unownedPages\":%" PRIu64, pages);
	free(list);
}
