/* SPDX-License-Identifier: MIT */
/* What the copying program (programs/census.bpf.c) and the loader (memory/copy.c) agree on. */
#ifndef COPY_H
#define COPY_H

/* A map's value above 4 MiB fails on 5.10 (E2BIG). */
#define COPY_BUFFER_BYTES (4u << 20)
/* A request's place and its length are each less than this, a power of two: so their sum lies in the buffer, which the verifier can prove. */
#define COPY_HALF_BYTES (COPY_BUFFER_BYTES / 2)
/* The last pieces of the first half and the last request are for single reads, which may come while a batch is looked at. */
#define COPY_SINGLE_BYTES (64u << 10)
#define COPY_BATCH_BYTES (COPY_HALF_BYTES - COPY_SINGLE_BYTES)
#define COPY_BATCH_REQUESTS 4096
#define COPY_REQUESTS (COPY_BATCH_REQUESTS + 1)

struct copy_request {
	__u64 address; /* in the kernel */
	__u32 bytes;
	__u32 place;   /* in the buffer */
	__s64 error;   /* 0, or why nothing was copied: then the place has zeros */
};

struct copy_requests {
	struct copy_request request[COPY_REQUESTS];
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
