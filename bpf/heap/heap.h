/* SPDX-License-Identifier: MIT */
/* The heap of running processes, by uprobes on the functions of their allocators. */
#ifndef HEAP_H
#define HEAP_H

#include "spaces.h"
#include "heap-records.h"
#include "instruction.h"

struct heap; /* the skeleton */
struct bpf_program;

/* How programs are attached; the first that the kernel has. */
enum heap_way {
	HEAP_WAY_AUTO,
	HEAP_WAY_SESSION, /* one program for the call and its return, 6.13 on */
	HEAP_WAY_MULTI,   /* two programs, each attached to all functions at once, 6.6 on */
	HEAP_WAY_PERF,    /* a perf event for each function and program */
	NR_HEAP_WAYS,
};

struct heap_settings {
	enum heap_way way;
	uint64_t ring_bytes;   /* 0: 64 MiB; a power of two */
	uint32_t audit_one_in; /* call paths of the programs that are walked by the loader too, 0: none */
	const char *prefix;    /* of the functions of an allocator, beside those that are known; NULL: none */
	bool throwing;         /* probe functions that throw exceptions too: an exception of theirs then ends the process */
};

/* ---- state.c: the loaded programs ---- */

extern struct heap *heap_skel; /* NULL: not open */
extern const struct heap_settings *heap_settings;
enum heap_way heap_way(void);
void heap_way_chosen(enum heap_way way);
const char *heap_way_name(enum heap_way way);
/* Of a role, for the call; `*any_return` is set to the one for returns, -1: it sees them by itself. */
int heap_program(enum heap_role role, int *any_return);
struct bpf_program *heap_program_of(enum heap_role role, bool session);

/* ---- open.c ---- */

/*
 * Loads the programs; nothing is traced until heap_began(). NULL, or why this kernel or its rights do not allow it, in static
 * memory. Before rights are given up: attaching needs CAP_SYS_ADMIN.
 */
const char *heap_open(const struct heap_settings *settings);
/* Nothing stays attached; what is in the ring is sent. */
void heap_close(void);

/* ---- targets.c: the processes ---- */

/* What spaces/ tells of: from now on this process is traced, too. */
void heap_began(struct space *space, enum space_why why);
void heap_ended(struct space *space);
void heap_code_changed(struct space *space);

/* A path that leads to this very file, and not to one that was put in its place since. */
void heap_path_of_file(pid_t pid, const struct mapping *mapping, char *path, size_t bytes);

/* What is probed in a process. */
struct heap_target {
	struct space *space;  /* NULL: it has ended */
	pid_t pid;
	bool known;           /* to the programs */
	uint64_t trampoline;  /* of return probes, 0: it has none yet */
	uint64_t looked_ns;   /* for it, CLOCK_MONOTONIC */
	uint64_t loads_ns;    /* when it has called dlopen(), 0: that is long ago */
	uint32_t *images;     /* that were looked through, by number */
	uint32_t nr_images;
	int *links;
	uint32_t nr_links;
	uint32_t allocs, releases; /* functions that are probed */
	struct heap_target *next;
};

/* NULL: nothing of it is traced. */
const struct heap_target *heap_target_of(pid_t pid);
/* Those that have ended are detached. */
void heap_targets_sweep(void);
void heap_targets_close(void);

/* ---- known.c: what the programs know of a process ---- */

/* Its events begin; what was known of its addresses is known no more. */
void heap_make_known(struct heap_target *target);
void heap_make_unknown(const struct heap_target *target);
/* A function whose return is probed was called: there is a trampoline now. */
void heap_target_called(struct heap_target *target);
/* It has called dlopen(). */
void heap_target_loads(struct heap_target *target);
/*
 * Before a stack of it is walked: its mappings as they are now, if it has called dlopen() a moment ago. `now`: in any
 * case. True: they were read.
 */
bool heap_target_refresh(struct heap_target *target, bool now);

/* ---- names.c ---- */

/* The role of a function by its name; -1: it is of no allocator. `prefix`: as in the settings. */
int heap_role_of(const char *name, const char *prefix);
/* It is one of operator new and delete, which mostly call malloc and free: those are counted then. */
bool heap_is_operator(const char *name);
/*
 * It may throw an exception. A probe of its return takes the place of its return address, which the exception then
 * does not find its way through: the process would be terminated.
 */
bool heap_throws(const char *name);

/* ---- places.c: what to probe in a file ---- */

#define MOST_HEAP_PLACES 256

struct heap_place {
	uint8_t role;     /* enum heap_role */
	uint8_t moved_by; /* bytes from the function's start to the probe */
	uint64_t start;   /* the function's, virtual address of the file */
	uint64_t offset;  /* of the probe in the file */
	char name[64];
};

/*
 * Returns how many. 0: the file defines no allocator, or is none that can be read. `throwing`: functions that are left out
 * because they may throw, and that call no other one which is probed.
 */
unsigned heap_places(struct image *image, pid_t pid, const struct mapping *mapping, struct heap_place *places, unsigned *throwing);

/* ---- attach.c ---- */

/* Whether this kernel has uprobe_multi, or sessions of it, and counts threads of a process as the process. */
bool heap_has_multi(int program, bool session);
/*
 * Attaches a program to places of one file of a process. `returns`: to the return. Adds the descriptors to `links`, of which
 * there is room for `nr`; returns how many, -1 with errno.
 */
int heap_attach(enum heap_way way, int program, pid_t pid, const char *path, const struct heap_place *const *places, unsigned nr,
		bool returns, int *links);

/* ---- confined.c: processes under seccomp ---- */

bool heap_is_confined(pid_t pid);
/* Such a process survives a probe of a function's return on this kernel. Asked of it once, by child processes. */
bool heap_confined_are_safe(void);

/* ---- steps.c: the table of steps in the kernel ---- */

bool heap_steps_open(int map_fd);
void heap_steps_close(void);
/* What is known of a place from now on; the first byte behind a call, or with `interrupted` the next instruction. */
void heap_step_learn(struct space *space, uint64_t salt, uint64_t pc, bool interrupted);
/*
 * An address that the programs asked for, and that is not on the path that was walked. It may be no return address; that
 * is forgotten within a second, for a JIT may put code there.
 */
void heap_step_asked(struct space *space, uint64_t salt, uint64_t pc);
void heap_steps_each_second(void);

/* ---- paths.c: call paths by their hash ---- */

void heap_path_known(struct space *space, const struct heap_path *record);
/* The stream's id of a path, 0: it is not known. */
uint32_t heap_path_id(uint64_t hash);
/* Walks a copy of a stack; learns its addresses; returns the stream's id of its path. */
uint32_t heap_path_walk(struct space *space, const struct heap_stack *record);
/* Walks one whose path the programs have found: counts it if they found another one. */
void heap_path_audit(struct space *space, const struct heap_stack *record);
uint64_t heap_mismatches(void);
void heap_paths_forget(void);

/* ---- records.c ---- */

void heap_ring_open(int map_fd);
void heap_ring_close(void);
/* Sends what has happened up to a time of the trace, `budget` bytes of it at most; returns how many it took. */
uint64_t heap_drain(uint64_t budget, uint64_t until);
/* poll(2) says of it that it can be read when the programs need an answer; -1: not open. */
int heap_ring_fd(void);
/* Bytes that wait. */
uint64_t heap_backlog(void);
uint64_t heap_events(void);

/* ---- losses.c ---- */

/* Once a second: sends LOSSES and STACKS, if they have changed. */
void heap_sample(uint64_t time);
/* Sums over all CPUs. */
void heap_counts_read(struct heap_counts *counts);

/* ---- count.c ---- */

struct heap_count {
	double allocs, releases; /* calls a second */
	uint32_t functions;      /* that were probed */
	double cpu_share;        /* of one CPU that tracing will take, estimated */
};

/* Counts the calls of a process for that long, which it pays for. NULL, or why it cannot. */
const char *heap_count(pid_t pid, unsigned ms, struct heap_count *count);

#endif
