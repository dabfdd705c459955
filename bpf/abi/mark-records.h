/* SPDX-License-Identifier: MIT */
/*
 * What programs/marks.bpf.c and marks/ agree on: the records of their ring. Kinds are wire numbers
 * (bpf/README.md, MARK and LIVES; src/event/marks/marks.ts).
 *
 * Include after vmlinux.h or <linux/types.h>: only __u8..__u64 are used.
 */
#ifndef MARK_RECORDS_H
#define MARK_RECORDS_H

#define MARKS_RING_BYTES (1 << 20)
#define MARK_COMM_BYTES 16
#define MARK_VALUES 14
/* The path of a cgroup or a file; longer ones are cut. */
#define MARK_PATH_BYTES 512
#define MARK_SHORT_PATH_BYTES 128
/* The path of a cgroup from its names, leaf first: those of so many levels, so long each. */
#define MARK_LEVELS 10
#define MARK_NAME_BYTES 96
/* Of a call path: an OOM kill begins less than so far above. */
#define MARK_FRAMES 24
/* --watch */
#define MAX_WATCHED_COMMS 8

enum mark_kind {
	MARK_USER = 1, /* set by a person: the loader never sends it */
	MARK_OOM_KILL,
	MARK_RECLAIM,
	MARK_MEMCG_RECLAIM,
	MARK_COMPACTION,
	MARK_SHMGET,
	MARK_SHMAT,
	MARK_SHMDT,
	MARK_SHMCTL,
	MARK_CGROUP_MADE,
	MARK_CGROUP_REMOVED,
	MARK_CGROUP_RENAMED,
	MARK_MODULE_LOADED,
	MARK_MODULE_UNLOADED,
	MARK_SWAP_ON,
	MARK_SWAP_OFF,
	MARK_DROP_CACHES, /* found by whoever reads vmstat: the loader never sends it */
	MARK_EXEC,
	MARK_EXIT,
	MARK_CGROUP_RELEASED,
	NR_MARK_KINDS,
	/* in the ring alone: a row of LIVES, with its enum life_event added */
	RECORD_LIFE = 64,
};

enum life_event { LIFE_START = 1, LIFE_EXEC, LIFE_EXIT };

/* How an OOM kill came about: 0 not known, 1 + enum oom_constraint of the kernel, or by sysrq */
enum oom_scope { OOM_SCOPE_UNKNOWN, OOM_SCOPE_GLOBAL, OOM_SCOPE_CGROUP = 4, OOM_SCOPE_SYSRQ };

/* All records begin like this. Time is CLOCK_MONOTONIC. */
struct life_record {
	__u64 time;
	__u32 kind;
	__u32 pid;    /* tgid */
	__u32 parent; /* of LIFE_START */
	__u32 zero;
};

struct mark_record {
	__u64 time;
	__u32 kind;
	__u32 pid; /* tgid of who did it, or was held up by it */
	__u32 tid;
	__u32 nr_values;
	char comm[MARK_COMM_BYTES];
	__s64 value[MARK_VALUES];
};

/* With a path: of a file, of a cgroup; or a module's name. */
struct path_record {
	struct mark_record mark;
	char path[MARK_PATH_BYTES];
};

/* A cgroup with a shorter one: read like the former. */
struct short_path_record {
	struct mark_record mark;
	char path[MARK_SHORT_PATH_BYTES];
};

struct oom_record {
	struct mark_record mark;
	char comm[MARK_COMM_BYTES]; /* the victim's */
	__u64 frames[MARK_FRAMES];  /* the call path, leaf first, 0 after the last */
	__u64 room[MARK_LEVELS];    /* of the cgroup in `limited` and those above it: pages below the limit, as s64; none past the root */
	__u64 names_are_of_asker;   /* `limited` is the cgroup of the task that asked: the limit may be of one above it */
	/* the cgroup that met its limit, and the victim's own */
	char limited[MARK_LEVELS][MARK_NAME_BYTES];
	char cgroup[MARK_LEVELS][MARK_NAME_BYTES];
};

/* Stalls shorter than the bound, of one process and kind */
struct stall_key {
	__u32 kind;
	__u32 pid;
};

struct stall_sum {
	__u64 count;
	__u64 ns;
	__u64 longest_ns;
	__u64 pages;
	char comm[MARK_COMM_BYTES];
};

#endif
