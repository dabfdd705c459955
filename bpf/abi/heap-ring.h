/* SPDX-License-Identifier: MIT */
/*
 * What the preloaded library (preload/library/) and the collector agree on: the words that they exchange over a socket,
 * and the memory that each traced process shares with the collector. The process may write anything into that memory;
 * the collector checks all that it reads there.
 */
#ifndef HEAP_RING_H
#define HEAP_RING_H

#include <stdint.h>

#define HEAP_RING_VERSION 1
/* In the environment of the command: NAME=SOCKET, 32 hexadecimal digits, the abstract name "unfreed-heap-SOCKET". */
#define HEAP_VARIABLE "UNFREED_HEAP"
#define HEAP_SOCKET "unfreed-heap-"
#define HEAP_TOKEN_BYTES 32

/* ---- what the library asks for; the collector answers each one ---- */

enum heap_ask_kind {
	ASK_HELLO = 1, /* a program begins, or a child after a fork: it is given its shared memory */
	ASK_IMAGES,    /* code was loaded: its mappings are read before call paths name it */
	ASK_SYNC,      /* code will be unloaded: all records are read first */
};

/* Bits of heap_ask.flags of a hello. */
#define HELLO_FORKED 1     /* `parent` is the number of the process that it is a copy of */
#define HELLO_OWN_MALLOC 2 /* the program's own malloc() comes before the library's: most calls are not seen */
#define HELLO_OWN_NEW 4    /* operator new is not libstdc++'s and does not call malloc() */

struct heap_ask {
	uint32_t version, kind;
	char token[HEAP_TOKEN_BYTES];
	uint32_t number;  /* of the process, as a hello was answered; 0: it has none yet */
	uint32_t parent;
	uint32_t flags;
	uint32_t fork;    /* of the parent's HEAP_FORKING before it; 0: it wrote none */
	uint64_t time;    /* of the hello, as in records but that nothing is subtracted */
};

struct heap_answer {
	uint32_t version, number; /* 0: it is not traced */
	uint64_t bytes;           /* of the shared memory, whose descriptor comes with the answer to a hello */
};

/* ---- the shared memory ---- */

#define HEAP_SLOTS 2048u          /* threads that allocate at the same time */
#define HEAP_LARGE_SLOTS 16u      /* the first of these have long rings */
#define HEAP_LARGE_WORDS (1u << 17)
#define HEAP_SMALL_WORDS (1u << 12)
#define HEAP_PATH_WORDS (1u << 23)

/* Bits of heap_shared.flags, set by the collector. */
#define HEAP_NO_TSC 1   /* times are CLOCK_MONOTONIC */
#define HEAP_MAY_LOSE 2 /* a full ring loses records, which are counted; else the writer waits */
#define HEAP_AUDIT 4    /* each call path is compared with that of a second unwinder */

struct heap_shared {
	uint32_t version, flags;
	uint64_t time_base;    /* subtracted from times */
	uint64_t sample_bytes; /* 0: every block */
	uint64_t sample_seed;
	uint32_t off;          /* the collector has gone, or wants no more */
	uint32_t beats;        /* grows while the collector lives */
	uint8_t by_collector[24];
	/* written by the library */
	uint32_t path_words;   /* of the paths that are taken; word 0 is none */
	uint32_t threads_without; /* that found no slot */
	uint64_t lost;         /* records that found no room */
	uint64_t paths_lost;   /* call paths that found no room */
	uint64_t no_row;       /* steps by frame pointer */
	uint64_t audited, audit_longer, audit_different;
	uint64_t waits;        /* for room in a ring */
	uint64_t sampled;      /* blocks that were sampled so far */
	uint64_t skipped_frees;
	char different[1024];  /* the first paths that differ, as text */
};

/* A thread's ring: the library alone writes `head`, the collector alone `tail`; both count words. */
struct heap_slot {
	uint64_t head;
	uint32_t tid;   /* of the library; 0: free */
	uint32_t zero;
	char comm[16];
	uint8_t of_library[32];
	uint64_t tail;
	uint32_t waiting;
	uint8_t of_collector[52];
};

/*
 * Records. Word 0 is `time << 8 | kind`, with the kinds of event_kind (6, 22, 30, 31) and those below.
 * Word 1 of 22, 30, 31: the address. Of 6: path bits 15..0 << 48 | address, and
 * word 2: cpu << 48 | path bits 22..16 << 41 | bytes, at most 2^41 - 1. A path is its place in the words of paths: their
 * number, then addresses, leaf first; bit 63 of one that is not behind a call.
 */
#define HEAP_FORKING 1 /* the thread will fork: nothing behind it is of the child; word 1: its number, from 1 on */

#define HEAP_ADDRESS_BITS 48
#define HEAP_SIZE_BITS 41
#define HEAP_SIZE_MOST ((1ull << HEAP_SIZE_BITS) - 1)
#define HEAP_INTERRUPTED (1ull << 63)

#define HEAP_SLOTS_AT 4096u
#define HEAP_PATHS_AT (HEAP_SLOTS_AT + HEAP_SLOTS * (uint64_t)sizeof(struct heap_slot))
#define HEAP_RINGS_AT (HEAP_PATHS_AT + HEAP_PATH_WORDS * 8ull)
#define HEAP_BYTES (HEAP_RINGS_AT + HEAP_LARGE_SLOTS * (uint64_t)HEAP_LARGE_WORDS * 8 + \
		    (HEAP_SLOTS - HEAP_LARGE_SLOTS) * (uint64_t)HEAP_SMALL_WORDS * 8)

_Static_assert(sizeof(struct heap_slot) == 128, "two cache lines");
_Static_assert(sizeof(struct heap_shared) <= HEAP_SLOTS_AT, "one page");

static inline uint32_t heap_ring_words(uint32_t slot)
{
	return slot < HEAP_LARGE_SLOTS ? HEAP_LARGE_WORDS : HEAP_SMALL_WORDS;
}

/* From the start of the shared memory, in bytes. */
static inline uint64_t heap_ring_at(uint32_t slot)
{
	if (slot < HEAP_LARGE_SLOTS)
		return HEAP_RINGS_AT + slot * (uint64_t)HEAP_LARGE_WORDS * 8;
	return HEAP_RINGS_AT + HEAP_LARGE_SLOTS * (uint64_t)HEAP_LARGE_WORDS * 8 + (slot - HEAP_LARGE_SLOTS) * (uint64_t)HEAP_SMALL_WORDS * 8;
}

static inline unsigned heap_record_words(uint8_t kind)
{
	return kind == 6 ? 3 : 2;
}

#endif
