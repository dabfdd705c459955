// SPDX-License-Identifier: MIT
/* Symbols of a file's code: .symtab, or .dynsym where it was stripped. */
#include <stdlib.h>
#include <string.h>
#include "process.h"

#define MOST_SYMBOLS (1u << 21)
#define MOST_NAME_BYTES (128u << 20)
/* How many symbols before an address are looked at: one that holds it may begin before others that it holds. */
#define NESTED 8

static bool is_of_code(const Elf64_Sym *symbol, const struct elf_file *elf, uint64_t names_bytes)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE) && symbol->st_shndx != SHN_UNDEF && symbol->st_size > 0 &&
	       symbol->st_size <= UINT32_MAX && symbol->st_name > 0 && symbol->st_name < names_bytes &&
	       elf_is_code(elf, symbol->st_value, 0);
}

/* What of several names of one place is shown: GLOBAL before WEAK before LOCAL; then the one with the fewest underscores. */
struct candidate {
	struct symbol symbol;
	uint8_t binding;
};

static const char *names_to_compare;

static uint8_t rank_of(unsigned binding)
{
	return binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	const char *p, *q;
	size_t m, n;

	if (x->symbol.start != y->symbol.start)
		return x->symbol.start < y->symbol.start ? -1 : 1;
	/* the shortest one last: it is found first */
	if (x->symbol.bytes != y->symbol.bytes)
		return x->symbol.bytes > y->symbol.bytes ? -1 : 1;
	if (x->binding != y->binding)
		return x->binding < y->binding ? -1 : 1;
	p = names_to_compare + x->symbol.name;
	q = names_to_compare + y->symbol.name;
	m = strspn(p, "_");
	n = strspn(q, "_");
	return m != n ? (m < n ? -1 : 1) : strcmp(p, q);
}

static void keep_best(struct symbol_table *table, struct candidate *all, uint32_t nr)
{
	names_to_compare = table->names;
	if (nr)
		qsort(all, nr, sizeof(*all), compare);
	table->symbols = malloc((nr + 1) * sizeof(*table->symbols));
	for (uint32_t i = 0; table->symbols && i < nr; i++) {
		const struct symbol *last = table->nr ? &table->symbols[table->nr - 1] : NULL;

		if (last && last->start == all[i].symbol.start && last->bytes == all[i].symbol.bytes)
			continue;
		table->symbols[table->nr++] = all[i].symbol;
	}
}

static bool load_section(struct symbol_table *table, const struct elf_file *elf, uint32_t type)
{
	const Elf64_Shdr *section = elf_section(elf, NULL, type), *names;
	uint64_t nr = section ? section->sh_size / sizeof(Elf64_Sym) : 0;
	Elf64_Sym *read;
	struct candidate *all;
	uint32_t nr_all = 0;

	if (!nr || section->sh_entsize != sizeof(Elf64_Sym) || section->sh_link >= elf->nr_sections)
		return false;
	names = &elf->sections[section->sh_link];
	read = (Elf64_Sym *)elf_read_new(elf, section->sh_offset, nr * sizeof(*read), MOST_SYMBOLS * sizeof(*read));
	table->names = names->sh_type == SHT_STRTAB ? (char *)elf_read_new(elf, names->sh_offset, names->sh_size, MOST_NAME_BYTES) : NULL;
	table->names_bytes = names->sh_size;
	all = read && table->names ? malloc(nr * sizeof(*all)) : NULL;
	for (uint64_t i = 0; all && i < nr; i++) {
		const Elf64_Sym *symbol = &read[i];

		if (is_of_code(symbol, elf, table->names_bytes))
			all[nr_all++] = (struct candidate){ { symbol->st_value, (uint32_t)symbol->st_size, symbol->st_name },
							    rank_of(ELF64_ST_BIND(symbol->st_info)) };
	}
	free(read);
	if (all)
		keep_best(table, all, nr_all);
	free(all);
	if (!table->symbols || !table->nr)
		symbol_table_free(table);
	return table->nr > 0;
}

bool symbol_table_load(struct symbol_table *table, const struct elf_file *elf)
{
	memset(table, 0, sizeof(*table));
	if (load_section(table, elf, SHT_SYMTAB))
		return true;
	load_section(table, elf, SHT_DYNSYM);
	return false;
}

void symbol_table_free(struct symbol_table *table)
{
	free(table->symbols);
	free(table->names);
	memset(table, 0, sizeof(*table));
}

uint64_t symbol_table_bytes(const struct symbol_table *table)
{
	return table->nr * sizeof(*table->symbols) + table->names_bytes;
}

const struct symbol *symbol_table_find(const struct symbol_table *table, uint64_t address)
{
	uint32_t low = 0, high = table->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (table->symbols[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (uint32_t i = 0; i < NESTED && i < low; i++) {
		const struct symbol *symbol = &table->symbols[low - 1 - i];

		if (address - symbol->start < symbol->bytes)
			return symbol;
	}
	return NULL;
}
