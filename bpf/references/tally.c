// SPDX-License-Identifier: MIT
/* Adds up amounts by pairs of numbers. */
#include <stdlib.h>
#include "references.h"

static uint32_t slot_of(const struct tally *tally, uint32_t a, uint32_t b)
{
	return (uint32_t)(((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15ull >> 32) & tally->mask;
}

static void grow(struct tally *tally)
{
	tally->room = tally->room ? tally->room * 2 : 1024;
	tally->rows = realloc(tally->rows, tally->room * sizeof(*tally->rows));
	free(tally->slots);
	tally->mask = tally->room * 4 - 1;
	tally->slots = calloc(tally->mask + 1ull, sizeof(*tally->slots));
	if (!tally->rows || !tally->slots)
		die("out of memory");
	for (uint32_t i = 0; i < tally->nr; i++) {
		uint32_t slot = slot_of(tally, tally->rows[i].a, tally->rows[i].b);

		while (tally->slots[slot])
			slot = (slot + 1) & tally->mask;
		tally->slots[slot] = i + 1;
	}
}

void tally_add(struct tally *tally, uint32_t a, uint32_t b, uint64_t amount)
{
	uint32_t slot;

	if (tally->nr == tally->room)
		grow(tally);
	for (slot = slot_of(tally, a, b); tally->slots[slot]; slot = (slot + 1) & tally->mask) {
		struct tallied *row = &tally->rows[tally->slots[slot] - 1];

		if (row->a == a && row->b == b) {
			row->amount += amount;
			return;
		}
	}
	tally->rows[tally->nr] = (struct tallied){ a, b, amount };
	tally->slots[slot] = ++tally->nr;
}
