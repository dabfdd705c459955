/* SPDX-License-Identifier: MIT */
/*
 * What programs/heap.bpf.c and heap/ agree on: the records of their ring, the table of steps, and what is known of each
 * process and thread.
 *
 * Include after vmlinux.h or <linux/types.h>: only __u8..__u64 are used.
 */
#ifndef HEAP_RECORDS_H
#define HEAP_RECORDS_H

/* Frames of a call path, from the leaf on; MOST_USER_FRAMES of process/ */
#define HEAP_FRAMES 127
#define HEAP_COMM_BYTES 16

/*
 * What a function of an allocator is given, and what it does with it:
 *   SIZE        malloc(bytes), operator new(bytes), valloc, mallocx
 *   PRODUCT     calloc(number, bytes)
 *   ALIGNED     memalign(alignment, bytes), aligned_alloc
 *   OUT         posix_memalign(&result, alignment, bytes) returns 0 or an error
 *   RESIZE      realloc(block, bytes), rallocx
 *   RESIZE_MANY reallocarray(block, number, bytes)
 *   RELEASE     free(block), operator delete
 *   LOADS       dlopen(): what is known of addresses is known no more
 */
enum heap_role {
	HEAP_SIZE,
	HEAP_PRODUCT,
	HEAP_ALIGNED,
	HEAP_OUT,
	HEAP_RESIZE,
	HEAP_RESIZE_MANY,
	HEAP_RELEASE,
	HEAP_LOADS,
	NR_HEAP_ROLES,
};

/* ---- records of the ring ---- */

/* Tags are the event's kind (bpf/README.md), or one of these. */
enum heap_tag {
	HEAP_TAG_ALLOC = 6,
	HEAP_TAG_FREE = 22,
	HEAP_TAG_FREE_UNLESS = 30,
	HEAP_TAG_UNDO = 31,
	HEAP_TAG_PATH = 0xf0,   /* a call path, before the first alloc that names it */
	HEAP_TAG_STACK = 0xf1,  /* a copy of the stack: for the next alloc of this thread, or for an audit */
	HEAP_TAG_THREAD = 0xf2, /* the name of a thread, before its first alloc */
	HEAP_TAG_LOADS = 0xf3,  /* its mappings will be others: a head alone */
};

/* All records begin like this. Time is CLOCK_MONOTONIC. */
struct heap_head {
	__u32 tag;
	__u32 tgid;
};

struct heap_free {
	struct heap_head head;
	__u64 time;
	__u64 address;
};

/* What `path` may be instead of a path's hash. */
#define HEAP_NO_PATH 0
#define HEAP_PATH_FROM_COPY 1

struct heap_alloc {
	struct heap_head head;
	__u64 time;
	__u64 address; /* 0: it failed */
	__u64 bytes;
	__u64 path;
	__u32 tid;
	__u32 cpu;
};

struct heap_path {
	struct heap_head head;
	__u64 hash; /* greater than 1 */
	__u64 nr;
	__u64 interrupted[2]; /* by frame: an address of the next instruction, not one behind a call */
	__u64 frames[HEAP_FRAMES + 1];
};

/* Why the programs could not walk by themselves; in the order of STACKS (bpf/README.md). */
enum heap_reason {
	HEAP_WALKED,
	HEAP_OFF,          /* no steps are known of this process */
	HEAP_BUSY,         /* another thread took the CPU meanwhile */
	HEAP_UNKNOWN_PC,   /* an address that is not in the table yet */
	HEAP_NOT_PLAIN,    /* a place that has no plain step */
	HEAP_UNREADABLE,   /* a word of the stack could not be read */
	HEAP_TOO_DEEP,     /* the walk goes on, beyond HEAP_FRAMES */
	NR_HEAP_REASONS,
};

/* Two sizes: most stacks are not deeper than the first. */
#define HEAP_COPY_BYTES 16384
#define HEAP_LONG_COPY_BYTES 65536
#define HEAP_PAGE 4096

struct heap_stack {
	struct heap_head head;
	__u64 pc, sp, bp;
	__u64 salt;  /* that the programs have looked for its addresses with */
	__u64 asked; /* the address that was not known, 0: none */
	__u64 audited; /* the path that the programs found, 0: they found none, and the next alloc of the thread waits for this one */
	__u32 tid;
	__u32 reason;
	__u64 bytes; /* that could be read */
	__u8 stack[];
};

struct heap_thread {
	struct heap_head head;
	__u64 comm[2];
	__u32 tid;
	__u32 zero;
};

/* ---- the table of steps: from a return address to the place of the next one ---- */

/* A place for four of them, which is a cache line, by hash of the key. */
#define HEAP_STEP_BITS 14
#define NR_HEAP_STEP_LINES (1u << HEAP_STEP_BITS)
#define HEAP_STEP_WAYS 4
/* Part of the key of an address that an interrupt or a signal left: its step is that of the address itself, not of the byte before. */
#define HEAP_INTERRUPTED (1ull << 63)

enum heap_step_kind {
	HEAP_STEP_SP = 1,  /* CFA = sp + cfa */
	HEAP_STEP_BP,      /* CFA = bp + cfa */
	HEAP_STEP_BP_DEREF, /* CFA = *(bp + cfa) */
	HEAP_STEP_FRAME,   /* as HEAP_STEP_BP, if bp may be a frame pointer */
	HEAP_STEP_SIGNAL,  /* the registers lie in the ucontext at sp */
	HEAP_STEP_END,     /* nobody called it */
	HEAP_STEP_CUT,     /* the way to the caller is not known */
	HEAP_STEP_NO_CODE, /* it was no return address */
	HEAP_STEP_ASK,     /* there is a step, which has no form here */
};

enum heap_step_bp {
	HEAP_BP_SAME,
	HEAP_BP_AT_CFA, /* at CFA + offset */
	HEAP_BP_AT_BP,  /* at bp + offset */
	HEAP_BP_LOST,
};

/*
 * cfa in bits 0..31, the offset of bp in 32..55, both signed; the kind of bp in 56..57, `interrupts` in 58, kind in 59..63.
 * A row is read without a lock: the key is written last, and 0 while the rest changes.
 */
struct heap_step {
	__u64 key; /* pc ^ salt of the process; 0: empty */
	__u64 step;
};

struct heap_step_line {
	struct heap_step way[HEAP_STEP_WAYS];
};

#define HEAP_STEP_INTERRUPTS (HEAP_INTERRUPTED >> 5)
#define HEAP_LEAST_BP_OFFSET (-(1 << 23))
#define HEAP_MOST_BP_OFFSET ((1 << 23) - 1)

static inline __u64 heap_step_word(__u32 kind, __s32 cfa, __u32 bp, __s32 offset)
{
	return (__u64)kind << 59 | (__u64)bp << 56 | (__u64)((__u32)offset & 0xffffff) << 32 | (__u32)cfa;
}

static inline __u32 heap_step_kind(__u64 word)
{
	return word >> 59;
}

static inline __s64 heap_step_cfa(__u64 word)
{
	return (__s32)word;
}

static inline __u32 heap_step_bp(__u64 word)
{
	return word >> 56 & 3;
}

static inline __s64 heap_step_bp_offset(__u64 word)
{
	return (__s64)(word << 8) >> 40;
}

static inline __u32 heap_step_place(__u64 key)
{
	return (__u32)(key * 0x9e3779b97f4a7c15ull >> (64 - HEAP_STEP_BITS));
}

/* In ucontext_t, which lies at sp where a handler has returned (arch/x86/include/uapi/asm/sigcontext.h). */
enum { HEAP_UCONTEXT_BP = 120, HEAP_UCONTEXT_SP = 160, HEAP_UCONTEXT_PC = 168 };

/* ---- processes ---- */

#define MOST_HEAP_PROCESSES 4096

struct heap_process {
	__u64 salt; /* of its addresses in the table; another one once its code has changed */
	__u64 trampoline; /* where a function returns to whose return is probed, 0: not known yet */
};

/* A path is known by this: one step of a hash, over the salt first. */
static inline __u64 heap_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 32;
}

struct heap_counts {
	__u64 fast;       /* paths found by the programs */
	__u64 copied;     /* paths left to the loader */
	__u64 audited;
	__u64 reason[NR_HEAP_REASONS]; /* of those copied */
	__u64 pathless;   /* allocs without a path: no room for a copy */
	__u64 nested;     /* calls of an allocator within one */
	__u64 abandoned;  /* calls that never returned: longjmp, an exception */
	__u64 strange_returns; /* returns of no call that is known: it began before the trace, or was abandoned */
};

#endif
