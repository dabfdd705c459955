/* SPDX-License-Identifier: MIT */
/* Settings, maps and counters of heap.bpf.c. */
#ifndef HEAP_MAPS_BPF_H
#define HEAP_MAPS_BPF_H

const volatile __u64 ring_room = 0;     /* bytes of the ring that may wait when a stack is copied */
const volatile __u32 audit_one_in = 0;  /* paths that are checked by the loader, 0: none */

/* Grows whenever `processes` has changed. */
__u32 heap_generation = 0;
__u64 calls_counted[2] = {};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 26);
} heap_ring SEC(".maps");

/* Written by the loader alone. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NR_HEAP_STEP_LINES);
	__type(key, u32);
	__type(value, struct heap_step_line);
} heap_steps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MOST_HEAP_PROCESSES);
	__type(key, u32);
	__type(value, struct heap_process);
} processes SEC(".maps");

/* What is known of a thread. Only itself writes it. */
struct thread_state {
	u64 inside;     /* rsp where it called an allocator, 0: it is in none */
	u64 ra;         /* where that call returns to */
	u64 bytes;
	u64 block;      /* that is resized; or where the result will lie */
	u64 path;
	u64 comm[2];
	u64 salt;       /* of its process, when heap_generation was `generation`; and its trampoline */
	u64 trampoline;
	u64 stack_end;  /* what lies above could not be read, 0: not known */
	/* its last free: a free within it is the same one */
	u64 freed;
	u64 freed_sp;
	u64 freed_ra;
	u64 freed_ip;
	u32 generation;
	u32 role;
	u32 until_audit;
	u32 copy_bytes; /* of the stack that its last path needed */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct thread_state);
} threads SEC(".maps");

#define STACK_BYTES 4096

/*
 * What a walk needs beside the BPF stack. These programs may be preempted, and another thread then uses the
 * same scratch: it leaves its number, and the first one finds that its walk is not to be trusted.
 */
struct walk_scratch {
	u32 owner;
	u32 nr;
	u64 salt, pc, sp, bp;
	u64 bp_known;   /* here, and not in a register: the verifier would follow both values through each turn */
	u64 hash;
	u64 asked;      /* the address that was not known */
	u64 deepest;    /* the word that lay highest, less sp */
	u64 bytes;      /* of the copy */
	u64 interrupted[2];
	u64 frames[HEAP_FRAMES + 1];
	u64 stack[STACK_BYTES / 8]; /* from sp on */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk_scratch);
} scratches SEC(".maps");

/* Paths that were sent to the loader, by their hash; one that makes way is sent again. */
#define KNOWN_PATH_BITS 16
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << KNOWN_PATH_BITS);
	__type(key, u32);
	__type(value, u64);
} known_paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct heap_counts);
} heap_counts SEC(".maps");

/* By kind of event. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_KINDS);
	__type(key, u32);
	__type(value, struct slot_losses);
} heap_losses SEC(".maps");

static __always_inline struct heap_counts *counts_here(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&heap_counts, &zero);
}

/* Programs of two threads may count at once on one CPU. */
#define heap_count_one(field) do { \
	struct heap_counts *counts = counts_here(); \
	if (counts) \
		__sync_fetch_and_add(&counts->field, 1); \
} while (0)

/* Counts an event that is not sent. */
static __noinline int heap_lost(u32 kind, u32 cause, u64 bytes)
{
	struct slot_losses *all = bpf_map_lookup_elem(&heap_losses, &kind);
	struct loss_counts *loss;

	if (!all || cause >= NR_CAUSES)
		return 0;
	loss = &all->cause[cause];
	__sync_fetch_and_add(&loss->count, 1);
	if (kind == HEAP_TAG_ALLOC) {
		__sync_fetch_and_add(&loss->bytes, bytes);
		__sync_fetch_and_add(&loss->count_with_bytes, 1);
	}
	return 0;
}

#endif
