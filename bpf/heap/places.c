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
	uint8_t *code;
	uint64_t bytes;
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
	uint64_t offset;
	uint32_t moved;

	found->bytes = symbol->bytes < MOST_FUNCTION_BYTES ? symbol->bytes : MOST_FUNCTION_BYTES;
	if (!offset_of(elf, symbol->start, found->bytes, &offset))
		return false;
	found->code = elf_read_new(elf, offset, found->bytes, MOST_FUNCTION_BYTES);
	if (!found->code)
		return false;
	moved = symbol->bytes <= MOST_FUNCTION_BYTES ? probe_place(found->code, found->bytes) : 0;
	found->place->start = symbol->start;
	found->place->moved_by = moved < 256 ? (uint8_t)moved : 0;
	found->place->offset = offset + found->place->moved_by;
	return true;
}

/* It only jumps to another function that does the same, or calls one and may throw: it is counted there. */
static bool is_counted_elsewhere(const struct found *one, const struct found *all, unsigned nr)
{
	int64_t target;
	bool jumps = is_jump_alone(one->code, one->bytes, &target), throws = heap_throws(one->place->name);

	for (unsigned i = 0; i < nr; i++) {
		const struct heap_place *other = all[i].place;
		int64_t apart = (int64_t)(other->start - one->place->start);
		bool allocates = other->role < HEAP_RELEASE && !heap_throws(other->name);

		if (&all[i] != one && ((jumps && target == apart && other->role == one->place->role) ||
				       (throws && allocates && leads_to(one->code, one->bytes, apart))))
			return true;
	}
	return false;
}

static unsigned decide(const struct found *all, unsigned nr, struct heap_place *places, unsigned *throwing)
{
	bool allocates = false, releases = false;
	unsigned kept = 0;

	for (unsigned i = 0; i < nr; i++) {
		bool operator = heap_is_operator(all[i].place->name);

		allocates |= !operator && all[i].place->role < HEAP_RELEASE;
		releases |= !operator && all[i].place->role == HEAP_RELEASE;
	}
	for (unsigned i = 0; i < nr; i++) {
		bool operator = heap_is_operator(all[i].place->name), throws = heap_throws(all[i].place->name);

		/* operators of a file that is no allocator call one */
		if ((operator && !(allocates && releases)) || is_counted_elsewhere(&all[i], all, nr))
			continue;
		if (throws && !heap_settings->throwing) {
			++*throwing;
			continue;
		}
		places[kept++] = *all[i].place;
	}
	return kept;
}

static unsigned find(const struct elf_file *elf, const struct symbol_table *symbols, struct heap_place *places, unsigned *throwing)
{
	struct heap_place *seen = calloc(MOST_HEAP_PLACES, sizeof(*seen));
	struct found *all = calloc(MOST_HEAP_PLACES, sizeof(*all));
	unsigned nr = 0, kept;

	for (uint32_t i = 0; seen && all && i < symbols->nr && nr < MOST_HEAP_PLACES; i++) {
		const struct symbol *symbol = &symbols->symbols[i];
		const char *name = symbols->names + symbol->name;
		int role = heap_role_of(name, heap_settings->prefix);

		/* of two names of one place the first is enough */
		if (role < 0 || (nr && seen[nr - 1].start == symbol->start))
			continue;
		seen[nr] = (struct heap_place){ .role = (uint8_t)role };
		strncpy(seen[nr].name, name, sizeof(seen[nr].name) - 1);
		all[nr].place = &seen[nr];
		nr += look_at(elf, symbol, &all[nr]);
	}
	kept = decide(all, nr, places, throwing);
	for (unsigned i = 0; i < nr; i++)
		free(all[i].code);
	free(seen);
	free(all);
	return kept;
}

unsigned heap_places(struct image *image, pid_t pid, const struct mapping *mapping, struct heap_place *places, unsigned *throwing)
{
	const struct symbol_table *symbols = image_symbols(image, pid, mapping);
	int file = symbols->nr ? mapping_open(pid, mapping) : -1;
	struct elf_file elf;
	unsigned nr = 0;

	*throwing = 0;
	if (file < 0)
		return 0;
	if (!elf_open(&elf, file))
		nr = find(&elf, symbols, places, throwing);
	elf_close(&elf);
	close(file);
	return nr;
}
