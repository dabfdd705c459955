/* SPDX-License-Identifier: MIT */
/*
 * A call path by table: from a return address to the place of the next one
 * (FAST-STACKS.md). Part of fast-stack.bpf.h, for kernels with bpf_rdonly_cast.
 */
#ifndef FAST_WALK_BPF_H
#define FAST_WALK_BPF_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct pt_regs___u {
	unsigned long bp;
	unsigned long ip;
	unsigned long cs; /* since 6.9 in a union with the rest of its word (FRED, ee63291aa8287) */
	unsigned long sp;
};
struct task_struct___u {
	char comm[COMM_BYTES];
	int tgid;
};
#pragma clang attribute pop

extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym;

/* The cast is to any struct that begins with 8 bytes. A load that faults gives 0. */
static __always_inline u64 word_at(u64 address)
{
	struct timespec64 *cast = bpf_rdonly_cast((void *)address,
						  bpf_core_type_id_kernel(struct timespec64));

	return cast->tv_sec;
}

/* These two replace those of intern.bpf.h where memory can be read so. */
static __always_inline u64 word_of_ctx(void *ctx, u32 i)
{
	struct timespec64 *cast = bpf_rdonly_cast(ctx, bpf_core_type_id_kernel(struct timespec64));

	return i == 0 ? cast->tv_sec : cast->tv_nsec;
}

static __always_inline void see_task(struct task_seen *task)
{
	u64 at = bpf_get_current_task(), comm = at + bpf_core_field_offset(struct task_struct___u, comm);

	task->comm.word[0] = word_at(comm);
	task->comm.word[1] = word_at(comm + 8);
	task->comm.cgroup = cgroup_of(at);
	task->tgid = word_at(at + bpf_core_field_offset(struct task_struct___u, tgid));
}

/*
 * hot_pcs has the words in use close together: those of the table itself are spread
 * over 256 KiB, and a walk waits for each. A walk takes an eighth less time with it.
 * Words never change once they are in the table, and each is read and written whole.
 */
static __always_inline u64 table_word(const struct pc_table *table, u32 key)
{
	u32 i = (key * PC_HASH) >> (32 - PC_BITS);
	u64 word;

	word = table->word[i & (NR_PCS - 1)];
	if ((u32)word == key)
		return word;
	word = table->word[(i + 1) & (NR_PCS - 1)];
	if ((u32)word == key)
		return word;
	word = table->word[(i + 2) & (NR_PCS - 1)];
	if ((u32)word == key)
		return word;
	word = table->word[(i + 3) & (NR_PCS - 1)];
	return (u32)word == key ? word : 0;
}

/* The table's word for a pc, 0 = none. */
static __always_inline u64 pc_word(const struct pc_table *table, u32 key)
{
	u32 i = (key * PC_HASH) >> (32 - HOT_BITS);
	u64 word = hot_pcs[i];

	if ((u32)word == key)
		return word;
	word = table_word(table, key);
	if (word)
		hot_pcs[i] = word;
	return word;
}

static __noinline int ask_for_pc(u64 pc, u32 interrupted)
{
	u32 i = ((u32)pc * PC_HASH >> 16) & (NR_PCS_ASKED - 1);
	struct pc_question *question;

	if (pcs_asked[i] == pc + interrupted)
		return 0;
	question = bpf_ringbuf_reserve(&ring, sizeof(*question), 0);
	if (!question)
		return 0;
	pcs_asked[i] = pc + interrupted;
	question->tag = ASKS_FOR_PC;
	question->pc = pc;
	question->interrupted = interrupted;
	bpf_ringbuf_submit(question, BPF_RB_NO_WAKEUP);
	return 0;
}

/*
 * Fills frames, depth, hash and first of scratch number `index`. Returns 0, or
 * why it could not (enum walk_reason). A global function: verified once, and not
 * for each program that calls it.
 *
 * `slot` is where pc lies on the stack, `bp_slot` where the value lies that the
 * frame pointer has in pc's frame.
 */
__noinline int fast_walk(u64 ctx, u32 index)
{
	u32 zero = 0, hook = index >= NR_ALLOC_SLOTS ? index - NR_ALLOC_SLOTS : index;
	u64 slot, bp_slot, pc, word, value, hash = GOLDEN;
	struct slot_scratch *scratch;
	struct pc_table *table;
	u32 flip = 0, i;

	scratch = bpf_map_lookup_elem(&scratches, &index);
	table = bpf_map_lookup_elem(&pc_table, &zero);
	if (!scratch || !table || hook >= NR_ALLOC_SLOTS)
		return WALK_OFF;
	scratch->first = 0;
	if (!fast_starts[hook].slot)
		return WALK_UNCALIBRATED;
	slot = ctx + fast_starts[hook].slot;
	bp_slot = slot + 8 - fast_starts[hook].bp;
	pc = word_at(slot);

	/* The frames that call us, between the tracepoint and bpf_trace_run*, are no part of the path. */
#pragma clang loop unroll(disable)
	for (i = 0; i < MAX_HIDDEN; i++) {
		word = pc_word(table, (u32)pc);
		if (pc_kind(word) != PC_HIDDEN)
			break;
		scratch->hidden[i] = pc;
		slot += pc_offset(word);
		if (pc_bp(word))
			bp_slot = slot + 8 - pc_bp(word);
		pc = word_at(slot);
	}
	scratch->nr_hidden = i;
	scratch->first = pc;
	scratch->fixed = 1;

#pragma clang loop unroll(disable)
	for (i = 0; i < MAX_FAST_DEPTH; i++) {
		if (pc >> 32 != 0xffffffff)
			return WALK_NOT_A_PC;
		word = pc_word(table, (u32)pc ^ flip);
		if (!word) {
			ask_for_pc(pc, flip != 0);
			return WALK_UNKNOWN_PC;
		}
		scratch->frames[i] = pc;
		hash = mix(hash, pc);
		flip = 0;
		switch (pc_kind(word)) {
		case PC_HIDDEN: /* here it lies below an interrupt, and is a frame like others */
		case PC_CALL:
			slot += pc_offset(word);
			break;
		case PC_BP:
			slot = word_at(bp_slot) + pc_offset(word) - 8;
			break;
		case PC_BP_INDIRECT:
			value = word_at(bp_slot);
			slot = word_at(value + pc_offset(word)) - 8;
			bp_slot = value;
			break;
		case PC_SP_INDIRECT:
			slot = word_at(slot + 8) + pc_offset(word) - 8;
			scratch->fixed = 0;
			break;
		case PC_INTERRUPTED:
			flip = PC_FLIP;
			/* fall through */
		case PC_REGS:
			value = slot + 8 + pc_offset(word);
			if (word_at(value + bpf_core_field_offset(struct pt_regs___u, cs)) & 3)
				goto whole; /* came from user space */
			pc = word_at(value + bpf_core_field_offset(struct pt_regs___u, ip));
			slot = word_at(value + bpf_core_field_offset(struct pt_regs___u, sp)) - 8;
			bp_slot = value + bpf_core_field_offset(struct pt_regs___u, bp);
			scratch->fixed = 0;
			continue;
		case PC_END:
			goto whole;
		default:
			return WALK_NOT_FOR_US;
		}
		if (pc_bp(word))
			bp_slot = slot + 8 - pc_bp(word);
		pc = word_at(slot);
	}
	return WALK_TOO_DEEP;
whole:
	scratch->depth = i + 1;
	scratch->hash = hash ? hash : 1;
	return 0;
}

#endif
