// SPDX-License-Identifier: MIT
/* /proc/self/maps, read without memory of its own, and without a lock: a signal handler may leave it for good. */
#include <fcntl.h>
#include <string.h>
#include "library.h"

/* Below it nothing else is mapped (mmap_base() of the kernel leaves 128 MiB), and the kernel lets it grow. */
#define STACK_GROWS (100ull << 20)

struct reader {
	int file;
	unsigned at, nr;
	char buffer[512];
};

static int next(struct reader *reader)
{
	if (reader->at == reader->nr) {
		long got = CALL(SYS_read, reader->file, reader->buffer, sizeof(reader->buffer));

		if (got <= 0)
			return -1;
		reader->at = 0;
		reader->nr = (unsigned)got;
	}
	return (uint8_t)reader->buffer[reader->at++];
}

static uint64_t number(struct reader *reader, int *end)
{
	uint64_t value = 0;
	int c;

	while ((c = next(reader)) > ' ' && c != '-')
		value = value << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
	*end = c;
	return value;
}

/* A line; false: there are no more. */
static bool take_line(struct reader *reader, struct found_map *map)
{
	static const char stack[] = "[stack]";
	unsigned same = 0;
	int c;

	map->start = number(reader, &c);
	map->end = number(reader, &c);
	map->readable = next(reader) == 'r';
	next(reader);
	map->executable = next(reader) == 'x';
	while ((c = next(reader)) >= 0 && c != '\n')
		same = c == stack[same] ? same + 1 : c == '[';
	map->stack = same == sizeof(stack) - 1;
	return c >= 0;
}

bool maps_find(uint64_t address, struct found_map *found)
{
	struct reader reader;
	bool is_there = false;

	reader.at = reader.nr = 0;
	reader.file = (int)CALL(SYS_open, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	while (reader.file >= 0 && !is_there && take_line(&reader, found))
		is_there = address >= found->start && address < found->end;
	if (is_there && found->stack && found->end > STACK_GROWS)
		found->start = found->end - STACK_GROWS;
	if (reader.file >= 0)
		CALL(SYS_close, reader.file, 0, 0);
	return is_there;
}
