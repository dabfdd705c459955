// SPDX-License-Identifier: MIT
/*
 * The walk over all struct pages: they are copied in one piece a call, looked at head by head (decide.c),
 * and the pages behind a head have its class. It can stop and go on anywhere: nothing is kept from one page
 * to the next.
 */
#include <string.h>
#include "census.h"

#define PIECE 4096u
/*
 * Blocks are looked at first, by one struct page each: the rest of a free one need not be
 * copied, nor that of a hole, where each try costs a fault. The kernel gives memmap to 2 MiB of memory at a
 * time (SUBSECTION_SIZE, since 5.3).
 */
#define BLOCK CLASS_BLOCK
static enum field_id memcg_field;
static bool any_poison; /* the machine has pages that are poisoned */
static uint64_t next_pfn; /* of the walk: what lies before is done */

/* Pages side by side of one class, charged alike. */
static struct run {
	uint64_t pfn, nr, memcg;
	enum page_class class;
	uint32_t type; /* page_type of the first */
} run;

/* Pages without a reference that may be on a list of free pages, and the word of its neighbour that must name it. */
static struct lonely {
	uint64_t pfn, word;
} lonely[COPY_BATCH_REQUESTS * 2];
static size_t nr_lonely;

/* Blocks whose first page is not set up. */
static uint64_t unborn[COPY_BATCH_REQUESTS];
static size_t nr_unborn;

/* ---- one page ---- */

static bool is_in_struct_pages(uint64_t address)
{
	return address >= bases.vmemmap && address < page_of_pfn(machine.end_pfn);
}

/*
 * A page without a reference: perhaps on a list, which the page that comes next on it must confirm, or the one
 * before. Other words may lead anywhere, and are not followed: of a list of one page nothing is known.
 */
static void keep_lonely(uint64_t pfn, const uint8_t *page)
{
	uint64_t links[2], word;

	memcpy(links, page + fields[F_PAGE_LRU].offset, sizeof(links));
	word = is_in_struct_pages(links[0]) ? links[0] + 8 : is_in_struct_pages(links[1]) ? links[1] : 0;
	if (word && nr_lonely < sizeof(lonely) / sizeof(lonely[0]))
		lonely[nr_lonely++] = (struct lonely){ pfn, word };
}

/* A block's other pages have flags of their own for that; those behind the piece are read one by one. */
static void set_poisoned(uint64_t pfn, const uint8_t *page, uint64_t nr, uint64_t left)
{
	uint8_t behind[MAX_PAGE_BYTES];

	for (uint64_t i = 1; i < nr; i++) {
		const uint8_t *here = i < left ? page + i * bases.page_bytes : behind;

		if (i >= left && !kernel_read(page_of_pfn(pfn + i), behind, bases.page_bytes))
			break;
		if (page_is_poisoned(here))
			reclass(pfn + i, 1, CLASS_HWPOISON);
	}
}

static void end_run(void)
{
	if (!run.nr)
		return;
	class_set(run.pfn, run.nr, run.class);
	if (run.memcg)
		charge_saw(run.pfn, run.nr, run.class, run.memcg, run.type);
	run.nr = 0;
}

/* Neighbours are often alike: they are counted together. */
static void add_to_run(uint64_t pfn, uint64_t nr, enum page_class class, const uint8_t *page)
{
	/* of a slab the word leads to its objects' owners; of the others without a reference it is of no use */
	bool charged = class != CLASS_FREE && class != CLASS_SLAB && class != CLASS_TAIL_UNKNOWN && has_field(memcg_field);
	uint64_t memcg = charged ? page_word(page, memcg_field) : 0;

	if (run.nr && run.pfn + run.nr == pfn && run.class == class && run.memcg == memcg) {
		run.nr += nr;
		return;
	}
	end_run();
	run = (struct run){ pfn, nr, memcg, class, page_half(page, F_PAGE_TYPE) };
}

/* `left`: struct pages from this one to the end of the piece. Returns how many pages it speaks for. */
static uint64_t look_at(uint64_t pfn, const uint8_t *page, uint64_t left)
{
	enum page_class class;
	uint64_t nr;

	class = page_decide(pfn, page, left, &nr);
	add_to_run(pfn, nr, class, page);
	if (any_poison && nr > 1) {
		end_run();
		set_poisoned(pfn, page, nr, left);
	}
	if (class == CLASS_SLAB)
		slab_saw(pfn, nr, page);
	else if (class == CLASS_TAIL_UNKNOWN)
		keep_lonely(pfn, page);
	return nr;
}

/* ---- the walk ---- */

static void look_at_piece(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t first = tag + offset / bases.page_bytes, nr = bytes / bases.page_bytes;
	uint64_t pfn = next_pfn > first ? next_pfn : first;

	(void)context;
	while (pfn < first + nr) {
		if (piece) {
			pfn += look_at(pfn, piece + (pfn - first) * bases.page_bytes, first + nr - pfn);
		} else {
			class_set(pfn, first + nr - pfn, CLASS_HOLE);
			pfn = first + nr;
		}
	}
	end_run();
	if (pfn > next_pfn)
		next_pfn = pfn;
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

static void look_at_lists(void)
{
	static const struct reader reader = { look_at_list, NULL, false };

	for (size_t i = 0; i < nr_lonely; i++)
		reader_add(&reader, lonely[i].word, 8, i);
	reader_run(&reader);
	nr_lonely = 0;
}

/* True of a struct page that the kernel has not set up yet: it does that for whole blocks, some at boot and some later. */
static bool is_unborn(const uint8_t *page)
{
	static const uint8_t zeros[MAX_PAGE_BYTES];

	return memcmp(page, zeros, bases.page_bytes) == 0;
}

/* The first page of a block, ahead of the walk; or, if that is not set up, the last one. */
static void look_at_block(void *context, uint64_t pfn, uint64_t offset, const uint8_t *page, uint32_t bytes)
{
	uint64_t order, first = pfn / BLOCK * BLOCK;

	(void)context, (void)offset, (void)bytes;
	if (class_of_pfn[first])
		return;
	if (!page) {
		class_set(first, BLOCK, CLASS_HOLE);
	} else if (is_unborn(page)) {
		if (pfn != first)
			class_set(first, BLOCK, CLASS_TAIL_UNKNOWN);
		else
			unborn[nr_unborn++] = first;
	} else if (pfn == first && class_of_type(page_half(page, F_PAGE_TYPE)) == CLASS_FREE) {
		order = page_word(page, F_PAGE_PRIVATE);
		if (order >= CLASS_BLOCK_ORDER && order <= MAX_ORDER && !(pfn & ((1ull << order) - 1)))
			class_set(pfn, 1ull << order, CLASS_FREE);
	}
}

/* Finds large free blocks, holes, and what is not set up, from `pfn` on; returns up to where. */
static uint64_t look_ahead(uint64_t pfn, uint64_t end)
{
	static const struct reader reader = { look_at_block, NULL, false };
	size_t nr;

	pfn = (pfn + BLOCK - 1) / BLOCK * BLOCK;
	nr_unborn = 0;
	for (int i = 0; i < COPY_BATCH_REQUESTS && pfn + BLOCK <= end; i++, pfn += BLOCK)
		reader_add(&reader, page_of_pfn(pfn), bases.page_bytes, pfn);
	reader_run(&reader);
	nr = nr_unborn;
	for (size_t i = 0; i < nr; i++)
		reader_add(&reader, page_of_pfn(unborn[i] + BLOCK - 1), bases.page_bytes, unborn[i] + BLOCK - 1);
	reader_run(&reader);
	return pfn;
}

/* Up to the next block that is known, or the size of a call; in whole pieces, so that one that cannot be read is cut between struct pages. */
static uint64_t pages_to_copy(uint64_t pfn, uint64_t end)
{
	uint64_t nr = options->census_call_bytes / bases.page_bytes;

	nr -= pfn % (nr > BLOCK ? BLOCK : PIECE / bases.page_bytes);
	if (nr < end - pfn)
		end = pfn + nr;
	for (uint64_t next = (pfn | (BLOCK - 1)) + 1; next < end; next += BLOCK) {
		if (class_of_pfn[next])
			return next - pfn;
	}
	return end - pfn;
}

static void walk_span(uint64_t stop, uint64_t end)
{
	static const struct reader reader = { look_at_piece, NULL, true };
	uint64_t ahead = 0;

	while (next_pfn < stop) {
		if (next_pfn >= ahead)
			ahead = look_ahead(next_pfn, end);
		if (class_of_pfn[next_pfn]) {
			/* at the start of a block all of it is known */
			next_pfn += next_pfn % BLOCK ? 1 : BLOCK;
			continue;
		}
		reader_add(&reader, page_of_pfn(next_pfn), pages_to_copy(next_pfn, stop) * bases.page_bytes, next_pfn);
		reader_run(&reader);
		if (nr_lonely >= COPY_BATCH_REQUESTS)
			look_at_lists();
	}
}

uint64_t pages_walk(uint64_t pfn, uint64_t most)
{
	uint64_t stop = pfn < UINT64_MAX - most ? pfn + most : UINT64_MAX;

	for (int i = 0; i < nr_walk_spans; i++) {
		const struct walk_span *span = &walk_spans[i];

		if (pfn >= span->end || span->first == span->end)
			continue;
		next_pfn = pfn > span->first ? pfn : span->first;
		if (next_pfn >= stop)
			return next_pfn;
		if (span->device)
			class_set(next_pfn, span->end - next_pfn, CLASS_DEVICE);
		else
			walk_span(stop < span->end ? stop : span->end, span->end);
		look_at_lists();
		if (stop < span->end)
			return next_pfn > stop ? next_pfn : stop;
	}
	return UINT64_MAX;
}

/* ---- before it ---- */

bool pages_open(void)
{
	static const enum field_id needed[] = { F_PAGE_FLAGS, F_PAGE_COMPOUND, F_PAGE_TYPE, F_PAGE_MAPCOUNT, F_PAGE_REFCOUNT,
						F_PAGE_LRU, F_PAGE_MAPPING, F_PAGE_PRIVATE, NR_FIELDS };

	if (!fields_there("pages", needed) || !marks_find())
		return false;
	if (PIECE % bases.page_bytes || bases.page_bytes > MAX_PAGE_BYTES) {
		missing_add("pages", "a struct page of %llu bytes is not known", (unsigned long long)bases.page_bytes);
		return false;
	}
	any_poison = marks.hwpoison && meminfo_bytes("HardwareCorrupted");
	memcg_field = has_field(F_PAGE_MEMCG) ? F_PAGE_MEMCG : F_PAGE_MEM_CGROUP;
	classes_open();
	return true;
}
