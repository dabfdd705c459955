/* SPDX-License-Identifier: MIT */
/*
 * What the programs in the kernel (unfreed.bpf.c) and the loader (unfreed.c)
 * agree on: event kinds, loss causes, program slots and ring records. Kinds
 * and causes are wire numbers (src/event/kinds.ts, src/event/losses.ts).
 *
 * Include after vmlinux.h or <linux/types.h>: only __u8..__u64 are used.
 */
#ifndef UNFREED_H
#define UNFREED_H

/* Deepest kernel call path kept: kernel.perf_event_max_stack's default. */
#define MAX_DEPTH 127
#define CACHE_NAME_BYTES 64
#define COMM_BYTES 16
/* --self-pid four times, and the loader itself */
#define MAX_SELF 5
/* page pointers remembered while the loader learns where page 0 lives (pfn.c) */
#define PAGES_SEEN 256

/* Where /proc/meminfo's pages and SLUB's objects come from: --allocators */
enum traced_allocator {
	ALLOCATOR_PAGE,
	ALLOCATOR_SLAB,
	ALLOCATOR_PERCPU,
	ALLOCATOR_VMALLOC,
	NR_ALLOCATORS,
};

enum event_kind {
	KIND_KMALLOC = 1,
	KIND_KMEM_CACHE_ALLOC = 2,
	KIND_PAGE_ALLOC = 3,
	KIND_PERCPU_ALLOC = 4,
	KIND_VMALLOC_ALLOC = 5,
	KIND_KFREE = 17,
	KIND_KMEM_CACHE_FREE = 18,
	KIND_PAGE_FREE = 19,
	KIND_PERCPU_FREE = 20,
	KIND_VMALLOC_FREE = 21,
};
/* a kmem_cache_alloc that carries its sizes instead of a cache id */
#define KIND_SIZED 64
/* an alloc made by the tracer itself */
#define KIND_SELF 128

/* Tags of the definitions in the ring, above every event kind. */
enum definition_tag {
	DEFINES_STACK = 0xf0,
	DEFINES_COMM = 0xf1,
	DEFINES_CACHE = 0xf2,
};

enum loss_cause {
	LOSS_RING_FULL = 1,
	LOSS_RECURSION = 2,
	LOSS_NO_STACK = 3,
	LOSS_STACK_TABLE_FULL = 4,
	LOSS_NAME_TABLE_FULL = 5,
	FAILED_ALLOC = 8,
	NULL_FREE = 9,
	FILTERED = 10,
	NR_CAUSES = 11,
};

/*
 * One slot per hook. A program may be interrupted by another one on its CPU
 * but never by itself, so state per (slot, CPU) has one writer at a time.
 * Allocs come first: only they need scratch memory.
 */
enum hook_slot {
	SLOT_KMALLOC,
	SLOT_KMALLOC_NODE,
	SLOT_KMEM_CACHE_ALLOC,
	SLOT_KMEM_CACHE_ALLOC_NODE,
	SLOT_MM_PAGE_ALLOC,
	SLOT_PERCPU_ALLOC,
	SLOT_ALLOC_VMAP_AREA,
	NR_ALLOC_SLOTS,
	SLOT_KFREE = NR_ALLOC_SLOTS,
	SLOT_KMEM_CACHE_FREE,
	SLOT_MM_PAGE_FREE,
	SLOT_PERCPU_FREE,
	SLOT_FREE_VMAP_AREA,
	NR_SLOTS,
};

struct loss_counts {
	__u64 count;
	__u64 bytes;
	__u64 count_with_bytes;
};

/* One per slot and CPU; only ever grows. */
struct slot_losses {
	struct loss_counts cause[NR_CAUSES];
};

/* Ring records. An event is in the ring as it goes on the wire (at most a word longer). */
struct event_words {
	__u64 word[5];
};

struct stack_definition {
	__u64 tag;
	__u32 id;
	__u32 depth;
	__u64 frames[MAX_DEPTH];
};

struct comm_definition {
	__u64 tag;
	__u32 id;
	__u32 zero;
	char comm[COMM_BYTES];
};

struct cache_definition {
	__u64 tag;
	__u32 id;
	__u32 bytes_alloc;
	__u32 bytes_req;
	__u32 zero;
	char name[CACHE_NAME_BYTES];
};

/* Marks of the events under way on a CPU (twin.bpf.h), per hook. */
#define MARKS_BITS 6
#define NR_MARKS (1 << MARKS_BITS)

struct slot_marks {
	struct {
		__u64 ctx;
		__u64 thing;
	} seen[2]; /* by copy */
	__u64 rescued; /* events that B took because A was skipped; only ever grows */
	__u64 mark[NR_MARKS];
};

/* A page allocation seen while calibrating. */
struct page_seen {
	__u64 page;
	__u32 tgid;
	__u32 order;
};

#endif
