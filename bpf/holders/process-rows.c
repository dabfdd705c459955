// SPDX-License-Identifier: MIT
/* Of each row of holders: which processes have how many of its pages, in how many pipes, sockets or rings. */
#include <inttypes.h>
#include <stdlib.h>
#include "holders.h"

#define MOST_PROCESSES 16

/* Pages, by row and source. */
static struct tally parts;

void process_add(uint32_t row, uint32_t node, uint64_t pages)
{
	uint32_t source = process_source(node);

	if (source)
		tally_add(&parts, row, source, pages);
}

static int by_opener(const void *a, const void *b)
{
	const struct tallied *x = a, *y = b;
	uint32_t of_x = source_opener(x->b), of_y = source_opener(y->b);

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
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
static const struct tallied *parts_of(uint32_t row, uint32_t *nr)
{
	static bool sorted;
	uint32_t low = 0, high = parts.nr;

	if (!sorted && parts.nr)
		qsort(parts.rows, parts.nr, sizeof(*parts.rows), by_opener);
	sorted = true;
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (parts.rows[middle].a < row)
			low = middle + 1;
		else
			high = middle;
	}
	for (*nr = 0; low + *nr < parts.nr && parts.rows[low + *nr].a == row; ++*nr)
		;
	return &parts.rows[low];
}

static uint32_t processes_of(const struct tallied *those, uint32_t nr, struct process *list)
{
	uint32_t nr_processes = 0;

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t opener = source_opener(those[i].b);

		if (!i || list[nr_processes - 1].opener != opener)
			list[nr_processes++] = (struct process){ opener, 0, 0 };
		list[nr_processes - 1].objects++;
		list[nr_processes - 1].pages += those[i].amount;
	}
	qsort(list, nr_processes, sizeof(*list), by_pages);
	return nr_processes;
}

void processes_put(FILE *out, uint32_t row, uint64_t pages)
{
	struct process *list;
	const struct tallied *those;
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
