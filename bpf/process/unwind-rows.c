// SPDX-License-Identifier: MIT
/* Rows of a file: 4 bytes of address and 2 that name one of a few hundred different steps. */
#include <stdlib.h>
#include <string.h>
#include "process.h"

#define MOST_STEPS 65536u
#define HASH_BITS 17

static const struct unwind_step no_row, no_plain_step = { .kind = UNWIND_OTHER };

static bool same_step(const struct unwind_step *a, const struct unwind_step *b)
{
	return a->kind == b->kind && a->bp == b->bp && a->plt_from == b->plt_from && a->interrupts == b->interrupts &&
	       a->cfa == b->cfa && a->bp_offset == b->bp_offset;
}

static uint32_t hash_of(const struct unwind_step *step)
{
	uint64_t hash = (uint64_t)step->kind << 24 | (uint64_t)step->bp << 16 | (uint64_t)step->plt_from << 8 | step->interrupts;

	hash = hash << 32 ^ (uint64_t)(uint32_t)step->cfa << 20 ^ (uint32_t)step->bp_offset;
	return (uint32_t)(hash * 0x9e3779b97f4a7c15ull >> (64 - HASH_BITS));
}

/* The place of a step in the table, which it enters if it is new; one too many becomes no plain step. */
static uint16_t place_of(struct row_builder *builder, const struct unwind_step *step)
{
	struct unwind_rows *rows = builder->rows;
	uint32_t at = hash_of(step);

	for (; builder->hash[at]; at = (at + 1) & ((1u << HASH_BITS) - 1)) {
		if (same_step(&rows->table[builder->hash[at] - 1], step))
			return (uint16_t)(builder->hash[at] - 1);
	}
	/* the last place is kept for this */
	if (rows->nr_steps >= MOST_STEPS - 1 && step->kind != UNWIND_OTHER)
		return place_of(builder, &no_plain_step);
	if (rows->nr_steps == builder->room_steps) {
		uint32_t room = builder->room_steps ? builder->room_steps * 2 : 256;
		struct unwind_step *table = realloc(rows->table, room * sizeof(*table));

		if (!table) {
			builder->failed = true;
			return 0;
		}
		rows->table = table;
		builder->room_steps = room;
	}
	rows->table[rows->nr_steps++] = *step;
	builder->hash[at] = rows->nr_steps;
	return (uint16_t)(rows->nr_steps - 1);
}

bool rows_begin(struct row_builder *builder, struct unwind_rows *rows)
{
	memset(builder, 0, sizeof(*builder));
	builder->rows = rows;
	builder->hash = calloc(1u << HASH_BITS, sizeof(*builder->hash));
	builder->failed = !builder->hash;
	if (!builder->failed)
		place_of(builder, &no_row);
	return !builder->failed;
}

static bool make_room(struct row_builder *builder)
{
	struct unwind_rows *rows = builder->rows;
	uint32_t room = builder->room ? builder->room * 2 : 1024;
	uint32_t *pcs;
	uint16_t *steps;

	if (rows->nr < builder->room)
		return true;
	if (rows->nr >= MOST_ROWS)
		return false;
	pcs = realloc(rows->pcs, room * sizeof(*pcs));
	if (pcs)
		rows->pcs = pcs;
	steps = realloc(rows->steps, room * sizeof(*steps));
	if (steps)
		rows->steps = steps;
	builder->room = pcs && steps ? room : builder->room;
	return pcs && steps;
}

void rows_add(struct row_builder *builder, uint32_t pc, const struct unwind_step *step)
{
	struct unwind_rows *rows = builder->rows;
	uint16_t place;

	if (builder->failed)
		return;
	place = place_of(builder, step);
	/* a row that nothing lies in makes way */
	if (rows->nr && rows->pcs[rows->nr - 1] == pc)
		rows->nr--;
	if (rows->nr ? rows->steps[rows->nr - 1] == place : place == 0)
		return;
	if (!make_room(builder)) {
		builder->failed = true;
		return;
	}
	rows->pcs[rows->nr] = pc;
	rows->steps[rows->nr++] = place;
}

/* Gives back what was taken too much. */
static void *shrunk(void *memory, uint64_t bytes)
{
	void *less = bytes ? realloc(memory, bytes) : NULL;

	return less ? less : memory;
}

bool rows_end(struct row_builder *builder)
{
	struct unwind_rows *rows = builder->rows;

	free(builder->hash);
	builder->hash = NULL;
	if (builder->failed) {
		rows_free(rows);
		return false;
	}
	rows->pcs = shrunk(rows->pcs, rows->nr * sizeof(*rows->pcs));
	rows->steps = shrunk(rows->steps, rows->nr * sizeof(*rows->steps));
	rows->table = shrunk(rows->table, rows->nr_steps * sizeof(*rows->table));
	for (uint32_t i = 0; i < rows->nr; i++)
		rows->not_plain += rows->table[rows->steps[i]].kind == UNWIND_OTHER;
	return true;
}

void rows_free(struct unwind_rows *rows)
{
	free(rows->pcs);
	free(rows->steps);
	free(rows->table);
	free(rows->functions);
	memset(rows, 0, sizeof(*rows));
}

uint64_t rows_bytes(const struct unwind_rows *rows)
{
	return rows->nr * (sizeof(*rows->pcs) + sizeof(*rows->steps)) + rows->nr_steps * sizeof(*rows->table) +
	       rows->nr_functions * sizeof(*rows->functions);
}

const struct unwind_step *rows_step(const struct unwind_rows *rows, uint64_t address)
{
	uint32_t low = 0, high = rows->nr, pc;

	if (address < rows->base || address - rows->base > UINT32_MAX)
		return &no_row;
	pc = (uint32_t)(address - rows->base);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (rows->pcs[middle] <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &rows->table[rows->steps[low - 1]] : &no_row;
}

bool rows_function(const struct unwind_rows *rows, uint64_t address, uint64_t *start, uint64_t *end)
{
	uint32_t low = 0, high = rows->nr_functions, pc;

	if (address < rows->base || address - rows->base > UINT32_MAX)
		return false;
	pc = (uint32_t)(address - rows->base);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (rows->functions[middle].start <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || pc >= rows->functions[low - 1].end)
		return false;
	*start = rows->base + rows->functions[low - 1].start;
	*end = rows->base + rows->functions[low - 1].end;
	return true;
}
