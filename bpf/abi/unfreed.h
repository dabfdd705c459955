/* SPDX-License-Identifier: MIT */
/*
 * What the programs in the kernel (programs/) and the loader agree on: allocators,
 * event kinds, hooks, loss causes and ring records. Kinds and causes are wire numbers
 * (src/event/kinds.ts, src/event/losses.ts).
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

/*
 * ---- Allocators, event kinds, hooks: three tables ----
 *
 * All that is listed by allocator, kind or hook, here and in the loader, is made from
 * these. A new allocator is a row in each of them, and its programs.
 */

/*
 * Where memory comes from: --allocators. Each has an address space of its own.
 *   name, as the user knows it
 *   sample_shift: addresses (of pages: their pfns) that agree above these bits are in the same samples (sampling.bpf.h)
 *   often: its hooks run so often that interrupts find them (twin.bpf.h)
 */
#define ALLOCATORS(row) \
	/*  NAME     name       sample_shift, often */ \
	row(PAGE,    "page",    10,           true) \
	row(SLAB,    "slab",    3,            true) \
	row(PERCPU,  "percpu",  3,            false) \
	row(VMALLOC, "vmalloc", 12,           false)

/*
 * Kinds of event. The number is the wire's and never changes its meaning; bit 4 is set for a free.
 * The words of a record: in the ring, and on the wire, which leaves out the sizes where the cache has them.
 */
#define EVENT_KINDS(row) \
	/*  NAME              number, ALLOCATOR, ring_words, wire_words */ \
	row(KMALLOC,          1,      SLAB,      5,          5) \
	row(KMEM_CACHE_ALLOC, 2,      SLAB,      5,          4) \
	row(PAGE_ALLOC,       3,      PAGE,      4,          4) \
	row(PERCPU_ALLOC,     4,      PERCPU,    5,          5) \
	row(VMALLOC_ALLOC,    5,      VMALLOC,   5,          5) \
	row(KFREE,            17,     SLAB,      2,          2) \
	row(KMEM_CACHE_FREE,  18,     SLAB,      2,          2) \
	row(PAGE_FREE,        19,     PAGE,      2,          2) \
	row(PERCPU_FREE,      20,     PERCPU,    2,          2) \
	row(VMALLOC_FREE,     21,     VMALLOC,   2,          2) \
	row(PAGE_MOVE,        24,     PAGE,      3,          3)

/*
 * Hooks, one slot each.
 *   name, of the tracepoint or function
 *   group: its directory in tracefs, NULL: a function, not a tracepoint
 *   KIND of its events
 *   essential: without it the allocator cannot be traced
 * Allocs come first: only they need scratch memory, and those in bulk are the last of them.
 */
#define ALLOC_HOOKS(row) \
	/*  SLOT                   name                     group      KIND              essential */ \
	row(KMALLOC,               "kmalloc",               "kmem",    KMALLOC,          true) \
	row(KMALLOC_NODE,          "kmalloc_node",          "kmem",    KMALLOC,          false) \
	row(KMEM_CACHE_ALLOC,      "kmem_cache_alloc",      "kmem",    KMEM_CACHE_ALLOC, true) \
	row(KMEM_CACHE_ALLOC_NODE, "kmem_cache_alloc_node", "kmem",    KMEM_CACHE_ALLOC, false) \
	row(MM_PAGE_ALLOC,         "mm_page_alloc",         "kmem",    PAGE_ALLOC,       true) \
	row(PERCPU_ALLOC,          "percpu_alloc_percpu",   "percpu",  PERCPU_ALLOC,     true) \
	row(ALLOC_VMAP_AREA,       "alloc_vmap_area",       "vmalloc", VMALLOC_ALLOC,    true) \
	row(KMEM_CACHE_ALLOC_BULK, "kmem_cache_alloc_bulk", NULL,      KMEM_CACHE_ALLOC, false) \
	row(ALLOC_PAGES_BULK,      "alloc_pages_bulk",      NULL,      PAGE_ALLOC,       false)

#define FREE_HOOKS(row) \
	row(KFREE,                 "kfree",                  "kmem",    KFREE,           true) \
	row(KMEM_CACHE_FREE,       "kmem_cache_free",        "kmem",    KMEM_CACHE_FREE, true) \
	row(MM_PAGE_FREE,          "mm_page_free",           "kmem",    PAGE_FREE,       true) \
	row(PERCPU_FREE,           "percpu_free_percpu",     "percpu",  PERCPU_FREE,     true) \
	row(FREE_VMAP_AREA,        "free_vmap_area_noflush", "vmalloc", VMALLOC_FREE,    true) \
	row(KMEM_CACHE_FREE_BULK,  "kmem_cache_free_bulk",   NULL,      KMEM_CACHE_FREE, false) \
	row(KFREE_RCU_SHEAF,       "__kfree_rcu_sheaf",      NULL,      KMEM_CACHE_FREE, false) \
	/* only remembers the pages that were there before the call */ \
	row(ALLOC_PAGES_BULK_CALL, "alloc_pages_bulk",       NULL,      PAGE_ALLOC,      false) \
	/* pages that move: the function, or the tracepoints where it cannot be hooked (moves.bpf.h) */ \
	row(MOVE_CALL,             "folio_migrate_flags",    NULL,      PAGE_MOVE,       false) \
	row(SET_MIGRATION_PTE,     "set_migration_pte",      "migrate", PAGE_MOVE,       false) \
	row(REMOVE_MIGRATION_PTE,  "remove_migration_pte",   "migrate", PAGE_MOVE,       false) \
	row(SET_MIGRATION_PMD,     "set_migration_pmd",      "thp",     PAGE_MOVE,       false) \
	row(REMOVE_MIGRATION_PMD,  "remove_migration_pmd",   "thp",     PAGE_MOVE,       false)

#define ALLOCATOR_ENUM(NAME, ...) ALLOCATOR_##NAME,
#define SAMPLE_SHIFT_ENUM(NAME, name, shift, ...) SAMPLE_SHIFT_##NAME = shift,
#define KIND_ENUM(NAME, number, ...) KIND_##NAME = number,
#define KIND_ALLOCATOR_ENUM(NAME, number, ALLOCATOR, ...) ALLOCATOR_OF_##NAME = ALLOCATOR_##ALLOCATOR,
#define SLOT_ENUM(SLOT, ...) SLOT_##SLOT,

enum traced_allocator { ALLOCATORS(ALLOCATOR_ENUM) NR_ALLOCATORS };
enum sample_shift { ALLOCATORS(SAMPLE_SHIFT_ENUM) };
/* Kinds of the memory of processes (spaces/, heap/, preload/), which no hook of the tables above sends. */
#define PROCESS_KINDS(row) \
	row(HEAP_ALLOC,       6) \
	row(MAP,              7) \
	row(RESERVE,          10) \
	row(HEAP_FREE,        22) \
	row(UNMAP,            23) \
	row(RANGE_MOVED,      26) \
	row(BECAME_RESERVED,  28) \
	row(BECAME_USABLE,    29) \
	row(HEAP_FREE_UNLESS, 30) \
	row(HEAP_UNDO,        31)

enum event_kind { EVENT_KINDS(KIND_ENUM) PROCESS_KINDS(KIND_ENUM) NR_KINDS = 32 };
enum kind_allocator { EVENT_KINDS(KIND_ALLOCATOR_ENUM) };

/*
 * A program may be interrupted by another one on its CPU but never by itself, so
 * state per (slot, CPU) has one writer at a time.
 */
enum hook_slot {
	ALLOC_HOOKS(SLOT_ENUM)
	NR_ALLOC_SLOTS,
	BEFORE_FREE_SLOTS = NR_ALLOC_SLOTS - 1,
	FREE_HOOKS(SLOT_ENUM)
	NR_SLOTS,
};

/* Set on the kind of every free. */
#define FREE_BIT 16
/* a kmem_cache_alloc with its sizes instead of a cache id */
#define KIND_SIZED 64
/* an alloc made by the tracer itself */
#define KIND_SELF 128
/* in the ring, a free with its call path (free-sites.bpf.h): words 2 and 3 are those of an alloc */
#define KIND_SITED 64
#define SITED_WORDS 4

/* Tags of the definitions in the ring, above every event kind. */
enum definition_tag {
	DEFINES_STACK = 0xf0,
	DEFINES_COMM = 0xf1,
	DEFINES_CACHE = 0xf2,
	/* no definitions: messages to the loader */
	ASKS_FOR_PC = 0xf3,
	SAMPLES_START = 0xf4,
	REPORTS_MISMATCH = 0xf5,
	SAW_PATH = 0xf6,
	FREED_YOUNG = 0xf7,
};

enum loss_cause {
	LOSS_RING_FULL = 1,
	LOSS_RECURSION = 2,
	LOSS_NO_STACK = 3,
	LOSS_STACK_TABLE_FULL = 4,
	LOSS_NAME_TABLE_FULL = 5,
	LOSS_REPORTED = 6,
	FAILED_ALLOC = 8,
	NULL_FREE = 9,
	FILTERED = 10,
	YOUNG_PAIR = 11,   /* alloc and free, matched in the kernel and not sent */
	YOUNG_MISSED = 12, /* an alloc whose address was allocated again before its free was seen, not sent */
	YOUNG_DIRECT = 13, /* an alloc that found no room to wait, and was sent at once */
	YOUNG_LEFT = 14,   /* an alloc that was too young when the trace ended, not sent */
	NR_CAUSES = 15,
};

struct loss_counts {
	__u64 count;
	__u64 bytes;
	__u64 count_with_bytes;
};

/*
 * ---- Sampling: sampling.bpf.h ----
 *
 * The hash of an address decides. It has two rounds, so that consecutive keys do not
 * fall into step with the mask; src/event/sampling.ts has the same function.
 */
#define SAMPLE_ROUND_1 0x9e3779b97f4a7c15ULL
#define SAMPLE_ROUND_2 0xbf58476d1ce4e5b9ULL

static inline __u64 sample_hash(__u64 seed, __u64 key)
{
	key = (key ^ seed) * SAMPLE_ROUND_1;
	return (key ^ key >> 32) * SAMPLE_ROUND_2;
}

#define OBJECT_SAMPLE_KEY(ptr) ((ptr) >> SAMPLE_SHIFT_SLAB)
#define PAGE_SAMPLE_KEY(pfn) ((pfn) >> SAMPLE_SHIFT_PAGE)
#define VMAP_SAMPLE_KEY(address) ((address) >> SAMPLE_SHIFT_VMALLOC)

/*
 * ---- Survivors only: min-age.bpf.h ----
 *
 * An alloc that waits for its free: its event. If the event has no word 4, the bytes
 * that it takes are there.
 */
struct young_alloc {
	__u64 word[5];
};

/*
 * Four places for allocs that wait, by hash of the address (young-slots.bpf.h).
 * A free reads the first cache line only.
 */
#define YOUNG_WAYS 4
#define YOUNG_CLAIMED 1 /* as word 0: the place is being filled in */

struct young_bucket {
	__u64 word0[YOUNG_WAYS]; /* 0: empty */
	__u64 word1[YOUNG_WAYS];
	__u64 rest[YOUNG_WAYS][3]; /* words 2 to 4 */
	__u64 pad[4];
};

/* Where an alloc was freed that waited for its free (free-sites.bpf.h): words of the alloc, and words 2 and 3 of the free. */
struct young_freed {
	__u64 tag;
	__u64 time;
	__u64 alloc0;
	__u64 alloc2;
	__u64 alloc3;
	__u64 free2;
	__u64 free3;
};

/* The addresses that are held as far as the reader knows: a byte each, by hash. */
#define REPORTED_LINE 64
#define NR_REPORTED_LINES 65536

struct reported_line {
	__u8 reported[REPORTED_LINE];
};

#define REPORTED_BITS 22

static inline __u32 reported_index(__u64 key)
{
	return (__u32)(sample_hash(0, key) >> (64 - REPORTED_BITS));
}

/* One per slot and CPU; only ever grows. */
struct slot_losses {
	struct loss_counts cause[NR_CAUSES];
};

/* Ring records. An event is in the ring as it goes on the wire (at most a word longer). */
struct event_words {
	__u64 word[5];
};

#define MAX_EVENT_WORDS 5

/* The ring of events (event-ring.bpf.h): positions count words and only grow; a cache line each. */
struct event_ring {
	__u64 head; /* claimed by programs */
	__u64 zero[15];
	__u64 tail; /* read by the loader */
	__u64 zero_too[15];
	__u64 word[]; /* a power of two, and room for an event behind them */
};

/* One step of a hash over words, GOLDEN before the first. */
#define GOLDEN 0x9e3779b97f4a7c15ULL

static inline __u64 mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * GOLDEN;
	return hash ^ (hash >> 32);
}

struct stack_definition {
	__u64 tag;
	__u32 id;
	__u32 depth;
	__u64 frames[MAX_DEPTH];
};

/* A task's name and its cgroup: what the id of a name stands for. */
struct comm_definition {
	__u64 tag;
	__u32 id;
	__u32 zero;
	char comm[COMM_BYTES];
	__u64 cgroup; /* kernfs id, 0 = not known */
};

/* How the cgroup of a task is found (cgroup.bpf.h). */
enum cgroup_way {
	CGROUP_NONE,    /* this kernel has none */
	CGROUP_UNIFIED, /* the one hierarchy of version 2 */
	CGROUP_MEMORY,  /* version 1: the hierarchy that the memory controller is on */
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
	} seen[2]; /* by the first, by the twin */
	__u64 rescued; /* events that the twin took because the first was skipped; only ever grows */
	__u64 mark[NR_MARKS];
};

#include "fast-stack.h"

/* A process, as the kernel knows it and as its PID namespace does; 0: it is outside of the collector's. */
struct process_seen {
	__u32 tgid;
	__u32 ns_tgid;
};

/* The collector, its parent, and so on; sudo adds two. */
#define MAX_FAMILY 16

/* A page allocation seen while calibrating. */
struct page_seen {
	__u64 page;
	__u32 tgid;
	__u32 order;
};

#endif
