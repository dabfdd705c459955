/* SPDX-License-Identifier: MIT */
/* Reads bytes of a file that is not trusted: past the end a cursor gives 0 and is bad from then on. */
#ifndef CURSOR_H
#define CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static inline size_t cursor_left(const struct cursor *from)
{
	return (size_t)(from->end - from->at);
}

/* NULL: there are not so many. */
static inline const uint8_t *take_bytes(struct cursor *from, uint64_t nr)
{
	const uint8_t *taken = from->at;

	if (from->bad || nr > cursor_left(from)) {
		from->bad = true;
		return NULL;
	}
	from->at += nr;
	return taken;
}

/* Little-endian, `nr` up to 8. */
static inline uint64_t take_unsigned(struct cursor *from, unsigned nr)
{
	const uint8_t *taken = take_bytes(from, nr);
	uint64_t value = 0;

	if (taken)
		memcpy(&value, taken, nr);
	return value;
}

static inline int64_t take_signed(struct cursor *from, unsigned nr)
{
	unsigned shift = 64 - 8 * nr;

	return (int64_t)(take_unsigned(from, nr) << shift) >> shift;
}

/* LEB128; one that does not fit 64 bits is bad. */
static inline uint64_t take_leb(struct cursor *from, bool is_signed)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = (uint8_t)take_unsigned(from, 1);

		if (from->bad)
			return 0;
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (is_signed && byte & 0x40 && shift + 7 < 64)
			value |= ~(uint64_t)0 << (shift + 7);
		return value;
	}
	from->bad = true;
	return 0;
}

static inline uint64_t take_uleb(struct cursor *from)
{
	return take_leb(from, false);
}

static inline int64_t take_sleb(struct cursor *from)
{
	return (int64_t)take_leb(from, true);
}

#endif
