// SPDX-License-Identifier: MIT
/* What spaces/ would be given: printed, and paired by address. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "pairing.h"

struct paired paired;

struct path {
	struct space *space;
	unsigned nr;
	uint64_t *frames;
	char *names;
	int64_t blocks, bytes;
	uint64_t allocs;
};

static struct path *paths;
static uint32_t room_paths;

/* As they are called now: code may go. */
static char *names_of(struct space *space, const uint64_t *addresses, const bool *interrupted, unsigned nr)
{
	struct user_name name;
	size_t bytes;
	char *text;
	FILE *out = open_memstream(&text, &bytes);

	for (unsigned i = 0; i < nr; i++) {
		fputs(i ? " < " : "", out);
		if (user_name(&space->code, addresses[i] - !interrupted[i], &name))
			fputs(name.text, out);
		else
			fprintf(out, "%#" PRIx64, addresses[i]);
	}
	fclose(out);
	return text;
}

uint32_t space_stack(struct space *space, const uint64_t *addresses, const bool *interrupted, unsigned nr)
{
	uint64_t frames[HEAP_FRAMES];

	for (unsigned i = 0; i < nr; i++)
		frames[i] = code_frame(&space->code, addresses[i], !interrupted[i]);
	for (uint32_t i = 0; i < paired.paths; i++) {
		if (paths[i].space == space && paths[i].nr == nr && memcmp(paths[i].frames, frames, nr * sizeof(*frames)) == 0)
			return i + 1;
	}
	if (paired.paths == room_paths) {
		room_paths = room_paths ? room_paths * 2 : 1024;
		paths = realloc(paths, room_paths * sizeof(*paths));
	}
	paths[paired.paths] = (struct path){ .space = space, .nr = nr, .frames = malloc(nr * sizeof(*frames)) };
	memcpy(paths[paired.paths].frames, frames, nr * sizeof(*frames));
	paths[paired.paths].names = names_of(space, addresses, interrupted, nr);
	return ++paired.paths;
}

static char comms[256][HEAP_COMM_BYTES + 1];
static uint32_t nr_comms;

uint32_t space_comm(const struct space *space, const char *comm)
{
	(void)space;
	for (uint32_t i = 0; i < nr_comms; i++) {
		if (strcmp(comms[i], comm) == 0)
			return i + 1;
	}
	if (nr_comms == 256)
		return 0;
	strcpy(comms[nr_comms], comm);
	return ++nr_comms;
}

/* ---- blocks, by address and process ---- */

struct block {
	uint64_t key; /* 0: empty, 1: it was */
	uint64_t bytes;
	uint32_t stack;
};

static struct block *blocks;
static uint64_t room_blocks, used_blocks;
static struct block undoable;

static uint64_t key_of(const struct space *space, uint64_t address)
{
	return (uint64_t)space->number << 48 | address;
}

static struct block *find(uint64_t key)
{
	uint64_t at = key * 0x9e3779b97f4a7c15ull >> 20 & (room_blocks - 1);
	struct block *gap = NULL;

	for (; blocks[at].key && blocks[at].key != key; at = (at + 1) & (room_blocks - 1)) {
		if (blocks[at].key == 1 && !gap)
			gap = &blocks[at];
	}
	return blocks[at].key || !gap ? &blocks[at] : gap;
}

static void insert(struct block block)
{
	struct block *place;

	if (used_blocks * 2 >= room_blocks) {
		struct block *before = blocks;
		uint64_t nr = room_blocks;

		room_blocks = nr ? nr * 2 : 1 << 16;
		blocks = calloc(room_blocks, sizeof(*blocks));
		used_blocks = 0;
		for (uint64_t i = 0; i < nr; i++) {
			if (before[i].key > 1) {
				*find(before[i].key) = before[i];
				used_blocks++;
			}
		}
		free(before);
	}
	place = find(block.key);
	if (place->key == block.key)
		paired.missed++;
	used_blocks += !place->key;
	*place = block;
}

static void hold(const struct block *block, int sign)
{
	if (!block->stack)
		return;
	paths[block->stack - 1].blocks += sign;
	paths[block->stack - 1].bytes += sign * (int64_t)block->bytes;
}

void space_heap_alloc(const struct space *space, uint64_t time, uint64_t address, uint64_t bytes, uint32_t stack, uint32_t comm,
		      unsigned cpu)
{
	struct block block = { key_of(space, address), bytes, stack };

	(void)time;
	(void)cpu;
	if (paired.prints)
		printf("alloc %d %#" PRIx64 " %" PRIu64 " %u %s\n", space->pid, address, bytes, stack, comm ? comms[comm - 1] : "?");
	paired.pathless += !stack;
	if (!address) {
		paired.failed++;
		return;
	}
	paired.allocs++;
	if (stack)
		paths[stack - 1].allocs++;
	hold(&block, 1);
	insert(block);
}

void space_heap_free(const struct space *space, uint64_t time, uint64_t address, enum event_kind kind)
{
	struct block *block;

	(void)time;
	if (paired.prints)
		printf("%s %d %#" PRIx64 "\n", (int)kind == HEAP_TAG_FREE ? "free" : (int)kind == HEAP_TAG_UNDO ? "undo" : "unless", space->pid, address);
	if (!room_blocks)
		insert((struct block){ 2, 0, 0 });
	if ((int)kind == HEAP_TAG_UNDO) {
		paired.undone++;
		if (undoable.key == key_of(space, address)) {
			hold(&undoable, 1);
			insert(undoable);
		}
		return;
	}
	paired.frees++;
	block = find(key_of(space, address));
	if (block->key != key_of(space, address)) {
		paired.orphans++;
		return;
	}
	hold(block, -1);
	if ((int)kind == HEAP_TAG_FREE_UNLESS)
		undoable = *block;
	block->key = 1;
}

void print_sums(void)
{
	int64_t nr = 0, bytes = 0;

	for (uint64_t i = 0; i < room_blocks; i++) {
		if (blocks[i].key > 2) {
			nr++;
			bytes += (int64_t)blocks[i].bytes;
		}
	}
	printf("held %" PRId64 " %" PRId64 "\n", nr, bytes);
}

void print_paths(void)
{
	for (uint32_t i = 0; i < paired.paths; i++)
		printf("path %" PRId64 " %" PRId64 " %" PRIu64 " %s\n", paths[i].blocks, paths[i].bytes, paths[i].allocs, paths[i].names);
}
