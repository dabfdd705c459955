// SPDX-License-Identifier: MIT
/*
 * The kernel's own page tables: the upper half of this process's, level by level. They say which pages
 * are tables (they have no mark of their own before 6.16), and which page an address of an area is.
 */
#include <stdlib.h>
#include <string.h>
#include "census.h"

#define TABLE_BYTES 4096u
#define ENTRIES 512u

struct table {
	uint64_t pfn, address; /* the first address that it is for */
};

static struct level {
	struct table *tables;
	size_t nr, room;
} levels[2]; /* the one that is read, and the next */
static int shift;
static mapped_pages *mapped;
static uint8_t *seen; /* one bit a pfn: tables may be shared */

static void add_table(struct level *level, struct table table)
{
	if (level->nr == level->room) {
		level->room = level->room ? level->room * 2 : 256;
		level->tables = realloc(level->tables, level->room * sizeof(*level->tables));
		if (!level->tables)
			die("out of memory");
	}
	level->tables[level->nr++] = table;
}

static bool seen_before(uint64_t pfn)
{
	bool before = seen[pfn / 8] & 1u << pfn % 8;

	seen[pfn / 8] |= (uint8_t)(1u << pfn % 8);
	return before;
}

/* Addresses of the linear map are known without its tables. */
static bool is_linear(uint64_t address)
{
	return pfn_of_linear(address) != UINT64_MAX;
}

static void read_table(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	struct level *next = context;
	const struct table *table = &levels[next == &levels[0]].tables[tag];
	/* of the first only the kernel's half; kernel addresses have all high bits */
	bool top = shift == 12 + 9 * (bases.levels - 1);
	uint64_t entry;

	(void)offset;
	if (!piece || bytes != TABLE_BYTES)
		return;
	for (uint32_t i = top ? ENTRIES / 2 : 0; i < ENTRIES; i++) {
		uint64_t address = table->address + ((uint64_t)i << shift), pfn;

		memcpy(&entry, piece + i * 8, 8);
		if (!(entry & TABLE_PRESENT))
			continue;
		if (top)
			address |= ~0ull << (shift + 9);
		pfn = (entry & bases.frame_mask) >> 12;
		if (shift == 12 || entry & TABLE_LEAF) {
			uint64_t nr = 1ull << (shift - 12);

			if (!is_linear(address))
				mapped(address, pfn & ~(nr - 1), nr);
		} else if (page_may_be_read(pfn) && !seen_before(pfn)) {
			add_table(next, (struct table){ pfn, address });
		}
	}
}

static void mark(const struct level *level)
{
	for (size_t i = 0; i < level->nr; i++) {
		if (class_of_pfn[level->tables[i].pfn] == CLASS_UNACCOUNTED)
			reclass(level->tables[i].pfn, 1, CLASS_KERNEL_PAGETABLE);
	}
}

void tables_walk(mapped_pages *found)
{
	int now = 0;

	mapped = found;
	seen = calloc(1, machine.end_pfn / 8 + 1);
	if (!seen)
		die("out of memory");
	/* the first is this process's own; it is no table of the kernel */
	add_table(&levels[0], (struct table){ pfn_of_linear(bases.pgd), 0 });
	for (shift = 12 + 9 * (bases.levels - 1); shift >= 12; shift -= 9) {
		struct reader reader = { read_table, &levels[!now], false };

		levels[!now].nr = 0;
		for (size_t i = 0; i < levels[now].nr; i++)
			safe_add(&reader, linear_of_pfn(levels[now].tables[i].pfn), TABLE_BYTES, i);
		safe_run(&reader);
		mark(&levels[!now]);
		now = !now;
	}
	free(seen);
	for (int i = 0; i < 2; i++) {
		free(levels[i].tables);
		levels[i] = (struct level){ 0 };
	}
}
