/* SPDX-License-Identifier: MIT */
/* The heap of the command and of all that it starts, by a library that is preloaded into them (library/). */
#ifndef PRELOAD_H
#define PRELOAD_H

#include "heap-ring.h"
#include "spaces.h"

struct preload_options {
	uint64_t sample_bytes; /* from one sampled byte to the next, on average; 0: every block is recorded */
	bool may_lose;         /* a program does not wait for room in its ring: records are lost, and counted */
	bool audit;            /* each call path is compared with the C library's backtrace(): for tests, very slow */
};

/* Sums since the start. */
struct preload_counts {
	uint64_t processes;  /* that said hello */
	uint64_t records;    /* read */
	uint64_t lost;       /* records that found no room, or that a process has damaged */
	uint64_t paths_lost; /* call paths that found no room: their events have none */
	uint64_t threads_without; /* a ring; what they did is lost */
	uint64_t waits;      /* of a thread for room */
	uint64_t guessed;    /* steps by frame pointer */
	uint64_t audited, audit_longer, audit_different;
};

/* ---- open.c ---- */

/*
 * Before the command's process is made: opens the socket, and puts the library into the environment. NULL, or a
 * sentence why the command cannot be traced so.
 */
const char *preload_prepare(char **command, const struct preload_options *options);
/* Once it is made: takes both out of the environment again, if they were put there. */
void preload_prepared(void);
/* With --steps: says what a command must be started with, a line for each variable. */
void preload_say_environment(void);
/* For poll(2): readable when a process asks for something; -1: there is none. */
int preload_descriptor(void);
/* Sends up to `budget` records that have come; returns how many. Before spaces_drain() of the same turn of the loop. */
uint64_t preload_drain(uint64_t budget);
/* Trace time of the last record that was sent. */
uint64_t preload_time(void);
/* Once a second. */
void preload_sample(uint64_t time);
/* Sends the rest; programs that run on are not traced any more. */
void preload_close(void);
struct preload_counts preload_counts(void);
/* All that is traced has ended; false before anything began. */
bool preload_over(void);
/* Tells of a program that begins and ends, where spaces/ sees it: for spaces_open(). */
void preload_beginning(pid_t pid, enum space_why why, struct space *parent, uint64_t time);
void preload_ended(struct space *space);

/* ---- refuse.c ---- */

/* NULL, or why a library cannot be preloaded into a program. `name` as for execvp(3). */
const char *preload_refused(const char *name);
/* True: it names an allocator whose operator new does not call malloc(), or others are preloaded. */
bool preload_needs_operators(const char *name);

/* ---- table.c: processes that have said hello ---- */

struct traced {
	uint32_t number; /* by which the library calls it, from 1 on */
	pid_t pid;
	int life;        /* a pidfd */
	struct space *space;
	struct heap_shared *shared;
	uint32_t nr_slots; /* that were ever used */
	uint64_t sample_bytes; /* as the options say */
	uint64_t tails[HEAP_SLOTS];
	uint32_t tids[HEAP_SLOTS];  /* whose name it is */
	uint32_t comms[HEAP_SLOTS]; /* ids of names */
	uint32_t *stacks;  /* ids of call paths, by their places */
	uint64_t held_until; /* trace time; it has forked, what follows waits until the child is known; 0: it has not */
	uint32_t fork;       /* the number of that fork */
	struct traced *next;
};

extern struct traced *traced_first;
extern struct preload_counts counted; /* of processes that have ended too */

/* NULL: there is no memory. *memory: its descriptor, for the process. */
struct traced *traced_new(pid_t pid, const struct preload_options *options, int *memory);
struct traced *traced_numbered(uint32_t number);
struct traced *traced_of(const struct space *space);
/* It has ended, and all its records were read. */
void traced_end(struct traced *traced);
struct heap_slot *traced_slots(const struct traced *traced);
void traced_count(const struct traced *traced, struct preload_counts *counts);
/* Ids of names are found again: threads change theirs. */
void traced_names(struct traced *traced);

/* ---- hear.c: what processes ask ---- */

/* A descriptor that is readable when there is something to hear; -1 with errno. */
int hear_open(const struct preload_options *options);
const char *hear_token(void);
void hear(void);
void hear_close(void);

/* ---- clock.c ---- */

void record_clock_open(void);
/* The time now, as records have it. */
uint64_t record_clock(void);
bool record_clock_is_tsc(void);
uint64_t record_clock_base(void);
/* Trace time of a record, as of the last call of record_clock(). */
uint64_t record_time(uint64_t record);

/* ---- records.c ---- */

/*
 * Sends the records of one process, NULL: of all, up to a time (record_clock()), in the order of their times; returns
 * how many. `only`: up to its fork too.
 */
uint64_t records_send(struct traced *only, uint64_t until, uint64_t budget);
/* All that there is of it. */
void records_finish(struct traced *traced);

#endif
