// SPDX-License-Identifier: MIT
/*
 * BPF maps. bpf(2) gives a descriptor of each, and the kernel's file behind that descriptor leads to the map's
 * own memory; the words behind its common part refer to the rest of it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "names.h"

/* Descriptors are few, and each is looked at. */
#define MOST_MAPS 512
/* Of a map's own struct. */
#define MOST_WORDS 128
#define PAGE 4096u

static struct map {
	int descriptor;
	uint64_t address;
	uint64_t words[MOST_WORDS];
	uint32_t nr_words;
} *maps;
static uint32_t nr_maps;

void maps_open(void)
{
	uint32_t id = 0;

	maps = calloc(MOST_MAPS, sizeof(*maps));
	if (!maps)
		die("out of memory");
	while (nr_maps < MOST_MAPS && bpf_map_get_next_id(id, &id) == 0) {
		int descriptor = bpf_map_get_fd_by_id(id);

		if (descriptor >= 0)
			maps[nr_maps++].descriptor = descriptor;
	}
}

static uint64_t address_of(int descriptor)
{
	uint64_t table = kernel_field(kernel_field(bases.task, F_TASK_FILES), F_FILES_FDT);

	return kernel_field(kernel_word(kernel_field(table, F_FDT_FD) + (uint64_t)descriptor * 8), F_FILE_PRIVATE);
}

/* What follows the part that all maps have; that one refers to much that is no map's own. */
static void read_words(struct map *map, uint64_t common_bytes)
{
	uint64_t from = map->address + common_bytes;
	uint64_t room = PAGE - from % PAGE;

	map->nr_words = (uint32_t)((room < sizeof(map->words) ? room : sizeof(map->words)) / 8);
	if (!see(from, map->words, map->nr_words * 8))
		map->nr_words = 0;
}

void maps_find(void)
{
	int32_t type = btf__find_by_name_kind(fields_btf(), "bpf_map", BTF_KIND_STRUCT);
	int64_t bytes = type > 0 ? btf__resolve_size(fields_btf(), (uint32_t)type) : 0;

	for (uint32_t i = 0; i < nr_maps; i++) {
		maps[i].address = address_of(maps[i].descriptor);
		if (maps[i].address && bytes > 0)
			read_words(&maps[i], ((uint64_t)bytes + 7) / 8 * 8);
	}
}

/* The only map that an address is of, or that refers to it; NULL: none, or several. */
static const struct map *map_of(uint64_t address)
{
	bool in_area = pfn_of_linear(address) == UINT64_MAX;
	const struct map *found = NULL;

	for (uint32_t i = 0; i < nr_maps; i++) {
		/* an array that a process may map begins so that its values do on a page */
		if (maps[i].address == address || (in_area && (maps[i].address & ~(uint64_t)(PAGE - 1)) == address))
			return &maps[i];
	}
	for (uint32_t i = 0; i < nr_maps; i++) {
		for (uint32_t word = 0; word < maps[i].nr_words; word++) {
			if (maps[i].words[word] != address)
				continue;
			if (found && found != &maps[i])
				return NULL;
			found = &maps[i];
		}
	}
	return found;
}

/* A number that is no address, -1 above all, is among the words of many a map. */
static bool is_memory(uint64_t address)
{
	uint64_t word;

	return see(address, &word, sizeof(word));
}

bool map_put(FILE *to, uint64_t address)
{
	const struct map *map = is_memory(address) ? map_of(address) : NULL;
	struct bpf_map_info info = { 0 };
	uint32_t bytes = sizeof(info);
	const char *type;

	if (!map || bpf_obj_get_info_by_fd(map->descriptor, &info, &bytes) != 0)
		return false;
	type = libbpf_bpf_map_type_str(info.type);
	fprintf(to, "\"kind\":\"bpf-map\",\"id\":%u", info.id);
	put_text(to, "type", type ? type : "");
	info.name[sizeof(info.name) - 1] = 0;
	put_text(to, "path", info.name);
	return true;
}
