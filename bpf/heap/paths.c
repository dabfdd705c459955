// SPDX-License-Identifier: MIT
/*
 * Call paths: those that the programs found, by their hash; those that the loader walks by itself, from a copy of the
 * stack. By the latter the programs learn all addresses of the path at once.
 */
#include <stdlib.h>
#include <string.h>
#include "heap.h"

struct known {
	uint64_t hash; /* 0: empty */
	uint32_t id;
};

static struct known *table;
static uint32_t room, used; /* room is a power of two */
static uint64_t mismatches;

static struct known *place_of(uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32) & (room - 1);

	while (table[at].hash && table[at].hash != hash)
		at = (at + 1) & (room - 1);
	return &table[at];
}

static bool grow(void)
{
	struct known *before = table;
	uint32_t nr = room;

	if (used * 2 < room)
		return true;
	table = calloc(nr ? nr * 2 : 4096, sizeof(*table));
	if (!table) {
		table = before;
		return false;
	}
	room = nr ? nr * 2 : 4096;
	for (uint32_t i = 0; i < nr; i++) {
		if (before[i].hash)
			*place_of(before[i].hash) = before[i];
	}
	free(before);
	return true;
}

static void remember(uint64_t hash, uint32_t id)
{
	struct known *place;

	if (!hash || !grow())
		return;
	place = place_of(hash);
	used += !place->hash;
	*place = (struct known){ hash, id };
}

uint32_t heap_path_id(uint64_t hash)
{
	return room && hash ? place_of(hash)->id : 0;
}

void heap_path_known(struct space *space, const struct heap_path *record)
{
	bool interrupted[HEAP_FRAMES];
	unsigned nr = record->nr < HEAP_FRAMES ? (unsigned)record->nr : HEAP_FRAMES;

	for (unsigned i = 0; i < nr; i++)
		interrupted[i] = record->interrupted[i / 64] >> (i % 64) & 1;
	remember(record->hash, space_stack(space, (const uint64_t *)record->frames, interrupted, nr));
}

void heap_paths_forget(void)
{
	free(table);
	table = NULL;
	room = used = 0;
}

/* ---- the loader's own walks ---- */

/* How far above its sp a thread's stack may reach. */
#define STACK_REACH (1ull << 30)

struct reading {
	struct space *space;
	uint64_t sp;
	bool beyond; /* a word was wanted that the copy does not hold */
};

/*
 * The process runs on meanwhile. Its oldest frames will be the same; those of another stack, which a signal handler with
 * a stack of its own has interrupted, will not. The path then ends there, until the programs know its addresses.
 */
static bool read_beyond(void *context, uint64_t address, void *to, size_t bytes)
{
	struct reading *reading = context;

	if (!code_find(&reading->space->code, address)) {
		reading->beyond = true;
		if (address - reading->sp >= STACK_REACH)
			return false;
	}
	return process_read(reading->space->pid, address, to, bytes) == bytes;
}

static void walk_copy(struct space *space, const struct heap_stack *record, struct user_walk *walk, struct reading *reading)
{
	*reading = (struct reading){ space, record->sp, false };
	/* a probe lies where rsp is what it was at the entry: the step to the caller is known without a row */
	*walk = (struct user_walk){
		.sp = record->sp + 8, .bp = record->bp, .called = true, .stack = record->stack, .stack_at = record->sp,
		.stack_bytes = record->bytes, .read = read_beyond, .read_context = reading, .step = code_step, .step_context = &space->code,
	};
	if (record->bytes >= 8)
		memcpy(&walk->pc, record->stack, 8);
	if (walk->pc)
		user_walk(walk);
}

/* The leaf, and what was walked from its caller on. */
static unsigned whole_path(const struct heap_stack *record, const struct user_walk *walk, uint64_t *frames, bool *interrupted)
{
	/* user_walk() takes an unknown address for the first frame */
	bool is_code = walk->nr > 1 || walk->end != WALK_NO_CODE;
	unsigned nr = is_code ? walk->nr : 0;

	if (nr > HEAP_FRAMES - 1)
		nr = HEAP_FRAMES - 1;
	frames[0] = record->pc;
	interrupted[0] = true;
	memcpy(frames + 1, walk->frames, nr * sizeof(*frames));
	memcpy(interrupted + 1, walk->interrupted, nr * sizeof(*interrupted));
	return nr + 1;
}

uint32_t heap_path_walk(struct space *space, const struct heap_stack *record)
{
	static struct user_walk walk;
	struct reading reading;
	uint64_t frames[HEAP_FRAMES];
	bool interrupted[HEAP_FRAMES], asked = record->asked == 0;
	unsigned nr;

	walk_copy(space, record, &walk, &reading);
	/* it may be code that was mapped this very moment */
	if (walk.end == WALK_NO_CODE && space->heap && heap_target_refresh(space->heap, true))
		walk_copy(space, record, &walk, &reading);
	nr = whole_path(record, &walk, frames, interrupted);
	for (unsigned i = 1; i < nr; i++) {
		heap_step_learn(space, record->salt, frames[i], false);
		/* what a handler returns to is such an address by its own step, and is found by the other key */
		if (interrupted[i])
			heap_step_learn(space, record->salt, frames[i], true);
		asked |= frames[i] == record->asked;
	}
	if (!asked)
		heap_step_asked(space, record->salt, record->asked);
	return space_stack(space, frames, interrupted, nr);
}

static uint64_t hash_of(uint64_t salt, const uint64_t *frames, unsigned nr)
{
	uint64_t hash = heap_mix(0, salt);

	for (unsigned i = 0; i < nr; i++)
		hash = heap_mix(hash, frames[i]);
	return hash > 1 ? hash : 2;
}

void heap_path_audit(struct space *space, const struct heap_stack *record)
{
	static struct user_walk walk;
	struct reading reading;
	uint64_t frames[HEAP_FRAMES];
	bool interrupted[HEAP_FRAMES];
	unsigned nr;

	walk_copy(space, record, &walk, &reading);
	nr = whole_path(record, &walk, frames, interrupted);
	/* what lies beyond the copy may have changed since the programs read it */
	if (reading.beyond || hash_of(record->salt, frames, nr) == record->audited)
		return;
	mismatches++;
}

uint64_t heap_mismatches(void)
{
	return mismatches;
}
