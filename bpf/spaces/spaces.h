/* SPDX-License-Identifier: MIT */
/*
 * The address spaces of the processes that are traced: what is mapped in them and by which call path, and the
 * messages PROCESS, IMAGE, HELD and RESIDENT.
 */
#ifndef SPACES_H
#define SPACES_H

#include "attach.h"
#include "process.h"
#include "space-records.h"

/* ---- table.c: which processes are traced ---- */

/* Numbers on the wire. */
enum space_why { SPACE_FIRST = 1, SPACE_FORK, SPACE_EXEC, SPACE_EXIT };

struct range {
	uint64_t start, end;
	bool reserved; /* PROT_NONE: no access is allowed */
};

/* What is mapped as far as the stream says: in order, neighbours that are alike are one. */
struct ranges {
	struct range *at;
	uint32_t nr, room;
	bool apart; /* neighbours that are alike stay two */
};

/* The program of a process, and its arguments, joined by spaces: untrusted bytes. */
struct program {
	char *exe, *arguments;
};

struct space {
	uint32_t number; /* of the stream, from 1 on */
	pid_t pid;
	uint64_t begun_ns; /* trace time */
	uint64_t cgroup;   /* 0: not known */
	struct process_code code;
	uint32_t loads; /* of code: another library may lie where one was */
	struct ranges ranges;
	uint64_t break_at;        /* end of the heap that brk(2) moves, 0: not known yet */
	struct ranges shared;     /* System V segments, one range each: shmdt() names no size */
	struct ranges *touched;   /* while an audit runs: what events have changed meanwhile; NULL: none runs */
	uint64_t heap_bytes;      /* of [heap], when mappings were read last */
	bool looked;              /* its mappings were read since it began */
	bool ended;
	uint64_t late, gone;      /* bytes that the audit found mapped, and gone, without an event */
	uint64_t looked_ns;       /* when, CLOCK_MONOTONIC */
	uint64_t looking_ns;      /* how long it took */
	uint64_t resident_ns;     /* when its resident pages were looked at */
	struct range own;         /* where our library lies in it */
	struct program program;
	void *heap;               /* of the layer above */
	struct space *next;
};

#define MOST_SPACES 65535
/* The library of ours in traced processes (preload/library/), and the memory that it shares with us. */
#define OWN_LIBRARY "unfreed-heap"
#define MOST_PROCESS_TEXT 4096

/* What the layers above want to be told; a NULL is not called. */
struct spaces_calls {
	/* before the PROCESS of a new one is sent: what its parent, or the program before, did until then has to come first */
	void (*beginning)(pid_t pid, enum space_why why, struct space *parent, uint64_t time);
	void (*began)(struct space *space, enum space_why why);
	/* before its end is sent */
	void (*ended)(struct space *space, uint64_t time);
	/* code was mapped: a library was loaded */
	void (*code_changed)(struct space *space);
	/* the cgroup that counts its memory, which the reader has been told of; 0: not known */
	uint64_t (*cgroup_of)(pid_t pid);
};

void spaces_tell(const struct spaces_calls *calls);
/* Code was mapped, or the process is new. Opens its files, which may be gone soon, as it may be itself. */
void space_code_changed(struct space *space);


/* NULL: it is not traced. A child that runs in the memory of its parent, as after vfork(), has its parent's. */
struct space *space_of(pid_t tgid);
struct space *space_numbered(uint32_t number);
/* In the order in which they began. */
struct space *spaces_first(void);
uint32_t spaces_alive(void);
/*
 * Sends PROCESS. `parent`: whose memory it has a copy of (SPACE_FORK; NULL: of none), or what the process was before
 * (SPACE_EXEC). `program`: what it runs; NULL: that of its parent, or as /proc says. Its texts are the callee's from then
 * on. NULL: there are too many, which is noted.
 */
struct space *space_begin(pid_t pid, enum space_why why, struct space *parent, const struct program *program, uint64_t time);
/* Sends PROCESS, and forgets what is mapped. `stays`: what it holds was not freed, the trace ends with it. */
void space_end(struct space *space, uint64_t time, bool stays);
/* Asks for its cgroup again: it may have been moved. */
void space_look_at_cgroup(struct space *space);
/* From now on the process `pid` is found as this one, until it begins or ends itself. */
void space_share(pid_t pid, struct space *space);
/* False: it did not share one. */
bool space_unshare(pid_t pid);

/* ---- paths.c: call paths, names ---- */

/*
 * The id of a call path of this process, addresses leaf first; what it needs (STACK, IMAGE, SYMBOL) is sent before.
 * `interrupted` is as in user_walk, NULL: the first address alone is of no return. 0: `nr` is 0.
 */
uint32_t space_stack(struct space *space, const uint64_t *addresses, const bool *interrupted, unsigned nr);
/* The id of a call path of one frame that stands for what nobody saw being mapped. `label`: untrusted bytes. */
uint32_t space_label(const char *label);
/* The id of the name of a task of this process, of COMM_BYTES at most. */
uint32_t space_comm(const struct space *space, const char *comm);
/* The id of what a mapping was asked for as ("MAP_STACK"), a literal: it is sent as a CACHE. */
uint32_t space_made_as(const char *flag);
uint64_t space_stacks(void); /* call paths sent */

/* ---- messages.c: events ---- */

/* In the order in which they happened; times are of the trace. */
struct space_task {
	uint64_t time;
	uint32_t stack, comm;
	unsigned cpu;
	uint32_t made_as; /* of space_made_as() */
	bool own;         /* it is the tracer's, which the process would not have without it */
};

void space_heap_alloc(const struct space *space, uint64_t time, uint64_t address, uint64_t bytes, uint32_t stack, uint32_t comm,
		      unsigned cpu);
/* KIND_HEAP_FREE, KIND_HEAP_FREE_UNLESS or KIND_HEAP_UNDO */
void space_heap_free(const struct space *space, uint64_t time, uint64_t address, enum event_kind kind);
void space_map(struct space *space, const struct space_task *task, uint64_t start, uint64_t bytes, bool reserved);
void space_unmap(struct space *space, uint64_t time, uint64_t start, uint64_t bytes);
void space_move(struct space *space, uint64_t time, uint64_t from, uint64_t to, uint64_t bytes);
/* What is mapped in the range becomes reserved, or usable. */
void space_protect(struct space *space, uint64_t time, uint64_t start, uint64_t bytes, bool reserved);
/* Events sent so far. */
uint64_t space_events(void);

/* ---- ranges.c ---- */

/* Replaces what is there. */
void ranges_put(struct ranges *ranges, uint64_t start, uint64_t end, bool reserved);
void ranges_take(struct ranges *ranges, uint64_t start, uint64_t end);
/* What of the range is there, becomes reserved or usable. */
void ranges_mark(struct ranges *ranges, uint64_t start, uint64_t end, bool reserved);
void ranges_copy(struct ranges *ranges, const struct ranges *from);
/* What of [start, end) is there, cut to it, in new memory: `ranges` may be changed while one walks over it. */
void ranges_within(const struct ranges *ranges, uint64_t start, uint64_t end, struct ranges *parts);
void ranges_free(struct ranges *ranges);
uint64_t ranges_bytes(const struct ranges *ranges);
/* Of [start, end): called for each part, in order; what is `there` is reserved or not. */
typedef void ranges_part(void *context, uint64_t start, uint64_t end, bool there, bool reserved);
void ranges_each(const struct ranges *ranges, uint64_t start, uint64_t end, ranges_part *part, void *context);

/* ---- audit.c: what the kernel says is mapped ---- */

/* Sends what is mapped now as from before the trace. NULL, or why it cannot be read. */
const char *space_look_first(struct space *space);
/* Compares, and sends what differs: it was mapped or unmapped without an event. */
void space_audit(struct space *space);
/* A library of the tracer's was loaded into the process: what it has mapped is the tracer's own. */
void space_look_for_own(struct space *space);
/* True if what begins at an address is of our library, or of memory that it shares with us. */
bool mapped_is_own(pid_t pid, uint64_t address);
/* What a process has at an address, in bytes; 0: nothing begins there. */
uint64_t mapped_at(pid_t pid, uint64_t address);

/* ---- labels.c ---- */

/* What a mapping is called that nobody saw being made, in static memory. */
const char *mapping_label(const struct mapping *mapping);

/* ---- figures.c ---- */

/* Sends the figures of all processes. */
void spaces_figures(uint64_t time);
/* What of each mapping is resident. */
void space_resident(struct space *space, uint64_t time);

/* ---- records.c ---- */

/* A record of the ring. */
int space_record(void *context, void *data, size_t bytes);

/* ---- ring.c ---- */

/* The process is not traced after all. */
void space_leave_alone(pid_t pid);

typedef int space_take(void *context, void *data, size_t bytes);
/* Of the programs: the ring, and the processes that are traced. */
void spaces_ring_open(int map_fd, int traced_fd, space_take *take);
void spaces_ring_close(void);
/* Takes all records that are there. */
void spaces_consume(void);

/* ---- open.c ---- */

/* Loads and attaches; dies with a sentence if that is impossible. Before rights are given up. */
void spaces_open(const struct spaces_calls *calls);
/* Once time has begun: the processes of the options. */
void spaces_start(void);
/* The command that waits to be run. */
void spaces_expect(pid_t pid);
/* Sends what has happened. */
void spaces_drain(void);
/* Once a second. */
void spaces_each_second(uint64_t time);
/* Processes come or go: their files must be read before they are gone. */
bool spaces_busy(void);
/* All that was traced has ended. */
bool spaces_over(void);
/* Events that found no room in the ring so far. */
uint64_t spaces_lost(void);
void spaces_stop(uint64_t end);

#endif
