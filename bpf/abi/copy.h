/* SPDX-License-Identifier: MIT */
/* What the copying program (programs/census.bpf.c) and the loader (memory/copy.c) agree on. */
#ifndef COPY_H
#define COPY_H

/*
 * The kernel makes and clears a map's pages in one go, in which its CPU does nothing else: 0.7 to 1.3 ms for 4 MiB (6.18). On
 * 5.10 a value above 4 MiB fails (E2BIG).
 */
#define COPY_BUFFER_BYTES (1u << 20)
/* A request's place and its length are each less than this, a power of two: so their sum lies in the buffer, which the verifier can prove. */
#define COPY_HALF_BYTES (COPY_BUFFER_BYTES / 2)
/* The last pieces of the first half and the last request are for single reads, which may come while a batch is looked at. */
#define COPY_SINGLE_BYTES (64u << 10)
#define COPY_BATCH_BYTES (COPY_HALF_BYTES - COPY_SINGLE_BYTES)
#define COPY_BATCH_REQUESTS 4096
#define COPY_REQUESTS (COPY_BATCH_REQUESTS + 1)

/* The longest name of a symbol is 512 bytes. */
#define COPY_NAME_BYTES 1024

struct copy_request {
	__u64 address; /* in the kernel */
	__u32 bytes;
	__u32 place;   /* in the buffer */
	__s64 error;   /* 0, or why nothing was copied: then the place has zeros */
};

/*
 * Blocks of struct pages are copied in steps, one step of each block after the other: so the processor fetches what
 * comes next of one while it copies the others. What lies behind a first page that speaks for more than a step is left out.
 */
#define COPY_BLOCKS 8
#define COPY_BLOCK_BYTES (32u << 10)
#define COPY_STEP_BYTES 1024u
#define COPY_STEPS (COPY_BLOCK_BYTES / COPY_STEP_BYTES)

struct copy_block {
	__u64 address; /* 0: none. It goes to COPY_BLOCK_BYTES times its index in the buffer */
	__s64 error;   /* of the first step that could not be copied; those behind it were not tried */
	__u32 copied;  /* the steps that were, one bit each */
	__u32 until;   /* steps before it are left out; 0 at first */
};

/* How a struct page says that it speaks for 2^order pages; places are bytes from its start, below 128. */
struct copy_rule {
	__u64 head_mask;  /* of its first word: it is a compound page's, 0: those are copied whole */
	__u32 head_order; /* where the order is, one byte */
	__u32 type;       /* where the page type is, 4 bytes */
	__u32 free_mask;  /* type & free_mask == free_value: it is a free block's; both 0: none is left out */
	__u32 free_value;
	__u32 free_order; /* where the order is, 8 bytes */
	__u32 step_order; /* pages in a step are 2^step_order */
};

struct copy_requests {
	struct copy_request request[COPY_REQUESTS];
	struct copy_block block[COPY_BLOCKS];
	struct copy_rule rule;
};

struct copy_buffer {
	__u8 bytes[COPY_BUFFER_BYTES];
};

/* Requests `first` up to `first + count`. */
struct copy_call {
	__u32 first;
	__u32 count;
};

/* What the program learns of itself; all of them are kernel addresses. */
struct copy_self {
	__u64 requests;    /* the values of its maps */
	__u64 buffer;
	__u64 self;        /* this struct */
	__u64 task;        /* the task that ran it last */
	__u64 percpu_map;  /* a per-CPU array, and its value on the CPU that ran it last */
	__u64 percpu_here;
};

#endif
