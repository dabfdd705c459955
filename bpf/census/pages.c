// SPDX-License-Identifier: MIT
/*
 * The walk over all struct pages: they are copied, whole blocks several a call (blocks.c), looked at head by head
 * (decide.c), and the pages behind a head have its class. It can stop and go on anywhere: nothing is kept from one
 * page to the next.
 */
#include <string.h>
#include "census.h"

#define PIECE 4096u
#define BLOCK CLASS_BLOCK

static enum field_id memcg_field;
static uint64_t next_pfn; /* of the walk: what lies before is done */

/* Pages side by side of one class, charged alike. */
static struct run {
	uint64_t pfn, nr, memcg;
	enum page_class class;
	uint32_t type; /* page_type of the first */
} run;

/* ---- one page ---- */

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
	/* slabs and pages without a reference are noted one by one */
	if (nr == 1 && class != CLASS_FREE && class != CLASS_SLAB && class != CLASS_TAIL_UNKNOWN)
		nr = pages_alike(page, left, memcg_field);
	add_to_run(pfn, nr, class, page);
	if (marks.any_poison && nr > 1) {
		end_run();
		set_poisoned(pfn, page, nr, left);
	}
	if (class == CLASS_SLAB)
		slab_saw(pfn, nr, page);
	else if (class == CLASS_TAIL_UNKNOWN)
		list_note(pfn, page);
	return nr;
}

/* ---- the walk ---- */

/* A block that was seen ahead, or one that the walk before it reached into, has classes already. */
static uint64_t skip_known(uint64_t pfn, uint64_t end)
{
	while (pfn < end && class_of_pfn[pfn])
		pfn++;
	return pfn;
}

static void look_at_piece(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t first = tag + offset / bases.page_bytes, end = first + bytes / bases.page_bytes;
	uint64_t pfn = skip_known(first, end);

	(void)context;
	while (pfn < end) {
		if (piece) {
			pfn += look_at(pfn, piece + (pfn - first) * bases.page_bytes, end - pfn);
		} else {
			class_set(pfn, end - pfn, CLASS_HOLE);
			pfn = end;
		}
	}
	end_run();
	if (pfn > next_pfn)
		next_pfn = pfn;
}

/* A page that was left out, behind one that had said that it speaks for it, but is no head. */
static uint64_t look_at_alone(uint64_t pfn)
{
	uint8_t page[MAX_PAGE_BYTES];

	if (kernel_read(page_of_pfn(pfn), page, bases.page_bytes))
		return look_at(pfn, page, 1);
	end_run();
	class_set(pfn, 1, CLASS_HOLE);
	return 1;
}

static void look_at_block(uint64_t first, const uint8_t *pages, uint32_t steps)
{
	uint64_t end = first + BLOCK, pfn = skip_known(first, end);
	uint32_t step_order = copy_requests->rule.step_order;

	while (pfn < end) {
		if (steps >> ((pfn - first) >> step_order) & 1)
			pfn += look_at(pfn, pages + (pfn - first) * bases.page_bytes, end - pfn);
		else
			pfn += look_at_alone(pfn);
	}
	end_run();
}

/* Up to the next block that is known, or the size of a call; in whole pieces, so that one that cannot be read is cut between struct pages. */
static uint64_t pages_to_copy(uint64_t pfn, uint64_t end)
{
	uint64_t nr = options->census_call_bytes / bases.page_bytes;

	nr -= pfn % (nr > BLOCK ? BLOCK : PIECE / bases.page_bytes);
	if (nr < end - pfn)
		end = pfn + nr;
	for (uint64_t next = (pfn | (BLOCK - 1)) + 1; next < end; next += BLOCK) {
		if (blocks_can_be_copied() || class_of_pfn[next])
			return next - pfn;
	}
	return end - pfn;
}

static void walk_span(uint64_t stop, uint64_t end)
{
	static const struct reader reader = { look_at_piece, NULL, true };
	bool by_blocks = blocks_can_be_copied();
	uint64_t ahead = 0;

	while (next_pfn < stop) {
		if (next_pfn >= ahead)
			ahead = blocks_look_ahead(next_pfn, end);
		if (class_of_pfn[next_pfn]) {
			next_pfn += next_pfn % BLOCK == 0 && block_is_known(next_pfn) ? BLOCK : 1;
		} else if (by_blocks && next_pfn % BLOCK == 0 && next_pfn + BLOCK <= stop) {
			next_pfn = blocks_copy(next_pfn, stop < ahead ? stop : ahead, look_at_block, &reader);
		} else {
			reader_add(&reader, page_of_pfn(next_pfn), pages_to_copy(next_pfn, stop) * bases.page_bytes, next_pfn);
			reader_run(&reader);
		}
		if (lists_are_full())
			lists_look();
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
		lists_look();
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
	memcg_field = has_field(F_PAGE_MEMCG) ? F_PAGE_MEMCG : F_PAGE_MEM_CGROUP;
	classes_open();
	marks.any_poison = marks.hwpoison && meminfo_bytes("HardwareCorrupted");
	blocks_open();
	return true;
}
