// SPDX-License-Identifier: MIT
/*
 * The kernel's unwind table (ORC, x86-64): where a frame ends. The kernel reads
 * it in arch/x86/kernel/unwind_orc.c; this gives the same answer or none.
 *
 * An entry's layout and its numbers for types are taken from BTF:
 *   up to 6.2   type:2 (call, regs, partial regs), end:1
 *   6.3         + signal:1 (ffb1b4a41016)
 *   from 6.4    type:3 (undefined, end, call, regs, partial regs), signal:1 (fb799447ae29)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "kernel.h"

/* ORC_REG_* of arch/x86/include/asm/orc_types.h */
enum { REG_UNDEFINED = 0, REG_PREV_SP = 1, REG_BP = 4, REG_SP = 5, REG_BP_INDIRECT = 8, REG_SP_INDIRECT = 9 };

struct field {
	int bit, bits; /* bits 0: there is no such field */
};

static struct {
	struct field sp_offset, bp_offset, sp_reg, bp_reg, type, signal, end;
	size_t bytes;
} entry;

static struct orc_table table;

static struct field field_of(const struct btf *btf, const struct btf_type *type, const char *name)
{
	for (int i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];
		int bits = (int)btf_member_bitfield_size(type, (__u32)i);

		if (strcmp(btf__name_by_offset(btf, member->name_off), name) != 0)
			continue;
		if (!bits)
			bits = (int)btf__resolve_size(btf, member->type) * 8;
		return (struct field){ (int)btf_member_bit_offset(type, (__u32)i), bits };
	}
	return (struct field){ 0, 0 };
}

const char *orc_layout(const struct btf *btf)
{
	int id = btf ? btf__find_by_name_kind(btf, "orc_entry", BTF_KIND_STRUCT) : -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	if (type) {
		entry.bytes = type->size;
		entry.sp_offset = field_of(btf, type, "sp_offset");
		entry.bp_offset = field_of(btf, type, "bp_offset");
		entry.sp_reg = field_of(btf, type, "sp_reg");
		entry.bp_reg = field_of(btf, type, "bp_reg");
		entry.type = field_of(btf, type, "type");
		entry.signal = field_of(btf, type, "signal");
		entry.end = field_of(btf, type, "end");
	}
	if (!type)
		return "the kernel has no ORC unwind table";
	if (entry.bytes != 6 || entry.sp_offset.bits != 16 || entry.bp_offset.bits != 16 ||
	    entry.sp_reg.bits != 4 || entry.bp_reg.bits != 4 ||
	    !((entry.type.bits == 3 && entry.signal.bits == 1 && !entry.end.bits) ||
	      (entry.type.bits == 2 && entry.end.bits == 1)))
		return "the kernel's unwind table has a form that is new to this version";
	return NULL;
}

size_t orc_entry_bytes(void)
{
	return entry.bytes;
}

static uint64_t place(size_t i)
{
	return table.place + 4 * i + (uint64_t)(int64_t)table.places[i];
}

/* Bits of an entry: little-endian, as x86-64 is. */
static uint32_t bits_of(size_t i, struct field field)
{
	uint64_t all = 0;

	memcpy(&all, table.entries + i * entry.bytes, entry.bytes);
	return (uint32_t)(all >> field.bit & ((1u << field.bits) - 1));
}

enum frame_type { TYPE_OTHER, TYPE_CALL, TYPE_REGS, TYPE_END };

static enum frame_type type_of(size_t i)
{
	uint32_t type = bits_of(i, entry.type);

	if (entry.type.bits == 3) {
		static const enum frame_type types[8] = { [1] = TYPE_END, [2] = TYPE_CALL, [3] = TYPE_REGS };

		return types[type];
	}
	if (bits_of(i, entry.end))
		return bits_of(i, entry.sp_reg) == REG_UNDEFINED ? TYPE_END : TYPE_OTHER;
	return type == 0 ? TYPE_CALL : type == 1 ? TYPE_REGS : TYPE_OTHER;
}

/*
 * In any kernel nearly all frames are found by sp. If few of them seem to be, this
 * kernel numbers its registers differently (7.3 has sp 3, bp 4); BTF does not have the numbers.
 */
static const char *check_numbers(void)
{
	size_t by_sp = 0;

	for (size_t i = 0; i < table.nr; i++)
		by_sp += type_of(i) == TYPE_CALL && bits_of(i, entry.sp_reg) == REG_SP;
	return by_sp < table.nr / 2 ? "the kernel's unwind table has numbers that are new to this version" : NULL;
}

const char *orc_use(const struct orc_table *given)
{
	table = *given;
	for (size_t i = 1; i < table.nr; i++) {
		if (place(i) < place(i - 1))
			return "the unwind table is not sorted";
	}
	return check_numbers();
}

void orc_forget(void)
{
	free(table.places);
	free(table.entries);
	table = (struct orc_table){ 0 };
}

/* The entry of an address: the last one that does not lie behind it. */
static bool find(uint64_t address, size_t *found)
{
	size_t low = 0, high = table.nr;

	if (address < table.text_start || address >= table.text_end)
		return false;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (place(middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low - 1;
	return low > 0;
}

static struct orc_frame call_frame(size_t i)
{
	uint32_t sp_reg = bits_of(i, entry.sp_reg), bp_reg = bits_of(i, entry.bp_reg);
	struct orc_frame frame = { .kind = PC_NOT_FOR_US };
	int bp_offset = (int16_t)bits_of(i, entry.bp_offset);

	frame.offset = (int16_t)bits_of(i, entry.sp_offset);
	if (entry.signal.bits && bits_of(i, entry.signal))
		return frame;
	if (bp_reg == REG_PREV_SP) {
		if (bp_offset >= 0 || bp_offset % 8 || -bp_offset / 8 > 0xfff)
			return frame;
		frame.bp = (uint32_t)-bp_offset;
	} else if (!(bp_reg == REG_UNDEFINED || (bp_reg == REG_BP && sp_reg == REG_BP_INDIRECT))) {
		return frame;
	}
	if (sp_reg == REG_SP)
		frame.kind = PC_CALL;
	else if (sp_reg == REG_BP)
		frame.kind = PC_BP;
	else if (sp_reg == REG_SP_INDIRECT)
		frame.kind = PC_SP_INDIRECT;
	else if (sp_reg == REG_BP_INDIRECT && bp_reg == REG_BP && bp_offset == 0)
		frame.kind = PC_BP_INDIRECT;
	return frame;
}

const char *orc_words(uint64_t pc, bool interrupted)
{
	static char text[96];
	size_t i;

	if (!find(interrupted ? pc : pc - 1, &i))
		return "outside the kernel's core text";
	snprintf(text, sizeof(text), "sp_reg %u%+d, bp_reg %u%+d, type %u, signal %u", bits_of(i, entry.sp_reg),
		 (int16_t)bits_of(i, entry.sp_offset), bits_of(i, entry.bp_reg),
		 (int16_t)bits_of(i, entry.bp_offset), bits_of(i, entry.type),
		 entry.signal.bits ? bits_of(i, entry.signal) : 0);
	return text;
}

struct orc_frame orc_frame(uint64_t pc, bool interrupted)
{
	struct orc_frame frame = { .kind = PC_NOT_FOR_US };
	size_t i;

	if (!find(interrupted ? pc : pc - 1, &i))
		return frame;
	switch (type_of(i)) {
	case TYPE_CALL:
		return call_frame(i);
	case TYPE_REGS:
		if (bits_of(i, entry.sp_reg) != REG_SP || bits_of(i, entry.bp_reg) != REG_UNDEFINED)
			return frame;
		frame.offset = (int16_t)bits_of(i, entry.sp_offset);
		/* before 6.3 the kernel itself took all of them for interrupted */
		frame.kind = !entry.signal.bits || bits_of(i, entry.signal) ? PC_INTERRUPTED : PC_REGS;
		return frame;
	case TYPE_END:
		frame.kind = PC_END;
		return frame;
	default:
		return frame;
	}
}
