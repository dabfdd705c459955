// SPDX-License-Identifier: MIT
/*
 * What to probe in a file: the functions of an allocator that it defines, whether it is the program, a library that is
 * preloaded, or the C library. All of those in a process are probed; the outermost call counts.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "heap.h"

#define MOST_FUNCTION_BYTES 65536

/* A function found, before it is decided. */
struct found {
	struct heap_place *place;
	int64_t jumps_to; /* virtual address, -1: it does something itself */
};

/* Where a virtual address lies in the file; false: nowhere. */
static bool offset_of(const struct elf_file *elf, uint64_t virtual, uint64_t bytes, uint64_t *offset)
{
	for (unsigned i = 0; i < elf->nr_loads; i++) {
		const Elf64_Phdr *load = &elf->loads[i];

		if ((load->p_flags & PF_X) && virtual >= load->p_vaddr && virtual - load->p_vaddr < load->p_filesz &&
		    bytes <= load->p_filesz - (virtual - load->p_vaddr)) {
			*offset = virtual - load->p_vaddr + load->p_offset;
			return true;
		}
	}
	return false;
}

/* False: its code cannot be read. */
static bool look_at(const struct elf_file *elf, const struct symbol *symbol, struct found *found)
{
	uint64_t bytes = symbol->bytes < MOST_FUNCTION_BYTES ? symbol->bytes : MOST_FUNCTION_BYTES;
	uint64_t offset;
	uint8_t *code;
	int64_t target;
	uint32_t moved;

	if (!offset_of(elf, symbol->start, bytes, &offset))
		return false;
	code = elf_read_new(elf, offset, bytes, MOST_FUNCTION_BYTES);
	if (!code)
		return false;
	moved = symbol->bytes <= MOST_FUNCTION_BYTES ? probe_place(code, bytes) : 0;
	found->jumps_to = is_jump_alone(code, bytes, &target) ? (int64_t)symbol->start + target : -1;
	free(code);
	found->place->start = symbol->start;
	found->place->moved_by = moved < 256 ? (uint8_t)moved : 0;
	found->place->offset = offset + found->place->moved_by;
	return true;
}

/* True if another function that does the same is only jumped to: it is counted there. */
static bool is_counted_elsewhere(const struct found *one, const struct found *all, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		if (&all[i] != one && one->jumps_to == (int64_t)all[i].place->start && all[i].place->role == one->place->role)
			return true;
	}
	return false;
}

static unsigned decide(const struct found *all, unsigned nr, struct heap_place *places)
{
	bool allocates = false, releases = false;
	unsigned kept = 0;

	for (unsigned i = 0; i < nr; i++) {
		bool operator = heap_is_operator(all[i].place->name);

		allocates |= !operator && all[i].place->role != HEAP_RELEASE;
		releases |= !operator && all[i].place->role == HEAP_RELEASE;
	}
	for (unsigned i = 0; i < nr; i++) {
		bool operator = heap_is_operator(all[i].place->name);

		/* operators of a file that is no allocator call one */
		if ((operator && !(allocates && releases)) || is_counted_elsewhere(&all[i], all, nr))
			continue;
		places[kept++] = *all[i].place;
	}
	return kept;
}

static unsigned find(const struct elf_file *elf, const struct symbol_table *symbols, struct heap_place *places)
{
	struct heap_place *seen = calloc(MOST_HEAP_PLACES, sizeof(*seen));
	struct found *all = calloc(MOST_HEAP_PLACES, sizeof(*all));
	unsigned nr = 0;

	for (uint32_t i = 0; seen && all && i < symbols->nr && nr < MOST_HEAP_PLACES; i++) {
		const struct symbol *symbol = &symbols->symbols[i];
		const char *name = symbols->names + symbol->name;
		int role = heap_role_of(name, heap_settings ? heap_settings->prefix : NULL);

		/* of two names of one place the first is enough */
		if (role < 0 || (nr && seen[nr - 1].start == symbol->start))
			continue;
		seen[nr] = (struct heap_place){ .role = (uint8_t)role };
		strncpy(seen[nr].name, name, sizeof(seen[nr].name) - 1);
		all[nr].place = &seen[nr];
		nr += look_at(elf, symbol, &all[nr]);
	}
	nr = seen && all ? decide(all, nr, places) : 0;
	free(seen);
	free(all);
	return nr;
}

unsigned heap_places(struct image *image, pid_t pid, const struct mapping *mapping, struct heap_place *places)
{
	const struct symbol_table *symbols = image_symbols(image, pid, mapping);
	int file = symbols->nr ? mapping_open(pid, mapping) : -1;
	struct elf_file elf;
	unsigned nr = 0;

	if (file < 0)
		return 0;
	if (!elf_open(&elf, file))
		nr = find(&elf, symbols, places);
	elf_close(&elf);
	close(file);
	return nr;
}
