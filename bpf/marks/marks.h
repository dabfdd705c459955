/* SPDX-License-Identifier: MIT */
/* What happened while memory was traced, and whose processes live: the MARK and LIVES messages. */
#ifndef MARKS_H
#define MARKS_H

#include "attach.h"

struct marks; /* the skeleton */
struct mark_hook;

/* ---- open.c: which hooks this kernel has; loading and attaching them ---- */

/* What the layer above wants to be told; a NULL is not called. */
struct marks_calls {
	/* A cgroup is there now, by this path within its hierarchy: a new one, or one with a new name. */
	void (*made)(uint64_t id, const char *path);
	/* It was removed, at this time of the trace. */
	void (*removed)(uint64_t id, uint64_t time);
	/* Of the cgroups of this hierarchy alone: its number in /proc/cgroups, 0 for version 2. */
	uint32_t hierarchy;
};

/* Notes what this kernel or its rights lack; the trace goes on without it. Before rights are given up. */
void marks_open(const struct marks_calls *calls);
/* The execs and exits of this process, and of all that it starts, are marks. */
void marks_watch(uint32_t tgid);
/* Sends what is left, and nothing stays attached. */
void marks_stop(void);

/* The program of this hook is attached. */
bool marks_attached(const struct mark_hook *hook);

/* ---- abilities.c ---- */

/*
 * The name of kind `i` of events, NULL beyond the last one. *why is NULL where this kernel can tell of them, once
 * marks_open() has run; else what is wrong with the hook *subject.
 */
const char *mark_ability(size_t i, const char **subject, const char **why);

/* ---- state.c ---- */

extern struct marks *marks_skel; /* NULL: marks are not there */
extern const struct marks_calls *marks_told;

/* ---- hooks-here.c: the table of hooks ---- */

/* Programs of one subject are loaded together, or none of them. */
enum mark_subject {
	SUBJECT_OOM,
	SUBJECT_OOM_CALL,
	SUBJECT_RECLAIM,
	SUBJECT_COMPACTION,
	SUBJECT_CALLS,
	SUBJECT_SLOW_CALLS,
	SUBJECT_CGROUPS,
	SUBJECT_MODULES,
	SUBJECT_LIVES,
	NR_MARK_SUBJECTS,
};

struct mark_hook {
	enum mark_subject subject;
	const char *program;
	const char *tracepoint; /* NULL: a function */
	const char *call;       /* of a system call's function: its name without the architecture's prefix */
	bool optional;          /* its absence takes nothing from the subject worth a note */
};

extern const struct mark_hook mark_hooks[];
extern const size_t nr_mark_hooks;
extern const char *const mark_subjects[NR_MARK_SUBJECTS]; /* for a note */
/* The function that it hooks here, in static memory; "" for a tracepoint that is there; NULL: this kernel lacks it. */
const char *mark_hook_target(const struct mark_hook *hook);

/* ---- records.c: from a record in the ring to its message ---- */

void marks_ring_open(int map_fd);
void marks_ring_close(void);
/* Sends all records that are finished; tells of cgroups. Costs nothing if there are none. */
void marks_drain(void);
/* Sends the rows of LIVES that were gathered. */
void marks_flush(void);

/* ---- message.c ---- */

/* `texts`: strings, up to NULL. */
void marks_send(const struct mark_record *mark, const char *const *texts);

/* ---- sums.c: stalls that were too short to be sent one by one ---- */

/* Once a second: sends the sums of the interval before the last call. `all`: and those after it, at the end. */
void marks_sums(bool all);

/* ---- victim.c ---- */

/* Of a kernel that tells a victim's number alone: reads the rest of /proc, if the process is still there. */
void marks_ask_proc(const char *proc, struct oom_record *record);
/* Whose limit was met, by a call path of MARK_FRAMES at most. */
enum oom_scope marks_oom_scope(const __u64 *frames);

#endif
