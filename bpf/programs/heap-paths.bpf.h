/* SPDX-License-Identifier: MIT */
/*
 * The stack of a thread: its copy for the walk, and for the loader where the walk stops at an address that nobody has
 * asked for before. Rare paths are where leaks live, so nothing is left out: the alloc waits for the loader's walk.
 */
#ifndef HEAP_PATHS_BPF_H
#define HEAP_PATHS_BPF_H

/* The most that is copied of a stack before it is known how much its walks need. */
#define FIRST_COPY 1024

/*
 * Copies the top of the stack into the scratch. What lies above the stack's mapping cannot be read, and finding that out
 * costs 0.8 us, so its end is remembered.
 */
static __always_inline void copy_stack(struct walk_scratch *s, struct thread_state *t)
{
	u64 room = t->stack_end - s->sp, page = HEAP_PAGE - (s->sp & (HEAP_PAGE - 1));
	u32 bytes = t->copy_bytes;

	if (!bytes || bytes > STACK_BYTES)
		bytes = FIRST_COPY;
	if (room < bytes)
		bytes = room;
	if (bytes <= STACK_BYTES && bpf_probe_read_user(s->stack, bytes, (const void *)s->sp) == 0) {
		s->bytes = bytes & ~7u;
		return;
	}
	t->stack_end = s->sp + page;
	bytes = page & (HEAP_PAGE - 1);
	s->bytes = bpf_probe_read_user(s->stack, bytes, (const void *)s->sp) == 0 ? bytes : 0;
}

/* How much the next walk of this thread will need, more or less. */
static __always_inline void learn_depth(struct walk_scratch *s, struct thread_state *t)
{
	u64 bytes = (s->deepest + 8 + 255) & ~255ull;

	if (bytes > STACK_BYTES)
		bytes = STACK_BYTES;
	/* fast to grow, slow to shrink */
	t->copy_bytes = bytes > t->copy_bytes ? bytes : t->copy_bytes - (t->copy_bytes - bytes) / 8;
}

/*
 * Page by page: a page that is not there ends it. The first piece ends with the page of sp. The record has a
 * page more than it may hold, for the verifier knows no more of `at` than its mask.
 */
#define COPY_PAGES(record, room) do { \
	u64 at = HEAP_PAGE - ((record)->sp & (HEAP_PAGE - 1)); \
	(record)->bytes = 0; \
	if (at > HEAP_PAGE || bpf_probe_read_user((record)->stack, at, (const void *)(record)->sp)) \
		break; \
	(record)->bytes = at; \
	for (u32 i = 0; i < (room) / HEAP_PAGE - 1; i++) { \
		asm volatile("" : "+r"(at)); \
		at &= (room) - 1; \
		if (bpf_probe_read_user((record)->stack + at, HEAP_PAGE, (const void *)((record)->sp + at))) \
			break; \
		at += HEAP_PAGE; \
		(record)->bytes = at; \
	} \
} while (0)

static __always_inline void head_of_stack(struct heap_stack *record, struct walk_scratch *s, u32 reason, u64 audited)
{
	u64 ids = bpf_get_current_pid_tgid();

	record->head.tag = HEAP_TAG_STACK;
	record->head.tgid = ids >> 32;
	record->tid = ids;
	record->pc = s->pc;
	record->sp = s->sp;
	record->bp = s->bp;
	record->salt = s->salt;
	record->asked = s->asked;
	record->audited = audited;
	record->reason = reason;
}

/* Of a stack that ends soon: a fifth of the room. */
static __noinline bool send_end_of_stack(struct walk_scratch *s, u64 bytes, u32 reason, u64 audited)
{
	struct heap_stack *record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record) + HEAP_PAGE, 0);

	if (!record)
		return false;
	head_of_stack(record, s, reason, audited);
	if (bytes > HEAP_PAGE || bpf_probe_read_user(record->stack, bytes, (const void *)s->sp)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return false;
	}
	record->bytes = bytes;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return true;
}

/* The loader is woken: until it has answered, each path with that address needs a copy. */
static __noinline bool send_short_stack(struct walk_scratch *s, struct thread_state *t, u32 reason, u64 audited)
{
	struct heap_stack *record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record) + HEAP_COPY_BYTES + HEAP_PAGE, 0);

	if (!record)
		return false;
	head_of_stack(record, s, reason, audited);
	COPY_PAGES(record, HEAP_COPY_BYTES);
	/* the next one needs less room */
	if (record->bytes < HEAP_COPY_BYTES - HEAP_PAGE)
		t->stack_end = s->sp + record->bytes;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return true;
}

static __noinline bool send_long_stack(struct walk_scratch *s, u32 reason, u64 audited)
{
	struct heap_stack *record = bpf_ringbuf_reserve(&heap_ring, sizeof(*record) + HEAP_LONG_COPY_BYTES + HEAP_PAGE, 0);

	if (!record)
		return false;
	head_of_stack(record, s, reason, audited);
	COPY_PAGES(record, HEAP_LONG_COPY_BYTES);
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return true;
}

/* False: there is no room. Copies must not crowd out events. */
static __noinline bool send_stack(struct walk_scratch *s, struct thread_state *t, u32 reason, u64 audited)
{
	u64 bytes = t->stack_end - s->sp;

	if (bpf_ringbuf_query(&heap_ring, BPF_RB_AVAIL_DATA) > ring_room)
		return false;
	if (bytes <= HEAP_PAGE && send_end_of_stack(s, bytes, reason, audited))
		return true;
	return s->deepest + 2048 > HEAP_COPY_BYTES ? send_long_stack(s, reason, audited) : send_short_stack(s, t, reason, audited);
}

/* False: the path is not known to the loader, and could not be sent. */
static __noinline bool send_path(struct walk_scratch *s)
{
	u32 at = s->hash >> (64 - KNOWN_PATH_BITS);
	u64 *known = bpf_map_lookup_elem(&known_paths, &at);
	struct heap_path *record;

	record = known ? bpf_ringbuf_reserve(&heap_ring, sizeof(*record), 0) : NULL;
	if (!record)
		return false;
	record->head.tag = HEAP_TAG_PATH;
	record->head.tgid = bpf_get_current_pid_tgid() >> 32;
	record->hash = s->hash;
	record->nr = s->nr;
	record->interrupted[0] = s->interrupted[0];
	record->interrupted[1] = s->interrupted[1];
	bpf_probe_read_kernel(record->frames, sizeof(record->frames), s->frames);
	if (s->owner != (u32)bpf_get_current_pid_tgid()) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		return false;
	}
	/* its place in the ring is fixed: whoever finds it known comes later */
	*known = s->hash;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return true;
}

static __always_inline bool path_is_known(u64 hash)
{
	u32 at = hash >> (64 - KNOWN_PATH_BITS);
	u64 *known = bpf_map_lookup_elem(&known_paths, &at);

	return known && *known == hash;
}

/* What an alloc names as its path. */
static __always_inline u64 take_path(struct pt_regs *ctx, struct thread_state *t, u32 tid)
{
	u32 zero = 0, reason;
	struct walk_scratch *s = bpf_map_lookup_elem(&scratches, &zero);
	struct heap_counts *counts = counts_here();
	u64 hash;

	if (!s || !counts)
		return HEAP_NO_PATH;
	s->owner = tid;
	s->salt = t->salt;
	s->pc = PT_REGS_IP(ctx);
	s->sp = PT_REGS_SP(ctx);
	s->bp = PT_REGS_FP(ctx);
	copy_stack(s, t);
	t->ra = s->bytes ? s->stack[0] : 0;
	reason = heap_walk(0);
	hash = s->hash;
	learn_depth(s, t);
	if (!reason && !path_is_known(hash) && !send_path(s))
		reason = HEAP_BUSY;
	if (s->owner != tid) {
		/* another thread has used it since */
		s->owner = tid;
		s->pc = PT_REGS_IP(ctx);
		s->sp = PT_REGS_SP(ctx);
		s->bp = PT_REGS_FP(ctx);
		s->salt = t->salt;
		s->asked = 0;
		t->ra = 0;
		bpf_probe_read_user(&t->ra, sizeof(t->ra), (const void *)s->sp);
		reason = HEAP_BUSY;
	}
	if (reason) {
		if (reason < NR_HEAP_REASONS)
			__sync_fetch_and_add(&counts->reason[reason], 1);
		if (send_stack(s, t, reason, 0)) {
			__sync_fetch_and_add(&counts->copied, 1);
			return HEAP_PATH_FROM_COPY;
		}
		__sync_fetch_and_add(&counts->pathless, 1);
		return HEAP_NO_PATH;
	}
	__sync_fetch_and_add(&counts->fast, 1);
	if (audit_one_in && t->until_audit-- == 0) {
		t->until_audit = audit_one_in - 1;
		if (send_stack(s, t, HEAP_WALKED, hash))
			__sync_fetch_and_add(&counts->audited, 1);
	}
	return hash;
}

#endif
