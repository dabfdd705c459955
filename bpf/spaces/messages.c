// SPDX-License-Identifier: MIT
/* Event records of address spaces and heaps; what is mapped is kept as the stream says it. */
#include "spaces.h"

#define ADDRESS_BITS 48

static uint64_t events;

uint64_t space_events(void)
{
	return events;
}

static uint64_t key_of(const struct space *space, uint64_t address)
{
	return (uint64_t)space->number << ADDRESS_BITS | (address & ((1ull << ADDRESS_BITS) - 1));
}

static void send(const uint64_t *words, uint32_t nr)
{
	events++;
	stream_event(words, nr * (uint32_t)sizeof(*words));
}

static void send_alloc(const struct space *space, const struct space_task *task, enum event_kind kind, uint64_t key, uint64_t bytes)
{
	uint64_t comm = (task->comm & 0xffff) | (uint64_t)task->made_as << 16 | (uint64_t)(task->comm >> 16) << 48 | (uint64_t)(uint16_t)task->cpu << 32;
	uint64_t words[5] = {
		task->time << 8 | kind | (task->own ? KIND_SELF : 0), key, (uint64_t)(uint32_t)space->pid << 32 | task->stack, comm, bytes,
	};

	send(words, 5);
}

void space_heap_alloc(const struct space *space, uint64_t time, uint64_t address, uint64_t bytes, uint32_t stack, uint32_t comm,
		      unsigned cpu)
{
	const struct space_task task = { .time = time, .stack = stack, .comm = comm, .cpu = cpu };

	send_alloc(space, &task, KIND_HEAP_ALLOC, address ? key_of(space, address) : 0, bytes);
}

void space_heap_free(const struct space *space, uint64_t time, uint64_t address, enum event_kind kind)
{
	uint64_t words[2] = { time << 8 | kind, key_of(space, address) };

	send(words, 2);
}

/* An audit that runs must not take it for a difference. */
static void touch(struct space *space, uint64_t start, uint64_t bytes)
{
	if (space->touched)
		ranges_put(space->touched, start, start + bytes, false);
}

void space_map(struct space *space, const struct space_task *task, uint64_t start, uint64_t bytes, bool reserved)
{
	send_alloc(space, task, reserved ? KIND_RESERVE : KIND_MAP, key_of(space, start), bytes);
	ranges_put(&space->ranges, start, start + bytes, reserved);
	touch(space, start, bytes);
}

static void send_range(const struct space *space, uint64_t time, enum event_kind kind, uint64_t start, uint64_t bytes)
{
	uint64_t words[3] = { time << 8 | kind, key_of(space, start), bytes };

	send(words, 3);
}

void space_unmap(struct space *space, uint64_t time, uint64_t start, uint64_t bytes)
{
	send_range(space, time, KIND_UNMAP, start, bytes);
	ranges_take(&space->ranges, start, start + bytes);
	touch(space, start, bytes);
}

void space_move(struct space *space, uint64_t time, uint64_t from, uint64_t to, uint64_t bytes)
{
	uint64_t words[4] = { time << 8 | KIND_RANGE_MOVED, key_of(space, from), key_of(space, to), bytes };
	struct ranges parts;

	send(words, 4);
	ranges_within(&space->ranges, from, from + bytes, &parts);
	ranges_take(&space->ranges, from, from + bytes);
	ranges_take(&space->ranges, to, to + bytes);
	for (uint32_t i = 0; i < parts.nr; i++)
		ranges_put(&space->ranges, parts.at[i].start - from + to, parts.at[i].end - from + to, parts.at[i].reserved);
	ranges_free(&parts);
	touch(space, from, bytes);
	touch(space, to, bytes);
}

void space_protect(struct space *space, uint64_t time, uint64_t start, uint64_t bytes, bool reserved)
{
	send_range(space, time, reserved ? KIND_BECAME_RESERVED : KIND_BECAME_USABLE, start, bytes);
	ranges_mark(&space->ranges, start, start + bytes, reserved);
	touch(space, start, bytes);
}
