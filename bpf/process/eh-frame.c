// SPDX-License-Identifier: MIT
/*
 * .eh_frame (LSB Core, "Exception Frames") as rows. Its records are gone through once for the FDEs; these are
 * sorted by their functions, and then each one's instructions are run.
 */
#include <stdlib.h>
#include <string.h>
#include "eh-frame.h"

#define MOST_FDES (1u << 22)
#define CIE_CACHE 64

struct fde {
	uint64_t start;
	uint32_t bytes; /* of its function */
	uint32_t cie;   /* offset in the section */
	uint32_t instructions, end;
};

struct section {
	const struct elf_file *elf;
	uint8_t *bytes;
	uint64_t nr, address;
	struct cie cies[CIE_CACHE];
	uint64_t work; /* bytes of CIEs that may yet be read */
	struct fde *fdes;
	uint32_t nr_fdes, room;
	uint32_t unreadable;
};

static const struct unwind_step no_row;

/* ---- records ---- */

/* The cursor of a record behind its length; its offset in the section goes on to the next. False: there are no more. */
static bool next_record(const struct section *section, uint64_t *offset, struct cursor *record)
{
	while (*offset + 4 <= section->nr) {
		struct cursor at = { section->bytes + *offset, section->bytes + section->nr, false };
		uint64_t length = take_unsigned(&at, 4);

		/* a terminator: a linker may have put more behind it */
		if (length == 0) {
			*offset += 4;
			continue;
		}
		/* 0xffffffff begins a record of 64 bits, which no x86-64 compiler writes */
		if (length >= 0xfffffff0 || length < 4 || length > cursor_left(&at))
			return false;
		*record = (struct cursor){ at.at, at.at + length, false };
		*offset += 4 + length;
		return true;
	}
	return false;
}

/* The CIE at an offset; not usable if there is none that is known. */
static const struct cie *cie_at(struct section *section, uint32_t offset)
{
	struct cie *cie = &section->cies[(offset / 4) % CIE_CACHE];
	struct cursor record;
	uint64_t at = offset;

	if (cie->offset == offset)
		return cie;
	memset(cie, 0, sizeof(*cie));
	cie->offset = offset;
	if (!next_record(section, &at, &record))
		return cie;
	/* FDEs that take turns with many long CIEs would have them read without end */
	if (section->work < cursor_left(&record))
		return cie;
	section->work -= cursor_left(&record);
	if (take_unsigned(&record, 4) == 0)
		cie_read(cie, &(struct place){ section->bytes, section->address }, &record);
	return cie;
}

static struct fde *new_fde(struct section *section)
{
	if (section->nr_fdes == section->room) {
		uint32_t room = section->room ? section->room * 2 : 1024;
		struct fde *fdes = room <= MOST_FDES ? realloc(section->fdes, room * sizeof(*fdes)) : NULL;

		if (!fdes)
			return NULL;
		section->fdes = fdes;
		section->room = room;
	}
	return &section->fdes[section->nr_fdes++];
}

/* False: there is no room for more. One that is not understood is counted. */
static bool add_fde(struct section *section, uint32_t cie_offset, struct cursor *from)
{
	const struct place place = { section->bytes, section->address }, lengths = { section->bytes, 0 };
	const struct cie *cie = cie_at(section, cie_offset);
	uint64_t start = 0, bytes = 0;
	struct fde *fde;

	/* the length has the form of the start, but is relative to nothing */
	if (!cie->usable || !take_address(from, cie->encoding, &place, &start) ||
	    !take_address(from, cie->encoding & 0x0f, &lengths, &bytes)) {
		section->unreadable++;
		return true;
	}
	if (cie->augmented)
		take_bytes(from, take_uleb(from));
	/* what a linker has left of functions that it threw away lies at 0, or nowhere */
	if (from->bad || bytes == 0 || bytes > UINT32_MAX || !elf_is_code(section->elf, start, bytes)) {
		section->unreadable += from->bad;
		return true;
	}
	fde = new_fde(section);
	if (fde)
		*fde = (struct fde){ start, (uint32_t)bytes, cie_offset, (uint32_t)(from->at - section->bytes),
				     (uint32_t)(from->end - section->bytes) };
	return fde != NULL;
}

static const char *find_fdes(struct section *section)
{
	struct cursor record;

	for (uint64_t at = 0; next_record(section, &at, &record);) {
		uint64_t id_at = (uint64_t)(record.at - section->bytes), id = take_unsigned(&record, 4);

		/* 0: a CIE; else how far before this word its CIE begins */
		if (id == 0)
			continue;
		if (id > id_at)
			section->unreadable++;
		else if (!add_fde(section, (uint32_t)(id_at - id), &record))
			return "its .eh_frame has too many functions";
	}
	return NULL;
}

/* ---- rows ---- */

static int by_start(const void *a, const void *b)
{
	const struct fde *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->instructions < y->instructions ? -1 : x->instructions > y->instructions;
}

static void add_row(void *context, uint64_t pc, const struct unwind_step *step)
{
	struct row_builder *builder = context;

	rows_add(builder, (uint32_t)(pc - builder->rows->base), step);
}

/* Functions that overlap are no compiler's: each one ends where the next begins. */
static void add_rows(struct section *section, struct row_builder *builder)
{
	struct unwind_rows *rows = builder->rows;

	for (uint32_t i = 0; i < section->nr_fdes && !builder->failed; i++) {
		const struct fde *fde = &section->fdes[i];
		uint64_t end = fde->start + fde->bytes, next = i + 1 < section->nr_fdes ? section->fdes[i + 1].start : UINT64_MAX;
		struct frame_program program = { cie_at(section, fde->cie), { section->bytes, section->address },
						 fde->start, next < end ? next : end, add_row, builder };
		struct cursor instructions = { section->bytes + fde->instructions, section->bytes + fde->end, false };
		struct unwind_step none = { .kind = UNWIND_OTHER };

		/* addresses of rows are 4 bytes */
		if (program.end - rows->base > UINT32_MAX || program.end <= program.start)
			continue;
		if (program.cie->usable)
			cfa_run(&program, &instructions);
		else
			add_row(builder, program.start, &none);
		add_row(builder, program.end, &no_row);
		rows->functions[rows->nr_functions++] =
			(struct function_bounds){ (uint32_t)(program.start - rows->base), (uint32_t)(program.end - rows->base) };
	}
}

static const char *make_rows(struct section *section, struct unwind_rows *rows)
{
	struct row_builder builder;
	const char *why = find_fdes(section);

	if (why)
		return why;
	if (section->nr_fdes)
		qsort(section->fdes, section->nr_fdes, sizeof(*section->fdes), by_start);
	rows->functions = malloc((section->nr_fdes + 1) * sizeof(*rows->functions));
	if (!rows->functions || !rows_begin(&builder, rows)) {
		rows_free(rows);
		return "out of memory";
	}
	add_rows(section, &builder);
	if (!rows_end(&builder))
		return "its .eh_frame has too many rows";
	rows->unreadable = section->unreadable;
	return NULL;
}

const char *eh_frame_rows(const struct elf_file *elf, struct unwind_rows *rows)
{
	struct section section = { .elf = elf };
	const char *why = NULL;

	memset(rows, 0, sizeof(*rows));
	rows->base = elf->nr_loads ? elf_base(elf) : 0;
	for (unsigned i = 0; i < CIE_CACHE; i++)
		section.cies[i].offset = UINT64_MAX;
	if (!eh_frame_find(elf, &section.bytes, &section.nr, &section.address))
		return NULL;
	if (!section.bytes)
		return "its .eh_frame cannot be read, or is too long";
	rows->section_bytes = section.nr;
	section.work = 16 * section.nr;
	why = make_rows(&section, rows);
	free(section.bytes);
	free(section.fdes);
	return why;
}
