// SPDX-License-Identifier: MIT
/*
 * From a record in the ring to a message in the stream. Events are passed on as they
 * are; definitions become STACK, COMM and CACHE, and keep their place in front
 * of the first event that names them.
 */
#include <string.h>
#include "trace.h"

static uint64_t events, last_time, stacks, sites;

static void send_stack(const struct stack_definition *stack)
{
	uint32_t cut = kallsyms_machinery(stack->frames, stack->depth);
	uint16_t depth[2] = { (uint16_t)(stack->depth - cut), 0 };
	struct part parts[] = {
		{ &stack->id, 4 }, { depth, 4 }, { stack->frames + cut, depth[0] * sizeof(uint64_t) },
	};

	stacks++;
	stream_message(MESSAGE_STACK, parts, 3);
	fast_stacks_saw(stack->frames, stack->depth);
	symbols_announce(stack->frames + cut, depth[0]);
}

static void put_event(const void *words, uint32_t bytes)
{
	stream_event(words, bytes);
	events++;
}

void relay_event(const void *words, uint32_t bytes)
{
	const uint64_t *word = words;

	if ((word[0] & 0xff & ~KIND_SELF) == KIND_PAGE_ALLOC)
		processes_saw((uint32_t)(word[2] >> 32), 1ull << (word[1] >> 56));
	put_event(words, bytes);
}

/*
 * FREE_SITE is about the next event. A reader that does not know it has the free all the same.
 */
static void send_sited_free(const uint64_t *word)
{
	uint64_t plain[] = { word[0] & ~(uint64_t)KIND_SITED, word[1] };
	struct part site = { &word[2], 16 };

	sites++;
	stream_message(MESSAGE_FREE_SITE, &site, 1);
	put_event(plain, sizeof(plain));
}

static void send_young_freed(const struct young_freed *freed)
{
	struct part part = { &freed->time, sizeof(*freed) - sizeof(freed->tag) };

	sites++;
	stream_message(MESSAGE_YOUNG_FREE, &part, 1);
}

void ring_record(const void *record, uint32_t bytes)
{
	const uint64_t *word = record;

	switch (word[0] & 0xff) {
	case DEFINES_STACK:
		send_stack(record);
		break;
	case DEFINES_COMM: {
		const struct comm_definition *comm = record;
		struct part part = { &comm->id, 8 + COMM_BYTES + sizeof(comm->cgroup) };

		cgroups_name(comm->cgroup);
		stream_message(MESSAGE_COMM, &part, 1);
		break;
	}
	case DEFINES_CACHE: {
		const struct cache_definition *cache = record;
		struct part parts[] = {
			{ &cache->id, 16 }, { cache->name, strnlen(cache->name, CACHE_NAME_BYTES) },
		};

		stream_message(MESSAGE_CACHE, parts, 2);
		break;
	}
	case ASKS_FOR_PC:
	case SAMPLES_START:
	case REPORTS_MISMATCH:
	case SAW_PATH:
		fast_stacks_record(record);
		break;
	case FREED_YOUNG:
		send_young_freed(record);
		break;
	default:
		last_time = word[0] >> 8;
		if (is_sited((uint8_t)word[0])) {
			send_sited_free(word);
			break;
		}
		/* the wire leaves out the sizes of an event that names its cache */
		if (wire_words((uint8_t)word[0]))
			bytes = wire_words((uint8_t)word[0]) * (uint32_t)sizeof(uint64_t);
		relay_event(record, bytes);
	}
}

uint64_t relayed_events(void)
{
	return events + space_events();
}

uint64_t relayed_stacks(void)
{
	return stacks;
}

uint64_t relayed_sites(void)
{
	return sites;
}

uint64_t last_event_time(void)
{
	return last_time;
}
