/* SPDX-License-Identifier: MIT */
/* cfa.c for eh-frame.c: what a call frame program says of one place in a function. */
#ifndef CFA_H
#define CFA_H

#include "cursor.h"
#include "process.h"

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

#endif
