// SPDX-License-Identifier: MIT
/*
 * Records of all rings to events, in the order of their times. Each ring is in the order of its thread; a record about
 * an address lies in its ring before another thread can have that address. So of all that lay in the rings before a
 * time was read, what is older than that time is complete.
 */
#include <stdlib.h>
#include <string.h>
#include "preload.h"

#define HOLD_NS 250000000ull
#define MOST_TURNS 4096
#define ADDRESS_MASK ((1ull << HEAP_ADDRESS_BITS) - 1)

struct cursor {
	struct traced *traced;
	uint32_t slot;
	uint64_t at, head; /* words */
	uint64_t time;     /* of the record at `at` */
};

/* e to the power of -x, for x from 0 on; to nine digits. */
static double exp_minus(double x)
{
	double y = x / 1024, power = 1 - y * (1 - y / 2 * (1 - y / 3 * (1 - y / 4)));

	if (x > 40)
		return 0;
	for (int i = 0; i < 10; i++)
		power *= power;
	return power;
}

/* What a block of a sample stands for: bytes over the chance of being in it (library/sample.c). */
static uint64_t stood_for(const struct traced *traced, uint64_t bytes)
{
	double apart = (double)traced->sample_bytes;

	return apart > 0 && bytes ? (uint64_t)((double)bytes / (1 - exp_minus((double)bytes / apart)) + 0.5) : bytes;
}

static struct cursor *cursors; /* a heap: the oldest first */
static uint32_t nr_cursors, room;
static uint64_t last_sent; /* trace time */

/* ---- one record ---- */

/* Trace time; never before the last that was sent. */
static uint64_t time_of(uint64_t record)
{
	uint64_t time = record_time(record);

	return last_sent = time > last_sent ? time : last_sent;
}

static uint64_t word_at(const struct cursor *cursor, uint64_t at)
{
	const uint64_t *words = (const uint64_t *)((const char *)cursor->traced->shared + heap_ring_at(cursor->slot));

	return __atomic_load_n(&words[at & (heap_ring_words(cursor->slot) - 1)], __ATOMIC_RELAXED);
}

/* 0: the process has none at this place. */
static uint32_t stack_at(struct traced *traced, uint32_t path)
{
	const uint64_t *words = (const uint64_t *)((const char *)traced->shared + HEAP_PATHS_AT);
	uint64_t addresses[MOST_USER_FRAMES], nr;
	bool interrupted[MOST_USER_FRAMES];

	if (path == 0 || path >= HEAP_PATH_WORDS - MOST_USER_FRAMES)
		return 0;
	if (traced->stacks[path])
		return traced->stacks[path];
	nr = __atomic_load_n(&words[path], __ATOMIC_RELAXED);
	if (nr > MOST_USER_FRAMES)
		return 0;
	for (uint64_t i = 0; i < nr; i++) {
		uint64_t frame = __atomic_load_n(&words[path + 1 + i], __ATOMIC_RELAXED);

		interrupted[i] = frame & HEAP_INTERRUPTED;
		addresses[i] = frame & ~HEAP_INTERRUPTED & ADDRESS_MASK;
	}
	return traced->stacks[path] = space_stack(traced->space, addresses, interrupted, (unsigned)nr);
}

static uint32_t comm_of(struct traced *traced, uint32_t at)
{
	struct heap_slot *slot = &traced_slots(traced)[at];
	uint32_t tid = __atomic_load_n(&slot->tid, __ATOMIC_RELAXED);
	char name[sizeof(slot->comm) + 1];

	if (traced->comms[at] && (tid == traced->tids[at] || !tid))
		return traced->comms[at];
	memcpy(name, slot->comm, sizeof(slot->comm));
	name[sizeof(slot->comm)] = 0;
	traced->tids[at] = tid;
	return traced->comms[at] = space_comm(traced->space, name);
}

uint64_t preload_time(void)
{
	return last_sent;
}

static void send_record(const struct cursor *cursor, uint8_t kind)
{
	struct traced *traced = cursor->traced;
	uint64_t second = word_at(cursor, cursor->at + 1), third, time = time_of(cursor->time);

	switch (kind) {
	case KIND_HEAP_ALLOC:
		third = word_at(cursor, cursor->at + 2);
		space_heap_alloc(traced->space, time, second & ADDRESS_MASK, stood_for(traced, third & HEAP_SIZE_MOST),
				 stack_at(traced, (uint32_t)(second >> HEAP_ADDRESS_BITS | (third >> HEAP_SIZE_BITS & 0x7f) << 16)),
				 comm_of(traced, cursor->slot), (unsigned)(third >> 48));
		break;
	case KIND_HEAP_FREE:
	case KIND_HEAP_FREE_UNLESS:
	case KIND_HEAP_UNDO:
		space_heap_free(traced->space, time, second & ADDRESS_MASK, kind);
		break;
	case HEAP_FORKING:
		traced->held_until = trace_time() + HOLD_NS;
		traced->fork = (uint32_t)second;
		break;
	default:
		counted.lost++;
	}
	counted.records++;
}

/* ---- all rings ---- */

static bool is_before(uint32_t a, uint32_t b)
{
	return cursors[a].time < cursors[b].time;
}

static void swap(uint32_t a, uint32_t b)
{
	struct cursor kept = cursors[a];

	cursors[a] = cursors[b];
	cursors[b] = kept;
}

static void sink(uint32_t at)
{
	for (;;) {
		uint32_t least = at, left = 2 * at + 1, right = left + 1;

		if (left < nr_cursors && is_before(left, least))
			least = left;
		if (right < nr_cursors && is_before(right, least))
			least = right;
		if (least == at)
			return;
		swap(at, least);
		at = least;
	}
}

static void add_cursor(const struct cursor *cursor)
{
	if (nr_cursors == room) {
		uint32_t more = room ? room * 2 : 64;
		struct cursor *grown = realloc(cursors, more * sizeof(*cursors));

		if (!grown)
			die("out of memory for the rings of threads");
		cursors = grown;
		room = more;
	}
	cursors[nr_cursors] = *cursor;
	for (uint32_t at = nr_cursors++; at && is_before(at, (at - 1) / 2); at = (at - 1) / 2)
		swap(at, (at - 1) / 2);
}

/* False: it has no record that is older. */
static bool look_at_record(struct cursor *cursor, uint64_t until)
{
	if (cursor->at == cursor->head)
		return false;
	cursor->time = word_at(cursor, cursor->at) >> 8;
	return cursor->time <= until;
}

static void give_back(const struct cursor *cursor)
{
	cursor->traced->tails[cursor->slot] = cursor->at;
	__atomic_store_n(&traced_slots(cursor->traced)[cursor->slot].tail, cursor->at, __ATOMIC_RELEASE);
}

static void gather(struct traced *traced, uint64_t until)
{
	uint32_t unused = 0;

	/* threads take the first that is free */
	for (uint32_t i = 0; i < HEAP_SLOTS && (i < traced->nr_slots || unused < 16); i++) {
		struct cursor cursor = { traced, i, traced->tails[i], __atomic_load_n(&traced_slots(traced)[i].head, __ATOMIC_ACQUIRE), 0 };

		unused = cursor.head ? 0 : unused + 1;
		if (cursor.head && i >= traced->nr_slots)
			traced->nr_slots = i + 1;
		if (cursor.head - cursor.at > heap_ring_words(i)) {
			/* no library writes so: the process has damaged it */
			counted.lost++;
			cursor.at = cursor.head;
			give_back(&cursor);
		}
		if (look_at_record(&cursor, until))
			add_cursor(&cursor);
	}
}

/* The records of the oldest ring, until another one's is older. */
static uint64_t send_some(uint64_t until, uint64_t budget)
{
	struct cursor *oldest = &cursors[0];
	uint64_t sent = 0, given = oldest->at;
	bool more = true;

	while (more && sent < budget && !oldest->traced->held_until) {
		uint8_t kind = (uint8_t)word_at(oldest, oldest->at);
		unsigned words = heap_record_words(kind);

		if (words > oldest->head - oldest->at) {
			counted.lost++;
			oldest->at = oldest->head;
			more = false;
			break;
		}
		send_record(oldest, kind);
		sent++;
		oldest->at += words;
		/* a thread may wait for room */
		if (oldest->at - given > heap_ring_words(oldest->slot) / 8) {
			give_back(oldest);
			given = oldest->at;
		}
		more = look_at_record(oldest, until);
		if (more && ((nr_cursors > 1 && is_before(1, 0)) || (nr_cursors > 2 && is_before(2, 0))))
			break;
	}
	give_back(oldest);
	if (!more || oldest->traced->held_until)
		cursors[0] = cursors[--nr_cursors];
	sink(0);
	return sent;
}

uint64_t records_send(struct traced *only, uint64_t until, uint64_t budget)
{
	uint64_t sent = 0;

	nr_cursors = 0;
	for (struct traced *traced = traced_first; traced; traced = traced->next) {
		if ((!only || traced == only) && !traced->held_until)
			gather(traced, until);
	}
	while (nr_cursors && sent < budget)
		sent += send_some(until, budget - sent);
	nr_cursors = 0;
	return sent;
}

void records_finish(struct traced *traced)
{
	/* once for each fork that it may have told of; one that still writes does not keep us here */
	for (int turns = 0; turns < MOST_TURNS; turns++) {
		traced->held_until = 0;
		if (records_send(traced, UINT64_MAX >> 8, UINT64_MAX) == 0)
			return;
	}
}
