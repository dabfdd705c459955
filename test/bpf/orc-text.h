/* SPDX-License-Identifier: MIT */
/*
 * An unwind table described by text, in a layout of struct orc_entry described by its form:
 *   6.2   sp_offset:16 bp_offset:16 sp_reg:4 bp_reg:4 type:2 end:1
 *   6.3   the same, and signal:1 before end
 *   6.4   sp_offset:16 bp_offset:16 sp_reg:4 bp_reg:4 type:3 signal:1
 * An entry: PC SP_REG SP_OFFSET BP_REG BP_OFFSET TYPE [signal] [end]
 *   registers: undefined prev_sp bp sp bp_indirect sp_indirect, or a number
 *   types: undefined end call regs partial, by the numbers of the form
 */
#ifndef ORC_TEXT_H
#define ORC_TEXT_H

#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "kernel.h"

#define ORC_ENTRY_BYTES 6
#define ORC_PLACE 0xffffffff83000000ull

struct orc_text {
	char form[8];
	struct orc_table table;
	uint64_t pcs[512];
};

static void orc_bits(struct orc_text *text, int *bit, int bits, long value)
{
	uint64_t all = 0;
	uint8_t *entry = text->table.entries + text->table.nr * ORC_ENTRY_BYTES;

	memcpy(&all, entry, ORC_ENTRY_BYTES);
	all |= ((uint64_t)value & ((1ull << bits) - 1)) << *bit;
	memcpy(entry, &all, ORC_ENTRY_BYTES);
	*bit += bits;
}

static int orc_number_of(const char *const *names, const char *word)
{
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], word) == 0)
			return i;
	}
	return atoi(word);
}

static void orc_add(struct orc_text *text, char *line)
{
	static const char *const registers[] = { "undefined", "prev_sp", "", "", "bp", "sp", "", "", "bp_indirect",
						 "sp_indirect", NULL };
	static const char *const old_types[] = { "call", "regs", "partial", NULL };
	static const char *const new_types[] = { "undefined", "end", "call", "regs", "partial", NULL };
	bool is_new = strcmp(text->form, "6.4") == 0;
	char sp_reg[16], bp_reg[16], type[16], flags[32] = "";
	long sp_offset, bp_offset;
	unsigned long long pc;
	int bit = 0;

	if (sscanf(line, "%llx %15s %ld %15s %ld %15s %31[a-z ]", &pc, sp_reg, &sp_offset, bp_reg, &bp_offset, type,
		   flags) < 6)
		exit(2);
	orc_bits(text, &bit, 16, sp_offset);
	orc_bits(text, &bit, 16, bp_offset);
	orc_bits(text, &bit, 4, orc_number_of(registers, sp_reg));
	orc_bits(text, &bit, 4, orc_number_of(registers, bp_reg));
	orc_bits(text, &bit, is_new ? 3 : 2, orc_number_of(is_new ? new_types : old_types, type));
	if (strcmp(text->form, "6.2") != 0)
		orc_bits(text, &bit, 1, strstr(flags, "signal") != NULL);
	if (!is_new)
		orc_bits(text, &bit, 1, strstr(flags, "end") != NULL);
	text->pcs[text->table.nr++] = pc;
}

/*
 * Reads the form's types, then entries up to a line "end of table". Returns NULL, or why the loader
 * refuses the table.
 */
static const char *orc_text_read(FILE *in, const char *form)
{
	static struct orc_text text;
	struct btf *types = btf__new_empty();
	int word = btf__add_int(types, "u16", 2, 0), wide = btf__add_int(types, "u32", 4, 0);
	bool is_new = strcmp(form, "6.4") == 0;
	const char *why;
	char line[256];

	text = (struct orc_text){ .table = { .text_start = 0xffffffff81000000, .text_end = 0xffffffff82000000,
					     .place = ORC_PLACE,
					     .places = calloc(512, sizeof(int32_t)),
					     .entries = calloc(512, ORC_ENTRY_BYTES) } };
	snprintf(text.form, sizeof(text.form), "%s", form);
	if (strcmp(form, "none") != 0) {
		btf__add_struct(types, "orc_entry", strcmp(form, "8 bytes") == 0 ? 8 : ORC_ENTRY_BYTES);
		btf__add_field(types, "sp_offset", word, 0, 0);
		btf__add_field(types, "bp_offset", word, 16, 0);
		btf__add_field(types, "sp_reg", wide, 32, 4);
		btf__add_field(types, "bp_reg", wide, 36, 4);
		btf__add_field(types, "type", wide, 40, is_new ? 3 : 2);
		if (strcmp(form, "6.2") != 0)
			btf__add_field(types, "signal", wide, is_new ? 43 : 42, 1);
		if (!is_new)
			btf__add_field(types, "end", wide, strcmp(form, "6.2") == 0 ? 42 : 43, 1);
	}
	why = orc_layout(types);
	btf__free(types);
	while (fgets(line, sizeof(line), in) && strcmp(line, "end of table\n") != 0)
		orc_add(&text, line);
	for (size_t i = 0; i < text.table.nr; i++)
		text.table.places[i] = (int32_t)(text.pcs[i] - (ORC_PLACE + 4 * i));
	return why ? why : orc_use(&text.table);
}

#endif
