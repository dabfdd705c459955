// SPDX-License-Identifier: MIT
/*
 * Call frame programs (DWARF 5, 6.4.2) of x86-64, as far as the step to the caller needs them: the CFA, and where
 * bp, sp and the return address were saved.
 */
#include "eh-frame.h"

/* DW_CFA_*; the first three have an operand in their low six bits. */
enum {
	CFA_advance_loc = 1, CFA_offset = 2, CFA_restore = 3,
	CFA_nop = 0, CFA_set_loc = 1, CFA_advance_loc1 = 2, CFA_advance_loc2 = 3, CFA_advance_loc4 = 4, CFA_offset_extended = 5,
	CFA_restore_extended = 6, CFA_undefined = 7, CFA_same_value = 8, CFA_register = 9, CFA_remember_state = 0x0a,
	CFA_restore_state = 0x0b, CFA_def_cfa = 0x0c, CFA_def_cfa_register = 0x0d, CFA_def_cfa_offset = 0x0e,
	CFA_def_cfa_expression = 0x0f, CFA_expression = 0x10, CFA_offset_extended_sf = 0x11, CFA_def_cfa_sf = 0x12,
	CFA_def_cfa_offset_sf = 0x13, CFA_val_offset = 0x14, CFA_val_offset_sf = 0x15, CFA_val_expression = 0x16,
	CFA_GNU_args_size = 0x2e, CFA_GNU_negative_offset_extended = 0x2f,
};

/* DW_OP_* (DWARF 5, 7.7.1) */
enum {
	OP_deref = 0x06, OP_and = 0x1a, OP_plus = 0x22, OP_shl = 0x24, OP_ge = 0x2a, OP_lit0 = 0x30, OP_breg0 = 0x70,
};

/* Compilers nest two. */
#define MOST_REMEMBERED 16

struct machine {
	const struct cie *cie;
	struct cursor *from;
	struct frame_state state, remembered[MOST_REMEMBERED];
	unsigned nr_remembered;
	bool bad;
};

static void set_rule(struct machine *machine, uint64_t reg, enum rule_kind kind, int64_t offset)
{
	struct frame_state *state = &machine->state;
	struct rule *rule = reg == REG_BP ? &state->bp : reg == REG_SP ? &state->sp : reg == REG_RA ? &state->ra : NULL;

	if (rule)
		*rule = (struct rule){ kind, offset };
}

static int64_t factored(struct machine *machine, int64_t value)
{
	int64_t product;

	if (!__builtin_mul_overflow(value, machine->cie->data_align, &product))
		return product;
	machine->bad = true;
	return 0;
}

/* Up to INT64_MAX. */
static int64_t unsigned_operand(struct machine *machine)
{
	uint64_t value = take_uleb(machine->from);

	if (value <= INT64_MAX)
		return (int64_t)value;
	machine->bad = true;
	return 0;
}

static int64_t unsigned_factored(struct machine *machine)
{
	return factored(machine, unsigned_operand(machine));
}

static int64_t signed_factored(struct machine *machine)
{
	return factored(machine, take_sleb(machine->from));
}

static void restore(struct machine *machine, uint64_t reg)
{
	const struct frame_state *first = &machine->cie->first;
	const struct rule *rule = reg == REG_BP ? &first->bp : reg == REG_SP ? &first->sp : &first->ra;

	set_rule(machine, reg, rule->kind, rule->offset);
}

/* The block of an expression, as a cursor of its own. */
static struct cursor expression(struct machine *machine)
{
	uint64_t length = take_uleb(machine->from);
	const uint8_t *bytes = take_bytes(machine->from, length);

	return (struct cursor){ bytes, bytes ? bytes + length : bytes, !bytes };
}

static bool ends(const struct cursor *from)
{
	return !from->bad && from->at == from->end;
}

/*
 * Those that are written: a word at bp or sp plus a number, and what binutils writes for PLTs,
 * sp + 8 + ((rip & 15) >= N ? 8 : 0).
 */
static void def_cfa_expression(struct machine *machine)
{
	struct cursor from = expression(machine), plt;
	uint64_t op = take_unsigned(&from, 1);
	int64_t offset = take_sleb(&from);
	const uint8_t *rest;

	machine->state.cfa = CFA_OTHER;
	machine->state.cfa_offset = offset;
	if (from.bad || (op != OP_breg0 + REG_SP && op != OP_breg0 + REG_BP))
		return;
	plt = from;
	if (take_unsigned(&from, 1) == OP_deref && ends(&from)) {
		machine->state.cfa = op == OP_breg0 + REG_SP ? CFA_SP_DEREF : CFA_BP_DEREF;
		return;
	}
	rest = take_bytes(&plt, 9);
	if (op != OP_breg0 + REG_SP || !rest || !ends(&plt) || rest[0] != OP_breg0 + REG_RA || rest[1] != 0 || rest[2] != OP_lit0 + 15 ||
	    rest[3] != OP_and || rest[4] < OP_lit0 || rest[4] > OP_lit0 + 15 || rest[5] != OP_ge || rest[6] != OP_lit0 + 3 ||
	    rest[7] != OP_shl || rest[8] != OP_plus)
		return;
	machine->state.cfa = CFA_PLT;
	machine->state.plt_from = (uint8_t)(rest[4] - OP_lit0);
}

static void register_expression(struct machine *machine)
{
	uint64_t reg = take_uleb(machine->from);
	struct cursor from = expression(machine);
	uint64_t op = take_unsigned(&from, 1);
	int64_t offset = take_sleb(&from);
	bool plain = ends(&from);

	set_rule(machine, reg, plain && op == OP_breg0 + REG_BP ? RULE_AT_BP : plain && op == OP_breg0 + REG_SP ? RULE_AT_SP : RULE_OTHER,
		 offset);
}

static void def_cfa(struct machine *machine, uint64_t reg, int64_t offset)
{
	machine->state.cfa = CFA_REGISTER;
	machine->state.cfa_register = reg;
	machine->state.cfa_offset = offset;
}

/* An offset or a register alone says nothing where an expression gave the CFA. */
static void change_cfa(struct machine *machine, bool offset_too, int64_t offset)
{
	if (machine->state.cfa != CFA_REGISTER)
		machine->bad = true;
	else if (offset_too)
		machine->state.cfa_offset = offset;
}

static void remember(struct machine *machine)
{
	if (machine->nr_remembered == MOST_REMEMBERED)
		machine->bad = true;
	else
		machine->remembered[machine->nr_remembered++] = machine->state;
}

static void recall(struct machine *machine)
{
	if (machine->nr_remembered == 0)
		machine->bad = true;
	else
		machine->state = machine->remembered[--machine->nr_remembered];
}

/* Instructions that change a rule or the CFA. */
static void change(struct machine *machine, uint8_t op)
{
	struct cursor *from = machine->from;
	uint64_t reg;

	switch (op) {
	case CFA_nop: return;
	case CFA_remember_state: remember(machine); return;
	case CFA_restore_state: recall(machine); return;
	case CFA_def_cfa: reg = take_uleb(from); def_cfa(machine, reg, (int64_t)take_uleb(from)); return;
	case CFA_def_cfa_sf: reg = take_uleb(from); def_cfa(machine, reg, signed_factored(machine)); return;
	case CFA_def_cfa_register: change_cfa(machine, false, 0); machine->state.cfa_register = take_uleb(from); return;
	case CFA_def_cfa_offset: change_cfa(machine, true, (int64_t)take_uleb(from)); return;
	case CFA_def_cfa_offset_sf: change_cfa(machine, true, signed_factored(machine)); return;
	case CFA_def_cfa_expression: def_cfa_expression(machine); return;
	case CFA_expression: register_expression(machine); return;
	case CFA_GNU_args_size: take_uleb(from); return;
	case CFA_offset_extended: reg = take_uleb(from); set_rule(machine, reg, RULE_AT_CFA, unsigned_factored(machine)); return;
	case CFA_offset_extended_sf: reg = take_uleb(from); set_rule(machine, reg, RULE_AT_CFA, signed_factored(machine)); return;
	case CFA_GNU_negative_offset_extended:
		reg = take_uleb(from);
		set_rule(machine, reg, RULE_AT_CFA, factored(machine, -unsigned_operand(machine)));
		return;
	case CFA_restore_extended: restore(machine, take_uleb(from)); return;
	case CFA_undefined: set_rule(machine, take_uleb(from), RULE_UNDEFINED, 0); return;
	case CFA_same_value: set_rule(machine, take_uleb(from), RULE_SAME, 0); return;
	case CFA_register: reg = take_uleb(from); take_uleb(from); set_rule(machine, reg, RULE_OTHER, 0); return;
	case CFA_val_offset: reg = take_uleb(from); set_rule(machine, reg, RULE_OTHER, unsigned_factored(machine)); return;
	case CFA_val_offset_sf: reg = take_uleb(from); set_rule(machine, reg, RULE_OTHER, signed_factored(machine)); return;
	case CFA_val_expression: reg = take_uleb(from); expression(machine); set_rule(machine, reg, RULE_OTHER, 0); return;
	default: machine->bad = true;
	}
}

/* Takes an instruction. Returns true if the place advances, to *pc. */
static bool execute(struct machine *machine, const struct place *place, uint64_t *pc)
{
	struct cursor *from = machine->from;
	uint8_t op = (uint8_t)take_unsigned(from, 1), low = op & 0x3f;
	uint64_t by, at;

	switch (op >> 6) {
	case CFA_advance_loc: by = low; break;
	case CFA_offset: set_rule(machine, low, RULE_AT_CFA, unsigned_factored(machine)); return false;
	case CFA_restore: restore(machine, low); return false;
	default:
		if (op == CFA_set_loc) {
			if (!take_address(from, machine->cie->encoding, place, &at) || at < *pc)
				machine->bad = true;
			else
				*pc = at;
			return !machine->bad;
		}
		if (op != CFA_advance_loc1 && op != CFA_advance_loc2 && op != CFA_advance_loc4) {
			change(machine, op);
			return false;
		}
		by = take_unsigned(from, op == CFA_advance_loc4 ? 4 : op == CFA_advance_loc2 ? 2 : 1);
	}
	if (__builtin_mul_overflow(by, machine->cie->code_align, &by) || __builtin_add_overflow(*pc, by, pc))
		machine->bad = true;
	return !machine->bad;
}

void cfa_begin(struct cie *cie, struct cursor *program)
{
	struct machine machine = { .cie = cie, .from = program };
	const struct place nowhere = { program->at, 0 };
	uint64_t pc = 0;

	/* a CIE that names no CFA has none */
	machine.state.cfa = CFA_OTHER;
	while (!machine.bad && !program->bad && program->at < program->end) {
		if (execute(&machine, &nowhere, &pc))
			machine.bad = true; /* it speaks of no place */
	}
	cie->usable = cie->usable && !machine.bad && !program->bad;
	cie->first = machine.state;
}

static struct unwind_step machine_step(const struct machine *machine)
{
	static const struct unwind_step other = { .kind = UNWIND_OTHER };

	return machine->bad ? other : frame_step(&machine->state, machine->cie->signal);
}

void cfa_run(const struct frame_program *program, struct cursor *instructions)
{
	struct machine machine = { .cie = program->cie, .from = instructions, .state = program->cie->first };
	uint64_t pc = program->start, next = pc;

	while (!machine.bad && instructions->at < instructions->end) {
		struct unwind_step before = machine_step(&machine);

		if (execute(&machine, &program->place, &next)) {
			if (next > pc)
				program->row(program->context, pc, &before);
			pc = next;
			if (pc >= program->end)
				return;
		}
		machine.bad |= instructions->bad;
	}
	struct unwind_step last = machine_step(&machine);

	program->row(program->context, pc, &last);
}
