// SPDX-License-Identifier: MIT
/* The step that a row of call frame instructions means; and addresses as they are written. */
#include "eh-frame.h"

/* In ucontext_t from sp on, as the kernel lays it for a handler (arch/x86/include/uapi/asm/sigcontext.h). */
enum { UCONTEXT_BP = 120, UCONTEXT_SP = 160, UCONTEXT_RA = 168 };

bool take_address(struct cursor *from, uint8_t encoding, const struct place *place, uint64_t *address)
{
	uint64_t base = place->address + (uint64_t)(from->at - place->start);

	switch (encoding & 0x0f) {
	case 0x00: case 0x04: case 0x0c: *address = take_unsigned(from, 8); break;
	case 0x01: *address = take_uleb(from); break;
	case 0x02: *address = take_unsigned(from, 2); break;
	case 0x03: *address = take_unsigned(from, 4); break;
	case 0x09: *address = (uint64_t)take_sleb(from); break;
	case 0x0a: *address = (uint64_t)take_signed(from, 2); break;
	case 0x0b: *address = (uint64_t)take_signed(from, 4); break;
	default: return false;
	}
	if ((encoding & 0xf0) == ENCODING_PC_RELATIVE)
		*address += base;
	else if (encoding & 0xf0)
		return false;
	return !from->bad;
}

static bool fits(int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX;
}

static bool is_rule(const struct rule *rule, enum rule_kind kind, int64_t offset)
{
	return rule->kind == kind && rule->offset == offset;
}

static bool is_signal_frame(const struct frame_state *state)
{
	return state->cfa == CFA_SP_DEREF && state->cfa_offset == UCONTEXT_SP && is_rule(&state->ra, RULE_AT_SP, UCONTEXT_RA) &&
	       is_rule(&state->bp, RULE_AT_SP, UCONTEXT_BP);
}

static enum unwind_kind kind_of(const struct frame_state *state)
{
	if (state->ra.kind == RULE_UNDEFINED)
		return UNWIND_END;
	if (is_signal_frame(state))
		return UNWIND_SIGNAL;
	if (!is_rule(&state->ra, RULE_AT_CFA, -8) || state->sp.kind != RULE_SAME || !fits(state->cfa_offset))
		return UNWIND_OTHER;
	if (state->cfa == CFA_BP_DEREF)
		return UNWIND_BP_DEREF;
	if (state->cfa == CFA_PLT)
		return UNWIND_PLT;
	if (state->cfa != CFA_REGISTER)
		return UNWIND_OTHER;
	return state->cfa_register == REG_SP ? UNWIND_SP : state->cfa_register == REG_BP ? UNWIND_BP : UNWIND_OTHER;
}

struct unwind_step frame_step(const struct frame_state *state, bool signal)
{
	const struct rule *bp = &state->bp;
	struct unwind_step step = { .kind = (uint8_t)kind_of(state) };

	if (step.kind == UNWIND_OTHER || step.kind == UNWIND_END)
		return step;
	step.interrupts = signal || step.kind == UNWIND_SIGNAL;
	if (step.kind == UNWIND_SIGNAL)
		return step;
	step.cfa = (int32_t)state->cfa_offset;
	step.plt_from = step.kind == UNWIND_PLT ? state->plt_from : 0;
	if (bp->kind == RULE_AT_CFA && fits(bp->offset))
		step.bp = BP_AT_CFA;
	else if (bp->kind == RULE_AT_BP && fits(bp->offset))
		step.bp = BP_AT_BP;
	else
		step.bp = bp->kind == RULE_SAME || bp->kind == RULE_UNDEFINED ? BP_SAME : BP_LOST;
	if (step.bp == BP_AT_CFA || step.bp == BP_AT_BP)
		step.bp_offset = (int32_t)bp->offset;
	return step;
}
