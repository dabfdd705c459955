// SPDX-License-Identifier: MIT
/*
 * From the frame of a hook to the call path, by the same steps as process/user-walk.c.
 *
 * Most of a path is that of the event before: from a frame on that lies where it lay, all words of the stack that
 * led from there to the root are compared, and if they are what they were, so is the rest of the path. The comparison
 * of all words costs a sixth of the walk, which must wait for one word before it knows the place of the next.
 */
#include "step-up.h"

/* ---- the walk before ---- */

static struct memo memos[HEAP_SLOTS];

#define NEAR 65536

/* A handler on a stack of its own has interrupted the function, or somebody on another stack has left it: it holds. */
COLD bool mark_holds(struct thread *self, uint64_t mark, uint64_t frame)
{
	struct region stack = region_of(self, frame);

	/* where /proc cannot be read the stack is not known */
	if (stack.end == 0 ? mark - frame > NEAR : mark < stack.start || mark >= stack.end)
		return stack.end != 0;
	return frame < mark && *(const volatile uint64_t *)(uintptr_t)mark == (MARK ^ mark);
}

/* Ours, as the linker lays it out. */
extern const char __ehdr_start[] __attribute__((visibility("hidden"))), _end[] __attribute__((visibility("hidden")));

/* True: a signal handler calls, which has interrupted a hook before or after its real function. */
COLD bool interrupts_hook(struct thread *self, uint64_t frame)
{
	const uint64_t *here = (const uint64_t *)(uintptr_t)frame;
	struct place now = { here[1], frame + 16, here[0], 0, true, region_of(self, frame) };

	for (unsigned i = 0; i < MOST_FRAMES && !(now.pc >> 47); i++) {
		struct frame_up up = { .key = now.pc | now.interrupted };

		if (now.interrupted && now.pc - (uint64_t)(uintptr_t)__ehdr_start < (uint64_t)(_end - __ehdr_start))
			return true;
		if (!to_caller(self, &now, step_of(up.key), &up))
			return false;
	}
	return false;
}

struct memo *memo_of(uint32_t slot)
{
	memos[slot].nr = memos[slot].nr_late = 0;
	return &memos[slot];
}

static inline bool is_as_before(const struct memo *memo, unsigned nr)
{
	uint64_t differs = 0;

	for (unsigned i = 0; i < memo->frames[nr - 1].checks; i++)
		differs |= *(const uint64_t *)(uintptr_t)memo->addresses[i] ^ memo->values[i];
	return differs == 0;
}

/* Frames of the walk before that lead from here to the root; 0: none. *from: those that lie no deeper. */
static inline unsigned matching(const struct memo *memo, const struct place *now, uint64_t key, unsigned *from)
{
	const struct memo_frame *frame;

	while (*from && memo->frames[*from - 1].sp < now->sp)
		--*from;
	if (!*from)
		return 0;
	frame = &memo->frames[*from - 1];
	if (frame->sp != now->sp || frame->key != key || (frame->needs_bp && (!now->bp_known || frame->bp != now->bp)))
		return 0;
	if (memo->highest + 7 < now->stack.end && is_as_before(memo, *from))
		return *from;
	*from = 0;
	return 0;
}

static inline unsigned add_check(struct memo *memo, unsigned nr, uint64_t address, uint64_t value)
{
	memo->addresses[nr] = address;
	memo->values[nr] = value;
	if (address > memo->highest)
		memo->highest = address;
	return nr + 1;
}

/* The frames that were walked come behind those that are as before. `last`: what was read where the walk ended. */
static inline void keep(struct memo *memo, unsigned base, unsigned walked, uint64_t last)
{
	/* a handler may come at any place, and not return */
	__atomic_store_n(&memo->nr, 0, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!base)
		memo->highest = 0;
	for (unsigned i = walked; i-- > 0;) {
		const struct frame_up *up = &memo->up[i];
		struct memo_frame *frame = &memo->frames[base + walked - 1 - i], *caller = frame - 1;
		bool is_root = i == walked - 1 && !base;
		unsigned checks = is_root ? 0 : caller->checks;
		uint64_t hash = ((is_root ? path_seed : caller->hash) ^ up->key) * 0xff51afd7ed558ccdull;

		if (is_root && up->read)
			checks = add_check(memo, checks, up->cfa - 8, last);
		if (!is_root)
			checks = add_check(memo, checks, up->cfa - 8, caller->key);
		if (!is_root && caller->needs_bp && up->bp_at)
			checks = add_check(memo, checks, up->bp_at, caller->bp);
		if (up->cfa_at)
			checks = add_check(memo, checks, up->cfa_at, up->cfa);
		frame->key = up->key;
		frame->sp = up->sp;
		frame->bp = up->bp;
		frame->hash = hash ^ hash >> 32;
		frame->checks = checks;
		frame->needs_bp = up->uses_bp || (up->keeps_bp && !is_root && caller->needs_bp);
		frame->place = 0;
	}
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/*
 * The place of the path. A signal handler that interrupts this walks too, and counts that; what it may have spoilt is
 * done again.
 */
uint32_t call_path(struct thread *self, uint64_t frame)
{
	const uint64_t *here = (const uint64_t *)(uintptr_t)frame;
	struct memo *memo = self->memo;
	unsigned base, walked, from, nr;
	uint64_t count;
	uint32_t place;

again:
	count = ++self->walks;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	struct place now = { here[1], frame + 16, here[0], 0, true, region_of(self, frame) };

	if (unlikely(memo->seed != path_seed))
		memo->nr = 0;
	memo->seed = path_seed;
	memo->unlike = false;
	from = memo->nr;
	base = walked = 0;
	do {
		uint64_t key = now.pc | now.interrupted, step;
		struct frame_up *up = &memo->up[walked];

		/* no address of a process has these bits */
		if (unlikely(now.pc >> 47))
			break;
		if (from && (base = matching(memo, &now, key, &from)))
			break;
		step = step_of(key);
		/* what is no code was no return address either */
		if (unlikely((step & 15) == STEP_NO_CODE) && walked)
			break;
		*up = (struct frame_up){ .key = key, .sp = now.sp, .bp = now.bp };
		walked++;
		if (!to_caller(self, &now, step, up))
			break;
	} while (walked < MOST_FRAMES);
	nr = base + walked;
	if (unlikely(nr > MOST_FRAMES)) {
		memo->nr = 0;
		goto again;
	}
	if (walked) {
		keep(memo, base, walked, now.pc);
		/* a path that was cut has another root each time */
		if (!memo->unlike && walked < MOST_FRAMES)
			memo->nr = nr;
	}
	place = memo->frames[nr - 1].place;
	if (!place || unlikely(shared->flags & HEAP_AUDIT))
		place = memo->frames[nr - 1].place = path_intern(memo->frames, nr, memo->frames[nr - 1].hash);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (unlikely(self->walks != count)) {
		memo->nr = 0;
		goto again;
	}
	return place;
}
