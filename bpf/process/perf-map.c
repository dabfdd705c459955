// SPDX-License-Identifier: MIT
/*
 * perf maps: what a JIT writes for its code, lines "START SIZE NAME" in hex (tools/perf/Documentation/jit-interface.txt
 * of the kernel). Anybody may write to /tmp: the file must be the process's own, or root's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "process.h"

#define MOST_BYTES (64u << 20)
#define MOST_JIT_SYMBOLS (1u << 20)
#define LOOK_AGAIN_NS 1000000000u
/* A long one takes no more than a twentieth of the time. */
#define LOOK_SHARE 20
/* Entries before an address that are looked at: code that is moved overlaps what was there. */
#define OVERLAPPING 64

static uint64_t ns_of(struct timespec time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void perf_map_free(struct perf_map *map)
{
	free(map->symbols);
	free(map->text);
	memset(map, 0, sizeof(*map));
}

/* A number in hex, with or without 0x, and the space behind it. */
static bool take_hex(char **at, uint64_t *value)
{
	char *from = strncmp(*at, "0x", 2) == 0 ? *at + 2 : *at;
	size_t digits = strspn(from, "0123456789abcdefABCDEF");

	if (digits == 0 || digits > 16 || from[digits] != ' ')
		return false;
	*value = strtoull(from, NULL, 16);
	*at = from + digits + 1;
	return true;
}

static void parse(struct perf_map *map)
{
	uint32_t room = 0;
	char *next;

	for (char *line = map->text; *line && map->nr < MOST_JIT_SYMBOLS; line = next) {
		size_t length = strcspn(line, "\n");
		struct jit_symbol symbol = { .order = map->nr };

		next = line + length + (line[length] != 0);
		line[length] = 0;
		if (!take_hex(&line, &symbol.start) || !take_hex(&line, &symbol.bytes) || !symbol.bytes || !*line)
			continue;
		symbol.name = (uint32_t)(line - map->text);
		if (map->nr == room) {
			uint32_t more = room ? room * 2 : 1024;
			struct jit_symbol *symbols = realloc(map->symbols, more * sizeof(*symbols));

			if (!symbols)
				return;
			map->symbols = symbols;
			room = more;
		}
		map->symbols[map->nr++] = symbol;
	}
}

static int compare(const void *a, const void *b)
{
	const struct jit_symbol *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void read_file(struct perf_map *map, int file, const struct stat *is)
{
	uint64_t wanted = (uint64_t)is->st_size < MOST_BYTES ? (uint64_t)is->st_size : MOST_BYTES;
	uint64_t nr = 0;
	ssize_t got = 1;

	perf_map_free(map);
	map->bytes = (uint64_t)is->st_size;
	map->written_ns = ns_of(is->st_mtim);
	map->text = malloc(wanted + 1);
	if (!map->text)
		return;
	while (nr < wanted && got > 0) {
		got = read(file, map->text + nr, wanted - nr);
		nr += got > 0 ? (uint64_t)got : 0;
	}
	/* the last line may be half written */
	while (nr && map->text[nr - 1] != '\n')
		nr--;
	map->text[nr] = 0;
	parse(map);
	if (map->nr)
		qsort(map->symbols, map->nr, sizeof(*map->symbols), compare);
}

static void read_if_changed(struct perf_map *map, pid_t pid)
{
	struct stat is;
	char path[64];
	pid_t own;
	uid_t user;
	int file;

	if (!process_numbers(pid, &own, &user))
		return;
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", own);
	file = process_open(pid, path, false);
	if (file < 0)
		return;
	if (fstat(file, &is) == 0 && (is.st_uid == 0 || is.st_uid == user) &&
	    ((uint64_t)is.st_size != map->bytes || ns_of(is.st_mtim) != map->written_ns))
		read_file(map, file, &is);
	close(file);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ns_of(now);
}

static void look(struct perf_map *map, pid_t pid)
{
	uint64_t now = now_ns();

	if (map->looked_ns && (now - map->looked_ns < LOOK_AGAIN_NS || now - map->looked_ns < LOOK_SHARE * map->looking_ns))
		return;
	read_if_changed(map, pid);
	map->looked_ns = now;
	map->looking_ns = now_ns() - now;
}

static const struct jit_symbol *find(const struct perf_map *map, uint64_t address)
{
	const struct jit_symbol *newest = NULL;
	uint32_t low = 0, high = map->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (map->symbols[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (uint32_t i = 0; i < OVERLAPPING && i < low; i++) {
		const struct jit_symbol *symbol = &map->symbols[low - 1 - i];

		if (address - symbol->start < symbol->bytes && (!newest || symbol->order > newest->order))
			newest = symbol;
	}
	return newest;
}

const char *perf_map_name(struct perf_map *map, pid_t pid, uint64_t address, uint64_t *start, uint64_t *end)
{
	const struct jit_symbol *symbol;

	/* code may have taken the place of other code */
	look(map, pid);
	symbol = find(map, address);
	if (!symbol)
		return NULL;
	*start = symbol->start;
	*end = symbol->start + symbol->bytes;
	return map->text + symbol->name;
}
