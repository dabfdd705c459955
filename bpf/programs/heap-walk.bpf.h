/* SPDX-License-Identifier: MIT */
/*
 * The call path of a process: from its registers, by one step for each return address, as user_walk() of process/ does it
 * by the same rows. The loader fills the table of steps; what it does not know yet, it is asked with a copy of
 * the stack (heap-paths.bpf.h).
 */
#ifndef HEAP_WALK_BPF_H
#define HEAP_WALK_BPF_H

/* The loader may be changing it. */
static __always_inline u64 read_step(const struct heap_step *row, u64 key)
{
	u64 step = *(volatile u64 *)&row->step;

	return *(volatile u64 *)&row->key == key ? step : 0;
}

/* 0: there is none. */
static __always_inline u64 step_of(u64 key)
{
	u32 at = heap_step_place(key);
	const struct heap_step_line *line = bpf_map_lookup_elem(&heap_steps, &at);
	u64 step = 0;

	if (!line)
		return 0;
	if (line->way[0].key == key)
		step = read_step(&line->way[0], key);
	else if (line->way[1].key == key)
		step = read_step(&line->way[1], key);
	else if (line->way[2].key == key)
		step = read_step(&line->way[2], key);
	else if (line->way[3].key == key)
		step = read_step(&line->way[3], key);
	return step;
}

/* False: it cannot be read. */
static __always_inline bool stack_word(struct walk_scratch *s, u64 address, u64 *word)
{
	u64 at = address - s->sp;

	if (at < s->bytes && !(at & 7)) {
		*word = s->stack[at / 8 & (STACK_BYTES / 8 - 1)];
		if (at > s->deepest)
			s->deepest = at;
		return true;
	}
	if (at > s->deepest && at < HEAP_LONG_COPY_BYTES)
		s->deepest = at;
	return bpf_probe_read_user(word, sizeof(*word), (const void *)address) == 0;
}

static __always_inline void add_frame(struct walk_scratch *s, u32 i, u64 pc, bool interrupted)
{
	s->frames[i & HEAP_FRAMES] = pc;
	s->interrupted[i >> 6 & 1] |= (u64)interrupted << (i & 63);
}

/*
 * Fills frames, nr, hash of the scratch from its pc, sp and bp; returns why it could not (enum heap_reason). A
 * global function: verified once, and not for each program that calls it.
 */
__noinline int heap_walk(u32 zero)
{
	struct walk_scratch *s = bpf_map_lookup_elem(&scratches, &zero);
	u64 pc, sp, bp, cfa, word, salt, hash, flip = 0;
	u32 i, kind;

	if (!s)
		return HEAP_OFF;
	salt = s->salt;
	s->asked = s->deepest = 0;
	s->bp_known = 1;
	s->interrupted[0] = s->interrupted[1] = 0;
	add_frame(s, 0, s->pc, true);
	hash = heap_mix(heap_mix(0, salt), s->pc);
	/* the function has changed neither rsp nor rbp yet */
	sp = s->sp + 8;
	bp = s->bp;
	if (!stack_word(s, s->sp, &pc))
		pc = 0;

#pragma clang loop unroll(disable)
	for (i = 1; i < HEAP_FRAMES && pc; i++) {
		word = step_of((pc | flip) ^ salt);
		if (!word) {
			s->asked = pc;
			return HEAP_UNKNOWN_PC;
		}
		kind = heap_step_kind(word);
		if (kind == HEAP_STEP_NO_CODE)
			break;
		if (kind == HEAP_STEP_ASK)
			return HEAP_NOT_PLAIN;
		add_frame(s, i, pc, flip >> 63);
		hash = heap_mix(hash, pc);
		if (kind == HEAP_STEP_SIGNAL) {
			s->interrupted[i >> 6 & 1] |= 1ull << (i & 63);
			if (!stack_word(s, sp + HEAP_UCONTEXT_BP, &bp) || !stack_word(s, sp + HEAP_UCONTEXT_PC, &pc) ||
			    !stack_word(s, sp + HEAP_UCONTEXT_SP, &sp))
				pc = 0;
			s->bp_known = 1;
			flip = HEAP_INTERRUPTED;
			continue;
		}
		cfa = (kind == HEAP_STEP_SP ? sp : bp) + heap_step_cfa(word);
		if (kind != HEAP_STEP_SP) {
			if (kind >= HEAP_STEP_END || !s->bp_known || (kind == HEAP_STEP_FRAME && ((bp & 7) || bp < sp))) {
				i++;
				break;
			}
			if (kind == HEAP_STEP_BP_DEREF && !stack_word(s, cfa, &cfa))
				cfa = 0;
		}
		if (cfa <= sp || !stack_word(s, cfa - 8, &pc)) {
			i++;
			break;
		}
		if (heap_step_bp(word) == HEAP_BP_AT_CFA) {
			s->bp_known = 1;
			if (!stack_word(s, cfa + heap_step_bp_offset(word), &bp))
				pc = 0;
		} else if (heap_step_bp(word) == HEAP_BP_AT_BP) {
			if (!stack_word(s, bp + heap_step_bp_offset(word), &bp))
				pc = 0;
		} else if (heap_step_bp(word) == HEAP_BP_LOST) {
			s->bp_known = 0;
		}
		sp = cfa;
		flip = (word & HEAP_STEP_INTERRUPTS) << 5;
	}
	s->nr = i;
	s->hash = hash > 1 ? hash : 2;
	return HEAP_WALKED;
}

#endif
