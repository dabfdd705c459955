// SPDX-License-Identifier: MIT
/*
 * Who holds the pages that no counter knows. A page has many referrers, and most of them are old: words
 * of freed memory that nobody set since. So what explains most pages has them: for each description the
 * pages are counted that it may explain, and each page goes to the largest. First by the nearest link
 * alone, then among chains that begin with it.
 *
 * A page without a reference that lies right behind one that has some belongs to that block: of blocks of
 * several pages that are no compound the kernel keeps the address of the first. A block begins at a multiple
 * of its size, so it reaches no farther than its first page's place allows.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "holders.h"

/* References kept of one target. */
#define MAX_HITS 64u

static struct hit {
	uint32_t target, source, chain;
} *hits;
static uint64_t nr_hits, hits_room;
static uint8_t *hits_of[2]; /* by target: how many there are of each rank */

static struct row {
	uint32_t chain, id;
	uint8_t class;
	uint64_t pages, behind, objects;
} *rows;
static size_t nr_rows, rows_room;

/* By target: what was decided; 0: nobody. */
static uint32_t *decided;
static uint32_t *source_of;

void hit_add(uint32_t target, enum rank rank, uint32_t source, uint32_t chain)
{
	uint32_t index = target - first_target, nr = first_area - first_target;

	if (!hits_of[0]) {
		for (int i = 0; i < 2; i++)
			hits_of[i] = room_for(nr);
	}
	/* what is only in a list is asked for where there is nothing else */
	if (hits_of[rank][index] >= MAX_HITS || (rank == RANK_LIST && hits_of[RANK_DATA][index]))
		return;
	hits_of[rank][index]++;
	if (nr_hits == hits_room) {
		hits_room = hits_room ? hits_room * 2 : 1 << 16;
		hits = realloc(hits, hits_room * sizeof(*hits));
		if (!hits)
			die("out of memory");
	}
	hits[nr_hits++] = (struct hit){ index, source, chain };
}

static int by_target(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return x->source < y->source ? -1 : x->source > y->source;
}

/* What the source is, where its words near the reference said nothing. */
static void describe_hits(void)
{
	uint64_t nr = 0;

	for (uint64_t i = 0; i < nr_hits; i++) {
		struct hit hit = hits[i];

		rest_sometimes();
		if (!hit.chain) {
			hit.chain = chain_of_node ? chain_of_node[hit.source] : 0;
			if (!hit.chain)
				hit.chain = chain_of_plain(hit.source);
		}
		hits[nr++] = hit;
	}
	nr_hits = nr;
	qsort(hits, nr_hits, sizeof(*hits), by_target);
}

static uint64_t target_pages(uint32_t target)
{
	return block_pages(block_of_node(first_target + target));
}

/* ---- the majority ---- */

/* The nearest link of a chain, alone; of what has no name of its own, with the next. */
static uint32_t *heads;

/* Objects of such caches, and pages, may be anything. */
static bool has_no_name(const struct link *link)
{
	return !link->hint && (link->kind == LINK_PAGE || strstr(text_at(link->name), "kmalloc-"));
}

static uint32_t head_of(uint32_t chain)
{
	return heads[chain];
}

static void find_heads(void)
{
	uint32_t nr = nr_chains();

	heads = room_for((nr + 1ull) * sizeof(*heads));
	for (uint32_t chain = 1; chain < nr; chain++) {
		const struct link link = *chain_at(chain);
		struct link up;

		up = has_no_name(&link) && link.up ? *chain_at(link.up) : (struct link){ 0 };
		heads[chain] = chain_of(link.kind, link.name, link.hint, has_no_name(&link) && link.up ? chain_of(up.kind, up.name, up.hint, 0) : 0);
	}
}

/* Adds up, for each description, the pages it may explain. `of` gives the description of a hit. */
static uint64_t *count_pages(bool by_head)
{
	uint64_t *counts = room_for((nr_chains() + 1ull) * sizeof(*counts));
	uint64_t end;

	for (uint64_t i = 0; i < nr_hits; i = end) {
		rest_sometimes();
		for (end = i; end < nr_hits && hits[end].target == hits[i].target; end++) {
			uint32_t chain = by_head ? head_of(hits[end].chain) : hits[end].chain;
			bool again = false;

			for (uint64_t before = i; before < end && !again; before++)
				again = (by_head ? head_of(hits[before].chain) : hits[before].chain) == chain;
			if (!again)
				counts[chain] += target_pages(hits[i].target);
		}
	}
	return counts;
}

static void decide(void)
{
	uint64_t *by_head = count_pages(true), *by_chain = count_pages(false), end;

	for (uint64_t i = 0; i < nr_hits; i = end) {
		uint64_t best = i;

		rest_sometimes();
		for (end = i + 1; end < nr_hits && hits[end].target == hits[i].target; end++) {
			uint32_t here = hits[end].chain, there = hits[best].chain;
			uint64_t a = by_head[head_of(here)], b = by_head[head_of(there)];

			if (a > b || (a == b && by_chain[here] > by_chain[there]) ||
			    (here == there && process_has(hits[end].source) && !process_has(hits[best].source)))
				best = end;
		}
		decided[hits[i].target] = hits[best].chain;
		source_of[hits[i].target] = hits[best].source;
	}
}

/* ---- what was on its way ---- */

static uint64_t *gone; /* a bit for each target */

static void see_again(void *context, uint64_t target, uint64_t offset, const uint8_t *page, uint32_t bytes)
{
	const struct block *block = block_of_node(first_target + (uint32_t)target);
	enum page_class class;
	uint64_t nr;

	(void)context, (void)offset, (void)bytes;
	class = page ? page_decide(block->pfn, page, 1, &nr) : (enum page_class)block->class;
	if (class == block->class)
		return;
	set_bit(gone, target);
	reclass(block->pfn, block_pages(block), class);
}

/*
 * Pages that nobody refers to are looked at again: what was taken a moment ago and is mapped by now, or was
 * being freed, has another class, and gets it.
 */
static void drop_gone(void)
{
	static const struct reader reader = { see_again, NULL, false };
	uint32_t nr = first_area - first_target;

	gone = room_for((nr / 64 + 1) * 8ull);
	for (uint32_t target = 0; target < nr; target++) {
		const struct block *block = block_of_node(first_target + target);

		if (!decided[target] && block->class != CLASS_TAIL_UNKNOWN)
			reader_add(&reader, page_of_pfn(block->pfn), bases.page_bytes, target);
	}
	reader_run(&reader);
}

/* ---- rows ---- */

static struct row *row_of(uint32_t chain, uint8_t class)
{
	for (size_t i = 0; i < nr_rows; i++) {
		if (rows[i].chain == chain && rows[i].class == class)
			return &rows[i];
	}
	if (nr_rows == rows_room) {
		rows_room = rows_room ? rows_room * 2 : 256;
		rows = realloc(rows, rows_room * sizeof(*rows));
		if (!rows)
			die("out of memory");
	}
	rows[nr_rows] = (struct row){ .chain = chain, .id = (uint32_t)nr_rows, .class = class };
	return &rows[nr_rows++];
}

static void add_rows(void)
{
	uint64_t *seen = room_for((nr_nodes / 64 + 1) * 8ull);
	struct reach reach = { 0 };
	uint32_t before = 0;

	for (uint32_t target = 0; target < first_area - first_target; target++) {
		const struct block *block = block_of_node(first_target + target);
		bool behind = reach_covers(&reach, block) && !decided[target];
		struct row *row;

		rest_sometimes();
		if (decided[target])
			reach_add(&reach, block);
		/* no reference and no block that it may belong to: it was being freed, or never was in use */
		if ((block->class == CLASS_TAIL_UNKNOWN && !behind && !decided[target]) || has_bit(gone, target))
			continue;
		row = row_of(behind ? before : decided[target], block->class);
		row->pages += block_pages(block);
		row->behind += behind ? block_pages(block) : 0;
		if (!decided[target])
			continue;
		before = decided[target];
		process_add(row->id, source_of[target], block_pages(block));
		if (source_of[target] != NO_NODE && !has_bit(seen, source_of[target])) {
			set_bit(seen, source_of[target]);
			row->objects++;
		}
	}
}

static int by_pages(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return x->chain < y->chain ? -1 : x->chain > y->chain;
}

/* Rows have all that is asked for later. */
static void forget_hits(void)
{
	free(hits);
	hits = NULL;
	for (int i = 0; i < 2; i++)
		room_forget(hits_of[i], first_area - first_target);
	room_forget(decided, (first_area - first_target + 1ull) * sizeof(*decided));
	room_forget(source_of, (first_area - first_target + 1ull) * sizeof(*source_of));
	processes_forget_nodes();
}

void holders_find(void)
{
	uint32_t nr = first_area - first_target;

	decided = room_for((nr + 1ull) * sizeof(*decided));
	source_of = room_for((nr + 1ull) * sizeof(*source_of));
	describe_hits();
	find_heads();
	decide();
	drop_gone();
	add_rows();
	forget_hits();
	qsort(rows, nr_rows, sizeof(*rows), by_pages);
}

void holders_put(FILE *out)
{
	fputs(",\n\"holders\":[", out);
	for (size_t i = 0; i < nr_rows; i++) {
		fprintf(out, "%s\n{\"class\":\"%s\",\"node\":-1,\"pages\":%" PRIu64 ",\"behindPages\":%" PRIu64 ",\"objects\":%" PRIu64 ",",
			i ? "," : "", class_names[rows[i].class], rows[i].pages, rows[i].behind, rows[i].objects);
		chain_put(out, rows[i].chain);
		processes_put(out, rows[i].id, rows[i].pages);
		fputs("}", out);
	}
	fputs("]", out);
}
