/* SPDX-License-Identifier: MIT */
/*
 * What happens when an allocator is called, and when it returns. A free is sent at the call and an alloc at the return, so
 * that of two events of one address the one that happened first is first in the ring.
 *
 * Allocators call each other: calloc calls malloc, operator new too, realloc calls free, a library that is preloaded
 * calls that of the C library. The outermost call counts. A call is within another one of its thread if its rsp is
 * lower, or the same where it was jumped to, and the other has not been left by a longjmp or an exception.
 */
#ifndef HEAP_CALLS_BPF_H
#define HEAP_CALLS_BPF_H

static __noinline struct thread_state *new_thread(u32 tid)
{
	/* 360 bytes are left of the BPF stack */
	struct thread_state fresh = { .until_audit = audit_one_in };

	bpf_map_update_elem(&threads, &tid, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&threads, &tid);
}

/* NULL: its process is not traced, or there is no room for it. */
static __always_inline struct thread_state *thread_of(u32 tid, u32 tgid, u32 kind)
{
	struct thread_state *t;
	struct heap_process *process;

	t = bpf_map_lookup_elem(&threads, &tid);
	if (!t) {
		/* a fork's child that is not attached on its own */
		if (!bpf_map_lookup_elem(&processes, &tgid))
			return NULL;
		t = new_thread(tid);
		if (!t) {
			heap_lost(kind, LOSS_REPORTED, 0);
			return NULL;
		}
	}
	if (t->generation != heap_generation) {
		t->generation = heap_generation;
		process = bpf_map_lookup_elem(&processes, &tgid);
		t->salt = process ? process->salt : 0;
		t->trampoline = process ? process->trampoline : 0;
	}
	return t->salt ? t : NULL;
}

static __noinline bool send_free(u32 tag, u32 tgid, u64 address)
{
	struct heap_free *record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record), 0);

	if (!record) {
		heap_lost(tag, LOSS_RING_FULL, 0);
		return false;
	}
	record->head.tag = tag;
	record->head.tgid = tgid;
	record->time = bpf_ktime_get_ns();
	record->address = address;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return true;
}

/*
 * The call that the thread is in is still under way: this one is part of it. As long as it is, the word that its rsp
 * pointed to leads to the trampoline of return probes, which begins a page.
 */
static __always_inline bool is_nested(struct thread_state *t, u64 sp)
{
	u64 word = 0;

	if (sp <= t->inside && bpf_probe_read_user(&word, sizeof(word), (const void *)t->inside) == 0 &&
	    word && (t->trampoline ? word == t->trampoline : !(word & (HEAP_PAGE - 1))))
		return true;
	heap_count_one(abandoned);
	t->inside = 0;
	return false;
}

static __always_inline u64 product(u64 number, u64 bytes)
{
	u64 most = ~0ull;

	if ((number | bytes) >> 32 == 0)
		return number * bytes;
	if (!bytes)
		return 0;
	most /= bytes;
	/* hides from clang what this is: it would use an instruction that BPF lacks */
	asm volatile("" : "+r"(most));
	return number > most ? ~0ull : number * bytes;
}

static __always_inline u64 bytes_asked_for(struct pt_regs *ctx, u32 role)
{
	switch (role) {
	case HEAP_PRODUCT: return product(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	case HEAP_ALIGNED: return PT_REGS_PARM2(ctx);
	case HEAP_OUT: return PT_REGS_PARM3(ctx);
	case HEAP_RESIZE: return PT_REGS_PARM2(ctx);
	case HEAP_RESIZE_MANY: return product(PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx));
	default: return PT_REGS_PARM1(ctx);
	}
}

/* False: its return does not count. */
static __always_inline bool called(struct pt_regs *ctx, u32 role)
{
	u64 ids = bpf_get_current_pid_tgid(), sp = PT_REGS_SP(ctx);
	struct thread_state *t = thread_of(ids, ids >> 32, HEAP_TAG_ALLOC);

	if (!t)
		return false;
	if (t->inside && is_nested(t, sp)) {
		heap_count_one(nested);
		return false;
	}
	t->bytes = bytes_asked_for(ctx, role);
	t->block = role == HEAP_RESIZE || role == HEAP_RESIZE_MANY || role == HEAP_OUT ? PT_REGS_PARM1(ctx) : 0;
	t->role = role;
	t->freed = 0;
	/* at the return is too late: another thread may have the block by then. realloc(block, 0) is a free */
	if (t->block && role != HEAP_OUT)
		send_free(t->bytes ? HEAP_TAG_FREE_UNLESS : HEAP_TAG_FREE, ids >> 32, t->block);
	t->path = take_path(ctx, t, ids);
	t->inside = sp;
	return true;
}

static __noinline bool send_thread(struct thread_state *t, u32 tgid, u32 tid, u64 first, u64 second)
{
	struct heap_thread *record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record), 0);

	if (!record)
		return false;
	record->head.tag = HEAP_TAG_THREAD;
	record->head.tgid = tgid;
	record->comm[0] = t->comm[0] = first;
	record->comm[1] = t->comm[1] = second;
	record->tid = tid;
	record->zero = 0;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline void send_alloc(struct thread_state *t, u64 ids, u64 address)
{
	struct heap_alloc *record;
	u64 comm[2] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	if (comm[0] != t->comm[0] || comm[1] != t->comm[1])
		send_thread(t, ids >> 32, ids, comm[0], comm[1]);
	record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record), 0);
	if (!record) {
		heap_lost(HEAP_TAG_ALLOC, LOSS_RING_FULL, t->bytes);
		return;
	}
	record->head.tag = HEAP_TAG_ALLOC;
	record->head.tgid = ids >> 32;
	record->time = bpf_ktime_get_ns();
	record->address = address;
	record->bytes = t->bytes;
	record->path = t->path;
	record->tid = ids;
	record->cpu = bpf_get_smp_processor_id();
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	if (!t->path)
		heap_lost(HEAP_TAG_ALLOC, LOSS_NO_STACK, t->bytes);
}

static __always_inline void returned(struct pt_regs *ctx)
{
	u64 ids = bpf_get_current_pid_tgid(), address = PT_REGS_RC(ctx);
	struct thread_state *t = thread_of(ids, ids >> 32, HEAP_TAG_ALLOC);
	bool resizes;

	/* a function within another one returns too, where it has a program of its own for it */
	if (!t || !t->inside || PT_REGS_SP(ctx) != t->inside + 8) {
		if (t && (!t->inside || PT_REGS_SP(ctx) > t->inside))
			heap_count_one(strange_returns);
		return;
	}
	t->inside = 0;
	if (t->role == HEAP_OUT) {
		u64 out = 0;

		/* what lies there is of use only if it was written */
		if ((u32)address == 0)
			bpf_probe_read_user(&out, sizeof(out), (const void *)t->block);
		address = out;
	}
	resizes = t->role == HEAP_RESIZE || t->role == HEAP_RESIZE_MANY;
	if (!address) {
		if (!t->bytes)
			return;
		if (resizes && t->block)
			send_free(HEAP_TAG_UNDO, ids >> 32, t->block);
	}
	send_alloc(t, ids, address);
}

/*
 * The same block is freed again below the first call's frame, whose return address is still there: a
 * function that frees by calling another one. Jumped to, it has the same rsp and is another place.
 */
static __always_inline bool is_same_free(struct thread_state *t, struct pt_regs *ctx, u64 block)
{
	u64 sp = PT_REGS_SP(ctx), ra = 0;

	if (block != t->freed || sp > t->freed_sp || (sp == t->freed_sp && PT_REGS_IP(ctx) == t->freed_ip))
		return false;
	return bpf_probe_read_user(&ra, sizeof(ra), (const void *)t->freed_sp) == 0 && ra == t->freed_ra;
}

static __always_inline void released(struct pt_regs *ctx)
{
	u64 ids = bpf_get_current_pid_tgid(), sp = PT_REGS_SP(ctx), block = PT_REGS_PARM1(ctx);
	struct thread_state *t;

	if (!block)
		return;
	t = thread_of(ids, ids >> 32, HEAP_TAG_FREE);
	if (!t)
		return;
	if ((t->inside && is_nested(t, sp)) || (t->freed && is_same_free(t, ctx, block))) {
		heap_count_one(nested);
		return;
	}
	t->freed = block;
	t->freed_sp = sp;
	t->freed_ip = PT_REGS_IP(ctx);
	t->freed_ra = 0;
	bpf_probe_read_user(&t->freed_ra, sizeof(t->freed_ra), (const void *)sp);
	send_free(HEAP_TAG_FREE, ids >> 32, block);
}

#endif
