/* SPDX-License-Identifier: MIT */
/* What eh-frame.c and cfa.c share: bytes of a file that is not trusted, and what is said of one place in a function. */
#ifndef EH_FRAME_H
#define EH_FRAME_H

#include <string.h>
#include "process.h"

/* Past the end a cursor gives 0, and is bad from then on. */
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

/* How an address is written (LSB Core, "DWARF Exception Header Encoding"). */
enum { ENCODING_PC_RELATIVE = 0x10, ENCODING_NONE = 0xff };

/* Numbers of the x86-64 psABI, figure 3.36. */
enum { REG_BP = 6, REG_SP = 7, REG_RA = 16 };

enum rule_kind { RULE_SAME, RULE_UNDEFINED, RULE_AT_CFA, RULE_AT_BP, RULE_AT_SP, RULE_OTHER };

struct rule {
	enum rule_kind kind;
	int64_t offset;
};

enum cfa_kind { CFA_REGISTER, CFA_BP_DEREF, CFA_SP_DEREF, CFA_PLT, CFA_OTHER };

struct frame_state {
	enum cfa_kind cfa;
	uint64_t cfa_register; /* of CFA_REGISTER */
	int64_t cfa_offset;
	uint8_t plt_from;
	struct rule bp, sp, ra;
};

struct cie {
	uint64_t offset; /* in its section */
	bool usable;
	bool signal;     /* 'S': the frame of a signal handler's caller */
	bool augmented;  /* 'z' */
	uint8_t encoding; /* of an FDE's addresses */
	uint64_t code_align;
	int64_t data_align;
	struct frame_state first; /* what holds where a function begins */
};

/* The memory that a cursor runs in, and the address of its first byte. */
struct place {
	const uint8_t *start;
	uint64_t address;
};

/* An address by its encoding; false: bad, or an encoding that no linker writes for x86-64. */
bool take_address(struct cursor *from, uint8_t encoding, const struct place *place, uint64_t *address);

/* The CIE of a record, from behind its id on; `place`: of the section. Not usable if it is none that is known. */
void cie_read(struct cie *cie, const struct place *place, struct cursor *from);

/* The step to the caller. `signal`: the frame of a signal handler's caller. */
struct unwind_step frame_step(const struct frame_state *state, bool signal);

typedef void row_of(void *context, uint64_t pc, const struct unwind_step *step);

struct frame_program {
	const struct cie *cie;
	struct place place;
	uint64_t start, end; /* of the function */
	row_of *row;         /* told of each place from which on another step holds; NULL: nobody */
	void *context;
};

/* The start state of a CIE: runs its instructions. */
void cfa_begin(struct cie *cie, struct cursor *program);
/* Runs an FDE's instructions. What they do not say right becomes UNWIND_OTHER. */
void cfa_run(const struct frame_program *program, struct cursor *instructions);

/* ---- eh-frame-section.c ---- */

/* The bytes of .eh_frame, new memory, and their address; false: there is none. *bytes NULL: it cannot be read. */
bool eh_frame_find(const struct elf_file *elf, uint8_t **bytes, uint64_t *nr, uint64_t *address);

#endif
