/* SPDX-License-Identifier: MIT */
/*
 * The lowest layer of the loader: the command line, words to the user, time, and
 * plain state. One thread, one trace per process: the state of a file is static in
 * it, and the header of its layer has the functions that it offers.
 */
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/types.h>
#include "mark-records.h"
#include "unfreed.h"

struct unfreed; /* the skeleton: the loaded programs and maps */

/* ---- options.c: the command line ---- */

enum attach_mode { ATTACH_AUTO, ATTACH_BTF, ATTACH_TP };
enum stacks_mode { STACKS_AUTO, STACKS_WALK, STACKS_FAST };
enum twins_mode { TWINS_OFF, TWINS_ON, TWINS_AUTO };
enum census_stage { CENSUS_PAGES, CENSUS_HOLDERS, CENSUS_TYPES, CENSUS_ORPHANS, NR_CENSUS_STAGES };
enum self_mode { SELF_MARK, SELF_DROP, SELF_KEEP };

#define MAX_CENSUS_CACHES 16
#define MAX_TRACED_PROCESSES 1024
#define MOST_CALL_BYTES (256u << 10)

struct options {
	const char *output;      /* -o FILE, NULL: stdout */
	uint64_t duration_ns;    /* 0: until stopped */
	uint64_t max_bytes;      /* 0: no limit */
	uint64_t buffer_bytes;
	uint64_t min_bytes;
	uint32_t sample_one_in;
	uint32_t sample_seed;    /* selects the addresses of the sample */
	bool seed_given;
	double max_overhead;     /* share of all CPU time, 0: no limit */
	uint64_t min_age_ns;     /* 0: all events are sent at once */
	uint32_t max_young;      /* allocs that may wait until they are old enough */
	uint32_t max_stacks;
	uint32_t free_sites;     /* frees a second that are sent with their call path */
	bool allocators[NR_ALLOCATORS];
	enum attach_mode attach;
	enum self_mode self;
	uint32_t self_pids[MAX_SELF - 1];
	uint32_t nr_self_pids;
	int ready_fd;            /* -1: none */
	enum stacks_mode stacks;
	uint32_t audit_one_in;
	bool audit_goes_on;      /* a mismatch does not end the fast path: to find them all */
	enum twins_mode twins;   /* whether programs have twins */
	bool steps;              /* report the start, step by step, on stderr */
	bool die_with_parent;
	const char *watched_comms[MAX_WATCHED_COMMS]; /* whose execs and exits are marks */
	uint32_t nr_watched_comms;
	uint32_t watched_pid;    /* and those of all that this process starts, 0: of none */
	bool system_calls;       /* mark those for shared memory and swap, even where that slows down all others */
	bool no_marks;           /* neither marks nor the lives of processes */
	bool probe;
	bool census;             /* no trace: what each page is */
	double census_budget;    /* the share of one CPU that it may take, up to 1 */
	uint32_t census_call_bytes; /* read by one call of its program, up to MOST_CALL_BYTES */
	bool census_stages[NR_CENSUS_STAGES]; /* none: the pages alone */
	const char *census_caches[MAX_CENSUS_CACHES]; /* types of these alone; none: of all */
	uint32_t nr_census_caches;
	uint64_t census_memory;     /* that stages after the pages may take, 0: by the machine */
	uint32_t census_repeat;     /* so many, one after the other; 0: one, which is not a line */
	uint32_t census_scans;      /* that must agree on an orphan */
	uint64_t census_interval_ns; /* from one to the next */
	bool census_addresses;      /* orphans with their addresses, for a debugger */
	bool names;                 /* no trace: what pages and objects belong to */
	bool verbose;
	uint32_t processes[MAX_TRACED_PROCESSES]; /* whose memory is traced, and no allocation of the kernel */
	uint32_t nr_processes;
	bool command_memory;     /* the same of the command's memory */
	bool heap;               /* and the blocks of its heap: by a library in what is started, by probes in what runs */
	uint64_t sample_bytes;   /* of the heap of what is started: from one sampled byte to the next, 0: every block */
	bool heap_may_lose;      /* a program that is started does not wait for room in its ring */
	const char *command_name; /* of what the process of --children-of will start, NULL: not known */
	uint32_t parent_process; /* and of all that this process starts, 0: of none */
	char **command;          /* after --, NULL: none */
};

/* The memory of processes is traced, and no allocation of the kernel. */
bool options_of_processes(void);
/* Constant once options_parse() has returned. */
extern const struct options *const options;
/* Exits with 0 after --help and --version, with 2 after a usage error. */
void options_parse(int argc, char **argv);

/* ---- event-kinds.c: the tables of unfreed.h ---- */

struct allocator {
	const char *name;
	uint8_t sample_shift;
	bool often;
};

extern const struct allocator allocators[NR_ALLOCATORS];

struct record_shape {
	uint8_t allocator;
	uint8_t ring_words; /* 0: there is no such kind */
	uint8_t wire_words;
};

extern const struct record_shape record_shapes[NR_KINDS];

/* A free with its call path; KIND_SITED is KIND_SIZED of an alloc. */
static inline bool is_sited(uint8_t kind)
{
	return kind & KIND_SITED && kind & FREE_BIT && kind < KIND_SELF;
}

/* By the first byte of a record, with or without KIND_SELF and KIND_SIZED. */
static inline const struct record_shape *shape_of(uint8_t kind)
{
	return &record_shapes[kind % NR_KINDS];
}

/* 0: there is no such kind. */
static inline uint32_t wire_words(uint8_t kind)
{
	const struct record_shape *shape = shape_of(kind);

	return kind & KIND_SIZED ? shape->ring_words : shape->wire_words;
}

/* ---- log.c: words to the user on stderr, and notes ---- */

/* One sentence and what to do; exits with 1. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * With --steps: "step NAME DONE OF" on stderr, a line of its own for the program that started us.
 * OF is 0 where a step has no parts.
 */
void say_step(const char *name, int done, int of);
/* With --steps: "note TEXT", what the trace that is being started will lack. */
void say_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A sentence for HOST's `notes`. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *notes_at(size_t index); /* NULL past the last */
/* True if a note was added since notes_sent(). */
bool notes_changed(void);
void notes_sent(void);
/* The first warning of libbpf since libbpf_listen(), as one line; "" if there was none. */
const char *libbpf_complaint(void);
void libbpf_listen(void);
/* A byte count as text, in static memory (four at a time). */
const char *human_bytes(double bytes);

/* ---- rights.c: capabilities ---- */

enum right { RIGHT_BPF, RIGHT_PERFMON, RIGHT_SYSLOG, RIGHT_SYS_ADMIN };

bool has_right(enum right right);
/*
 * Gives up, for good, all capabilities but BPF and PERFMON, with which a running trace
 * attaches second copies of programs. `keep_sys_admin`: and SYS_ADMIN. `keep_processes`: and those with which
 * mappings, files and memory of other processes are read. Files that were opened before stay readable.
 */
void drop_rights(bool keep_sys_admin, bool keep_processes);

/* ---- json.c ---- */

/* Text as a JSON string, quotes included; bytes above 0x7f pass unchanged. */
void json_string(FILE *out, const char *text);

/* ---- clock.c ---- */

#define SECOND_NS 1000000000ull

uint64_t monotonic_ns(void);
/* Sets time 0 of the trace, CLOCK_MONOTONIC ns. */
void trace_begins(uint64_t ns);
/* ns since time 0. */
uint64_t trace_time(void);
/* The same for a CLOCK_MONOTONIC time; 0 for what was before time 0. */
uint64_t trace_time_at(uint64_t ns);

/* ---- sample-state.c: the sample that is in force ---- */

struct sampling {
	uint32_t one_in; /* 1 address in `one_in` is traced */
	uint32_t seed;   /* selects these addresses */
	double overhead; /* share of all CPU time that tracing took at the last change, 0: there was none */
};

extern struct sampling sampling;
/* Sets it as the options ask. */
void sampling_begin(void);

#endif
