// SPDX-License-Identifier: MIT
/*
 * From registers and a copy of the stack to the call path, by the rows of the code that it passes; where code has no
 * row (a JIT's, Go's) by its frame pointer.
 */
#include <string.h>
#include "process.h"

/* In ucontext_t, which lies at sp where a handler has returned (arch/x86/include/uapi/asm/sigcontext.h). */
enum { UCONTEXT_BP = 120, UCONTEXT_SP = 160, UCONTEXT_RA = 168 };

static const struct unwind_step by_frame_pointer = { .kind = UNWIND_BP, .bp = BP_AT_CFA, .cfa = 16, .bp_offset = -16 };
static const struct unwind_step signal_step = { .kind = UNWIND_SIGNAL, .interrupts = true };

struct registers {
	uint64_t pc, sp, bp;
	bool bp_known, interrupted;
};

static bool read_word(const struct user_walk *walk, uint64_t address, uint64_t *word)
{
	uint64_t at = address - walk->stack_at;

	if (address >= walk->stack_at && at <= walk->stack_bytes && walk->stack_bytes - at >= sizeof(*word)) {
		memcpy(word, walk->stack + at, sizeof(*word));
		return true;
	}
	return walk->read && walk->read(walk->read_context, address, word, sizeof(*word));
}

/*
 * What a handler returns to, of a C library without unwind data (musl) or of none (Go):
 * mov $15, %eax or %rax; syscall
 */
static bool is_sigreturn(const struct user_walk *walk, const struct registers *now)
{
	static const uint8_t with_rax[] = { 0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05 };
	uint8_t code[sizeof(with_rax)];

	return !now->interrupted && walk->read && walk->read(walk->read_context, now->pc, code, sizeof(code)) &&
	       (memcmp(code, with_rax, sizeof(code)) == 0 || (code[0] == 0xb8 && memcmp(code + 1, with_rax + 3, 6) == 0));
}

/* A frame pointer lies above sp, and at a whole word; an ordinary register seldom does both. */
static bool may_be_frame_pointer(const struct registers *now)
{
	return now->bp_known && now->bp % 8 == 0 && now->bp >= now->sp;
}

/* What can be done by the row of a place; NULL: nothing, and walk->end says why. */
static const struct unwind_step *usable(struct user_walk *walk, const struct registers *now, const struct unwind_step *step)
{
	if (step->kind == UNWIND_NO_ROW) {
		if (is_sigreturn(walk, now))
			return &signal_step;
		step = &by_frame_pointer;
		walk->by_frame_pointer += may_be_frame_pointer(now);
	}
	walk->end = step->kind == UNWIND_END ? WALK_WHOLE : WALK_NO_STEP;
	if (step->kind == UNWIND_END || step->kind == UNWIND_OTHER || (step == &by_frame_pointer && !may_be_frame_pointer(now)) ||
	    ((step->kind == UNWIND_BP || step->kind == UNWIND_BP_DEREF) && !now->bp_known))
		return NULL;
	return step;
}

static bool leave_handler(struct user_walk *walk, struct registers *now)
{
	uint64_t at = now->sp;

	if (!read_word(walk, at + UCONTEXT_BP, &now->bp) || !read_word(walk, at + UCONTEXT_SP, &now->sp) ||
	    !read_word(walk, at + UCONTEXT_RA, &now->pc)) {
		walk->end = WALK_COPY_ENDS;
		return false;
	}
	now->bp_known = now->interrupted = true;
	return true;
}

static bool restore_bp(struct user_walk *walk, struct registers *now, const struct unwind_step *step, uint64_t cfa)
{
	switch (step->bp) {
	case BP_AT_CFA: now->bp_known = true; return read_word(walk, cfa + (uint64_t)(int64_t)step->bp_offset, &now->bp);
	case BP_AT_BP: return read_word(walk, now->bp + (uint64_t)(int64_t)step->bp_offset, &now->bp);
	case BP_LOST: now->bp_known = false; return true;
	default: return true;
	}
}

/* By the row of a place. False: the walk ends here. */
static bool to_caller(struct user_walk *walk, struct registers *now, const struct unwind_step *row)
{
	const struct unwind_step *step = usable(walk, now, row);
	uint64_t cfa;

	if (!step)
		return false;
	if (step->kind == UNWIND_SIGNAL) {
		/* nothing calls what a handler returns to: its first instruction follows no call */
		walk->interrupted[walk->nr - 1] = true;
		return leave_handler(walk, now);
	}
	cfa = (step->kind == UNWIND_SP || step->kind == UNWIND_PLT ? now->sp : now->bp) + (uint64_t)(int64_t)step->cfa;
	if (step->kind == UNWIND_PLT && (now->pc & 15) >= step->plt_from)
		cfa += 8;
	walk->end = WALK_COPY_ENDS;
	if (step->kind == UNWIND_BP_DEREF && !read_word(walk, cfa, &cfa))
		return false;
	if (cfa <= now->sp) {
		walk->end = WALK_BAD_STACK;
		return false;
	}
	if (!read_word(walk, cfa - 8, &now->pc) || !restore_bp(walk, now, step, cfa))
		return false;
	now->sp = cfa;
	now->interrupted = step->interrupts;
	/* a thread's first function may return to nowhere */
	walk->end = WALK_WHOLE;
	return now->pc != 0;
}

unsigned user_walk(struct user_walk *walk)
{
	struct registers now = { walk->pc, walk->sp, walk->bp, true, !walk->called };

	walk->nr = walk->by_frame_pointer = 0;
	for (;;) {
		/* a call may be the last instruction of its function */
		const struct unwind_step *row = walk->step(walk->step_context, now.pc - !now.interrupted);

		walk->end = WALK_NO_CODE;
		/* what is no code was no return address either */
		if (!row && walk->nr)
			break;
		walk->frames[walk->nr] = now.pc;
		walk->interrupted[walk->nr++] = now.interrupted;
		if (!row || !to_caller(walk, &now, row))
			break;
		walk->end = WALK_DEEP;
		if (walk->nr == MOST_USER_FRAMES)
			break;
	}
	return walk->nr;
}

const char *walk_end_name(enum walk_end end)
{
	static const char *const names[] = {
		[WALK_WHOLE] = "whole", [WALK_COPY_ENDS] = "copy ends", [WALK_NO_CODE] = "no code",
		[WALK_NO_STEP] = "no step", [WALK_BAD_STACK] = "bad stack", [WALK_DEEP] = "deep",
	};

	return names[end];
}

bool walk_read_process(void *pid, uint64_t address, void *to, size_t bytes)
{
	return process_read(*(pid_t *)pid, address, to, bytes) == bytes;
}
