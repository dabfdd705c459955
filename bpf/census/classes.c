// SPDX-License-Identifier: MIT
/*
 * The class of each page, one byte a page, and how many there are of each; and pages without a reference, which
 * may be on a list of a CPU: their neighbours there say so.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "census.h"

uint8_t *class_of_pfn;
struct walk_span walk_spans[MAX_ZONES];
int nr_walk_spans;

static uint64_t counts[MAX_ZONES][NR_CLASSES];

static int by_first(const void *a, const void *b)
{
	const struct walk_span *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Zones of two nodes may overlap: the part that both span belongs to the one that begins first. */
static void add_spans(void)
{
	uint64_t end = 0;

	for (int i = 0; i < machine.nr_zones; i++) {
		const struct zone *zone = &machine.zones[i];

		walk_spans[nr_walk_spans++] = (struct walk_span){ zone->first, zone->first + zone->spanned, zone->node,
								  strcmp(zone->name, "Device") == 0 };
	}
	qsort(walk_spans, (size_t)nr_walk_spans, sizeof(walk_spans[0]), by_first);
	for (int i = 0; i < nr_walk_spans; i++) {
		if (walk_spans[i].first < end)
			walk_spans[i].first = end < walk_spans[i].end ? end : walk_spans[i].end;
		if (walk_spans[i].end > end)
			end = walk_spans[i].end;
	}
}

void classes_open(void)
{
	/* whole blocks are asked for, up to the end of the last one */
	uint64_t bytes = machine.end_pfn + CLASS_BLOCK;

	class_of_pfn = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (class_of_pfn == MAP_FAILED)
		die("out of memory");
	madvise(class_of_pfn, bytes, MADV_HUGEPAGE);
	add_spans();
}

/* -1: it is in none. The last one is the likeliest. */
static int span_of(uint64_t pfn)
{
	static int last;

	if (pfn >= walk_spans[last].first && pfn < walk_spans[last].end)
		return last;
	for (int i = 0; i < nr_walk_spans; i++) {
		if (pfn >= walk_spans[i].first && pfn < walk_spans[i].end)
			return last = i;
	}
	return -1;
}

void class_set(uint64_t pfn, uint64_t nr, enum page_class class)
{
	uint64_t next = (pfn | (CLASS_BLOCK - 1)) + 1;
	int span = span_of(pfn);

	if (span < 0 || class_of_pfn[pfn])
		return;
	if (nr > walk_spans[span].end - pfn)
		nr = walk_spans[span].end - pfn;
	/* only whole blocks are known before their turn */
	for (; next < pfn + nr; next += CLASS_BLOCK) {
		if (class_of_pfn[next])
			nr = next - pfn;
	}
	if (nr == 1)
		class_of_pfn[pfn] = (uint8_t)class;
	else
		memset(class_of_pfn + pfn, class, nr);
	counts[span][class] += nr;
}

void reclass(uint64_t pfn, uint64_t nr, enum page_class class)
{
	for (; nr--; pfn++) {
		int span = span_of(pfn);

		if (span < 0 || !class_of_pfn[pfn])
			continue;
		counts[span][class_of_pfn[pfn]]--;
		counts[span][class]++;
		class_of_pfn[pfn] = (uint8_t)class;
	}
}

uint64_t pages_of_class_on(enum page_class class, int node)
{
	uint64_t sum = 0;

	for (int i = 0; i < nr_walk_spans; i++)
		sum += node < 0 || walk_spans[i].node == node ? counts[i][class] : 0;
	return sum;
}

uint64_t pages_of_class(enum page_class class)
{
	return pages_of_class_on(class, -1);
}

/* ---- pages without a reference ---- */

/* Pages without a reference that may be on a list of free pages, and the word of its neighbour that must name it. */
static struct lonely {
	uint64_t pfn, word;
} lonely[COPY_BATCH_REQUESTS * 2];
static size_t nr_lonely;

static bool is_in_struct_pages(uint64_t address)
{
	return address >= bases.vmemmap && address < page_of_pfn(machine.end_pfn);
}

/* Other words may lead anywhere, and are not followed: of a list of one page nothing is known. */
void list_note(uint64_t pfn, const uint8_t *page)
{
	uint64_t links[2], word;

	memcpy(links, page + fields[F_PAGE_LRU].offset, sizeof(links));
	word = is_in_struct_pages(links[0]) ? links[0] + 8 : is_in_struct_pages(links[1]) ? links[1] : 0;
	if (word && nr_lonely < sizeof(lonely) / sizeof(lonely[0]))
		lonely[nr_lonely++] = (struct lonely){ pfn, word };
}

/* On a list of free pages, if its neighbour there names it. */
static void look_at_list(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t me = page_of_pfn(lonely[tag].pfn) + (uint64_t)fields[F_PAGE_LRU].offset, named;

	(void)context, (void)offset, (void)bytes;
	if (!piece)
		return;
	memcpy(&named, piece, 8);
	if (named == me)
		reclass(lonely[tag].pfn, 1, CLASS_PERCPU_FREE);
}

void lists_look(void)
{
	static const struct reader reader = { look_at_list, NULL, false };

	for (size_t i = 0; i < nr_lonely; i++)
		reader_add(&reader, lonely[i].word, 8, i);
	reader_run(&reader);
	nr_lonely = 0;
}

bool lists_are_full(void)
{
	return nr_lonely >= COPY_BATCH_REQUESTS;
}
