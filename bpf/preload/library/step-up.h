/* SPDX-License-Identifier: MIT */
/* One step of a walk, from a frame to its caller. All of it inline: it is most of what a block costs. */
#ifndef STEP_UP_H
#define STEP_UP_H

#include <string.h>
#include "library.h"

/* In ucontext_t, which lies at sp where a handler has returned (arch/x86/include/uapi/asm/sigcontext.h). */
enum { UCONTEXT_BP = 120, UCONTEXT_SP = 160, UCONTEXT_RA = 168 };

/* The memory that holds a stack; an empty region: it is not known. */
static COLD struct region new_region(struct thread *self, uint64_t sp)
{
	struct found_map found;
	struct region region = { 0, 0 };

	if (!maps_find(sp, &found) || !found.readable)
		return region;
	region = (struct region){ found.start, found.end };
	self->regions[self->next_region++ % REGIONS] = region;
	return region;
}

static inline struct region region_of(struct thread *self, uint64_t sp)
{
	for (unsigned i = 0; i < REGIONS; i++) {
		struct region region = self->regions[i];

		if (likely(sp >= region.start && sp < region.end))
			return region;
	}
	return new_region(self, sp);
}

struct place {
	uint64_t pc, sp, bp;
	uint64_t interrupted; /* HEAP_INTERRUPTED or 0 */
	bool bp_known;
	struct region stack;
};

static inline bool read_word(const struct place *now, uint64_t address, uint64_t *word)
{
	/* of a stack that is not known, start and end are 0 */
	if (unlikely(address < now->stack.start || address + 7 >= now->stack.end))
		return false;
	memcpy(word, (const void *)(uintptr_t)address, sizeof(*word));
	return true;
}

static inline bool is_frame_pointer(const struct place *now)
{
	return now->bp_known && now->bp % 8 == 0 && now->bp >= now->sp;
}

/* What a handler returns to where the C library has no unwind data: mov $15, %eax or %rax; syscall */
static bool is_sigreturn(const struct place *now)
{
	static const uint8_t with_rax[] = { 0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05 };
	const uint8_t *code = (const uint8_t *)(uintptr_t)now->pc;

	if (now->interrupted || (now->pc & 4095) > 4096 - sizeof(with_rax))
		return false;
	return memcmp(code, with_rax, sizeof(with_rax)) == 0 || (code[0] == 0xb8 && memcmp(code + 1, with_rax + 3, 6) == 0);
}

static COLD bool leave_handler(struct thread *self, struct place *now)
{
	uint64_t at = now->sp, sp;

	if (!read_word(now, at + UCONTEXT_BP, &now->bp) || !read_word(now, at + UCONTEXT_RA, &now->pc) || !read_word(now, at + UCONTEXT_SP, &sp))
		return false;
	now->sp = sp;
	now->bp_known = true;
	now->interrupted = HEAP_INTERRUPTED;
	if (sp < now->stack.start || sp >= now->stack.end)
		now->stack = region_of(self, sp);
	return now->stack.end != 0;
}

/* Steps that are neither by sp nor by bp. 0: the walk ends; 1: done; 2: *cfa is known. */
static COLD int rare_step(struct thread *self, struct place *now, uint64_t *step, uint64_t *cfa, struct frame_up *up)
{
	up->uses_bp = true;
	switch (*step & 15) {
	case UNWIND_NO_ROW:
		if (is_sigreturn(now))
			break;
		if (!is_frame_pointer(now))
			return 0;
		*step = step_pack(&(struct unwind_step){ .kind = UNWIND_BP, .bp = BP_AT_CFA, .cfa = 16, .bp_offset = -16 });
		*cfa = now->bp + 16;
		shared->no_row++;
		return 2;
	case UNWIND_PLT:
		*cfa = now->sp + (uint64_t)step_cfa(*step) + ((now->pc & 15) >= (*step >> 7 & 15) ? 8 : 0);
		return 2;
	case UNWIND_BP_DEREF:
		up->cfa_at = now->bp + (uint64_t)step_cfa(*step);
		return now->bp_known && read_word(now, up->cfa_at, cfa) ? 2 : 0;
	case UNWIND_SIGNAL:
		break;
	default:
		return 0;
	}
	/* nothing calls what a handler returns to: its first instruction follows no call */
	up->key |= HEAP_INTERRUPTED;
	self->memo->unlike = true;
	return leave_handler(self, now);
}

/* False: the walk ends here. */
static inline bool to_caller(struct thread *self, struct place *now, uint64_t step, struct frame_up *up)
{
	uint64_t cfa;

	switch (step & 15) {
	case UNWIND_SP:
		cfa = now->sp + (uint64_t)step_cfa(step);
		break;
	case UNWIND_BP:
		if (unlikely(!now->bp_known))
			return false;
		up->uses_bp = true;
		cfa = now->bp + (uint64_t)step_cfa(step);
		break;
	default: {
		int done = rare_step(self, now, &step, &cfa, up);

		if (done < 2)
			return done;
	}
	}
	up->cfa = cfa;
	if (unlikely(cfa <= now->sp) || !read_word(now, cfa - 8, &now->pc))
		return false;
	up->read = true;
	switch (step >> 4 & 3) {
	case BP_AT_CFA:
		now->bp_known = true;
		up->bp_at = cfa + (uint64_t)step_bp_offset(step);
		if (!read_word(now, up->bp_at, &now->bp))
			return false;
		break;
	case BP_AT_BP:
		up->uses_bp = true;
		up->bp_at = now->bp + (uint64_t)step_bp_offset(step);
		if (!read_word(now, up->bp_at, &now->bp))
			return false;
		break;
	case BP_LOST:
		now->bp_known = false;
		break;
	default:
		up->keeps_bp = true;
	}
	now->sp = cfa;
	now->interrupted = step & 1 << 6 ? HEAP_INTERRUPTED : 0;
	/* a thread's first function may return to nowhere */
	return now->pc != 0;
}

#endif
