/* SPDX-License-Identifier: MIT */
/*
 * Fast call paths (FAST-STACKS.md): what the programs (fast-stack.bpf.h) and the
 * loader (fast-stack.c, orc.c) agree on. Part of unfreed.h.
 */
#ifndef FAST_STACK_H
#define FAST_STACK_H

/*
 * A word of the pc table: low 32 bits of the pc (the upper half is the same for all of
 * the kernel's text) | offset, signed 16 bits << 32 | where bp was saved, in words below
 * the frame's end, 12 bits, 0 = it was not << 48 | kind << 60. The key of a pc that
 * was interrupted, and not called from, has its top bit flipped: for it ORC is asked
 * for the pc itself, and not for the byte before it.
 */
#define PC_BITS 15
#define NR_PCS (1 << PC_BITS)
#define PC_PROBES 4
#define PC_HASH 0x9e3779b1u
#define PC_FLIP 0x80000000u
#define NR_PCS_ASKED 1024

enum pc_kind {
	PC_NOT_FOR_US,  /* only the kernel can follow it: it must walk */
	PC_CALL,        /* next = this slot + offset */
	PC_HIDDEN,      /* as PC_CALL, in the code that calls BPF programs */
	PC_BP,          /* next = bp + offset - 8 */
	PC_BP_INDIRECT, /* next = *(bp + offset) - 8, and bp lies where it points */
	PC_SP_INDIRECT, /* next = *(sp) + offset - 8 */
	PC_REGS,        /* struct pt_regs lies at sp + offset, the pc in it was called from */
	PC_INTERRUPTED, /* as PC_REGS, but the pc in it was interrupted */
	PC_END,
};

#define pc_kind(word) ((__u32)((word) >> 60))
#define pc_offset(word) ((__s64)(__s16)((word) >> 32))
#define pc_bp(word) ((__u64)((word) >> 48 & 0xfff) * 8)

/* Deeper paths are walked by the kernel. */
#define MAX_FAST_DEPTH 64
/* Frames between bpf_trace_run* and the tracepoint: __bpf_trace_*, __traceiter_* */
#define MAX_HIDDEN 3
/* Frames of tracing in front of the kernel's own list */
#define MAX_MACHINERY 12
#define WALKED_FRAMES 128

/* Why a call path was walked. */
enum walk_reason {
	WALK_OFF = 1,      /* fast call paths were not yet, or no longer, on */
	WALK_UNCALIBRATED, /* where the hook's path starts was not known yet */
	WALK_UNKNOWN_PC,   /* seen for the first time */
	WALK_NOT_FOR_US,   /* a module, a BPF program, or a frame we do not unwind */
	WALK_NOT_A_PC,     /* no address of the kernel's text where one was expected */
	WALK_TOO_DEEP,
	NR_WALK_REASONS = 8,
};

/* One per alloc slot, level and CPU; only ever grows. */
struct stack_counts {
	__u64 fast;
	__u64 walked;
	__u64 audited;    /* of the fast ones */
	__u64 mismatches; /* of those: the kernel's walk differed, and was used */
	__u64 reason[NR_WALK_REASONS];
};

/* Where a hook's call path starts: bytes from the program's context. */
struct fast_start {
	__u32 slot; /* to the return address of bpf_trace_run*; 0: not known */
	__u32 bp;   /* how far below the end of that frame bp was saved */
};

/* The first paths of each hook on each CPU are all audited, then one in --audit. */
#define AUDITED_FIRST 500
#define MAX_START_SAMPLES 64
#define SAMPLE_WORDS 64

struct start_sample {
	__u64 tag;
	__u32 slot;
	__u32 depth;
	__u64 frames[16];
	__u64 words[SAMPLE_WORDS]; /* of the stack, from the context up */
};

struct pc_question {
	__u64 tag;
	__u64 pc;
	__u64 interrupted;
};

#define MAX_MISMATCHES 64

struct path_mismatch {
	__u64 tag;
	__u64 in_tree; /* the other path came from the tree of known paths */
	__u32 fast_depth;
	__u32 walked_depth;
	__u64 fast[MAX_DEPTH];
	__u64 walked[MAX_DEPTH];
};

/*
 * ---- The tree of known paths: path-tree.bpf.h, path-tree.c ----
 *
 * A node's step: the low 32 bits of a return address (their top bit is set in the
 * kernel's text) or a kind, and above them how far from the base the word lies that
 * must be compared. If the return address agrees, the next node goes on; if not, the
 * node `other` has another one that may lie there.
 */
struct path_node {
	__u64 step;
	__u32 other; /* of the last node: the path's id */
	__u32 zero;
};

enum path_kind {
	PATH_UNKNOWN,       /* there is no such path; node 0 is of this kind */
	PATH_BASE,          /* the word is the new base, for a frame that is found by bp */
	PATH_INDIRECT,      /* the same, and the base is kept: bp lies there */
	PATH_KEPT_BASE,     /* as the first two, but relative to the base that was kept */
	PATH_KEPT_INDIRECT,
	PATH_USER,          /* the word is the code segment of registers: from user space, or not this path */
	PATH_END,           /* this is the path; the next node's step is its hash */
};

#define path_is_pc(step) ((__s32)(step) < 0)
#define path_pc(step) ((__u64)(__s64)(__s32)(step))
#define path_kind(step) ((__u32)(step))
#define path_place(step) ((__u64)((__s64)(step) >> 32))
#define PATH_ROOT_BITS 9
#define NR_PATH_ROOTS (NR_ALLOC_SLOTS << PATH_ROOT_BITS)
#define NR_PATH_NODES (1 << 17)
/* A path that takes more steps, also through other nodes at its places, is not put into the tree. */
#define MAX_PATH_STEPS 64
#define NR_PATHS_SENT 4096
#define PATHS_WANTED 1000 /* a second */

struct path_tree {
	__u32 root[NR_PATH_ROOTS]; /* by hook and call site, which are no part of the proof */
	struct path_node node[NR_PATH_NODES + 4];
};

struct path_seen {
	__u64 tag;
	__u32 hook;
	__u32 id;
	__u64 site;
	__u64 hash;
	__u32 depth;
	__u32 nr_hidden;
	__u64 cs_offset; /* in struct pt_regs */
	__u64 hidden[MAX_HIDDEN + 1];
	__u64 frames[MAX_FAST_DEPTH];
};

#define KERNEL_PIECE_BYTES 65536

struct kernel_piece {
	__u8 bytes[KERNEL_PIECE_BYTES];
};

struct kernel_piece_wanted {
	__u64 address;
};

#endif
