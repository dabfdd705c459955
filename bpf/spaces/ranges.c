// SPDX-License-Identifier: MIT
/* Ranges of addresses in order. A process has some thousand at most (65,530 mappings, and less where neighbours are alike). */
#include <stdlib.h>
#include <string.h>
#include "spaces.h"

/* Index of the first range that ends behind an address. */
static uint32_t from(const struct ranges *ranges, uint64_t address)
{
	uint32_t low = 0, high = ranges->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ranges->at[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Puts `nr` ranges in the place of those at `at` .. `end` - 1. */
static void replace(struct ranges *ranges, uint32_t at, uint32_t end, const struct range *with, uint32_t nr)
{
	uint32_t total = ranges->nr - (end - at) + nr;

	if (total > ranges->room) {
		ranges->room = total * 2 + 64;
		ranges->at = realloc(ranges->at, ranges->room * sizeof(*ranges->at));
		if (!ranges->at)
			die("out of memory for mappings");
	}
	if (total)
		memmove(ranges->at + at + nr, ranges->at + end, (ranges->nr - end) * sizeof(*ranges->at));
	if (nr)
		memcpy(ranges->at + at, with, nr * sizeof(*with));
	ranges->nr = total;
}

void ranges_take(struct ranges *ranges, uint64_t start, uint64_t end)
{
	uint32_t at = from(ranges, start), after = at, nr = 0;
	struct range left[2];

	while (after < ranges->nr && ranges->at[after].start < end)
		after++;
	if (start >= end || at == after)
		return;
	if (ranges->at[at].start < start)
		left[nr++] = (struct range){ ranges->at[at].start, start, ranges->at[at].reserved };
	if (ranges->at[after - 1].end > end)
		left[nr++] = (struct range){ end, ranges->at[after - 1].end, ranges->at[after - 1].reserved };
	replace(ranges, at, after, left, nr);
}

void ranges_put(struct ranges *ranges, uint64_t start, uint64_t end, bool reserved)
{
	struct range put = { start, end, reserved };
	uint32_t at, after;

	if (start >= end)
		return;
	ranges_take(ranges, start, end);
	at = after = from(ranges, start);
	if (!ranges->apart && at > 0 && ranges->at[at - 1].end == start && ranges->at[at - 1].reserved == reserved)
		put.start = ranges->at[--at].start;
	if (!ranges->apart && after < ranges->nr && ranges->at[after].start == end && ranges->at[after].reserved == reserved)
		put.end = ranges->at[after++].end;
	replace(ranges, at, after, &put, 1);
}

void ranges_each(const struct ranges *ranges, uint64_t start, uint64_t end, ranges_part *part, void *context)
{
	for (uint32_t i = from(ranges, start); start < end; i++) {
		const struct range *next = i < ranges->nr && ranges->at[i].start < end ? &ranges->at[i] : NULL;
		uint64_t until = next ? next->end < end ? next->end : end : end;

		if (!next || next->start > start)
			part(context, start, next ? next->start : end, false, false);
		if (next)
			part(context, next->start > start ? next->start : start, until, true, next->reserved);
		start = until;
	}
}

static void keep(void *parts, uint64_t start, uint64_t end, bool there, bool reserved)
{
	struct ranges *to = parts;

	if (!there)
		return;
	replace(to, to->nr, to->nr, &(struct range){ start, end, reserved }, 1);
}

void ranges_within(const struct ranges *ranges, uint64_t start, uint64_t end, struct ranges *parts)
{
	*parts = (struct ranges){ 0 };
	ranges_each(ranges, start, end, keep, parts);
}

void ranges_mark(struct ranges *ranges, uint64_t start, uint64_t end, bool reserved)
{
	struct ranges parts;

	ranges_within(ranges, start, end, &parts);
	for (uint32_t i = 0; i < parts.nr; i++)
		ranges_put(ranges, parts.at[i].start, parts.at[i].end, reserved);
	ranges_free(&parts);
}

void ranges_copy(struct ranges *ranges, const struct ranges *of)
{
	bool apart = ranges->apart;

	ranges_free(ranges);
	ranges->apart = apart;
	replace(ranges, 0, 0, of->at, of->nr);
}

void ranges_free(struct ranges *ranges)
{
	free(ranges->at);
	*ranges = (struct ranges){ 0 };
}

uint64_t ranges_bytes(const struct ranges *ranges)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < ranges->nr; i++)
		bytes += ranges->at[i].end - ranges->at[i].start;
	return bytes;
}
