/* SPDX-License-Identifier: MIT */
/* A running trace: its records are read and sent on, and its end. */
#ifndef TRACE_H
#define TRACE_H

#include "heap.h"
#include "preload.h"
#include "marks.h"

/* ---- ring.c: reads the rings without a call per record ---- */

/* Before load: their sizes. `apart`: events have a ring of their own. */
void ring_set_maps(struct unfreed *skel, uint64_t bytes, bool apart);
void ring_open(struct unfreed *skel);
/* The part of --buffer for which there was memory. */
uint64_t ring_bytes(void);
/* Hands finished records to ring_record() until the ring is empty or `budget` bytes were read. */
uint64_t ring_drain(uint64_t budget);
/* Bytes that wait in the ring. */
uint64_t ring_backlog(void);
/*
 * Reads all records that were reserved before the call, and waits for those that are
 * still being filled in. False when that has taken more than a tenth of a second.
 */
bool ring_catch_up(void);

/* ---- relay.c: from a ring record to its message ---- */

void ring_record(const void *record, uint32_t bytes);
/* An event that did not come through the ring. */
void relay_event(const void *words, uint32_t bytes);
uint64_t relayed_events(void);
uint64_t last_event_time(void);
uint64_t relayed_stacks(void); /* call paths, of allocs and frees */
uint64_t relayed_sites(void);  /* frees with their call path */

/* ---- host.c: HOST ---- */

/* Sends the first one. */
void host_open(uint64_t start_unix_ms);
/* Sends another one. */
void host_send(void);
/* Sends another one if there are new notes. */
void host_refresh(void);

/* ---- aliases.c: ALIASES ---- */

/* Sends the names of merged slab caches; nothing where /sys/kernel/slab cannot be read. */
void aliases_send(void);

/* ---- cgroups.c: CGROUP ---- */

/* Before the trace: opens the marks, which tell of new cgroups, and reads which there are. */
void cgroups_open(void);
/* Each second: looks for cgroups that nobody said are gone. */
void cgroups_sample(uint64_t time);
/* The cgroup that counts the memory of a process, which the reader has been told of; 0: not known. */
uint64_t cgroup_of_process(pid_t pid);
/* Sends the path of a cgroup that the reader does not know; 0 is none. */
void cgroups_name(uint64_t id);

/* ---- sampling.c ---- */

void sampling_set_rodata(struct unfreed *skel);
/* From now on 1 address in `one_in`; sends HOST at the place in the stream where that begins. */
void sampling_move(struct unfreed *skel, uint32_t one_in, double overhead);
/* True if the event is about an address of the present sample. */
bool is_sampled(const __u64 *words);

/* Once a second: how many frees are sent with their call path. */
void sites_each_second(struct unfreed *skel);

/* ---- budget.c: --max-overhead ---- */

void budget_open(struct unfreed *skel);
/* Called often: measures now and then, and changes the sample when it is time. */
void budget_tick(void);

/* ---- min-age.c: --min-age ---- */

/* `with_buckets`: the object is the fast one. */
void min_age_set_maps(struct unfreed *skel, bool with_buckets);
void min_age_open(struct unfreed *skel);
bool min_age_due(uint64_t time);
/* Sends the allocs that have become old enough. The ring must have been read up to this moment. */
void min_age_sweep(uint64_t time);
/* After the last event: sends the allocs that are old enough at `end`, counts the others. Without `send` all are counted. */
void min_age_end(uint64_t end, bool send);

/* ---- processes.c: which processes are gone, and what the others map ---- */

void processes_open(void);
/* A process took pages. */
void processes_saw(uint32_t tgid, uint64_t pages);
void processes_sample(uint64_t time);

/* ---- process-memory.c: the memory of processes ---- */

/* Before the command's process is made: its heap may need something in its environment. preload_prepared() ends that. */
void processes_memory_prepare(void);
/* Loads and attaches; dies with a sentence if nothing can be traced. */
void processes_memory_open(void);

/* What a turn of the loop has found. */
struct processes_drained {
	bool any;
	bool waits;    /* there is more, and it is older than now */
	uint64_t time; /* as far as it has come, 0: not known */
};

struct processes_drained processes_memory_drain(uint64_t budget);
void processes_memory_each_second(uint64_t time);
/* Sends what is left, and nothing stays attached. */
void processes_memory_stop(uint64_t end);

/* ---- counters.c: COUNTERS and LOSSES ---- */

/* Reads the kernel's counters before the stream begins; counters_send_captured() sends them. */
void counters_capture(void);
void counters_send_captured(void);
void counters_sample(uint64_t time, bool all);
/* Sends the text of processes.c. */
void counters_send_processes(uint64_t time, const char *text, size_t length);
void losses_open(struct unfreed *skel);
/* Sends the growth of all losses. */
void losses_sample(uint64_t time);
/* Adds events that the loader itself did not send to the next losses_sample(). */
void losses_add(enum loss_cause cause, enum event_kind kind, uint64_t count, uint64_t bytes);
uint64_t losses_events(void);  /* events lost so far, for any cause */
uint64_t losses_to_ring(void); /* of those, because the ring was full */
uint64_t meminfo_total_bytes(void);

/* ---- command.c ---- */

/* Makes its process, which waits; before any right is given up. 0, or the errno for which there is none. */
int command_prepare(char **argv, bool stream_on_stdout);
/* 0, or the errno for which it does not run. */
int command_start(void);
/* Its process, in the collector's PID namespace. */
uint32_t command_pid(void);
/* True once it has exited; *detail says how. */
bool command_exited(const char **detail);
void command_stop(void);

/* ---- ending.c: when the trace ends, and why ---- */

/* Before anything is loaded: blocks the signals that end a trace. */
void ending_watch_signals(void);
/* Exits with a sentence if a signal has asked for the end before events flow. */
void die_if_stopped(void);
void ending_open(struct unfreed *skel);
/* Stops events for good; returns the trace time at which they stopped. */
uint64_t ending_quiet(void);
/* Asked while a slow reader holds us up: true while the trace goes on. Once it does not, events are stopped. */
bool trace_wanted(void);
/* The first reason counts. */
void end_because(enum end_reason reason, const char *detail);
/* The output failed: replaces any other reason. */
void end_by_output(int error);
enum end_reason end_reason(void); /* END_NONE: the trace goes on */
const char *end_detail(void);
/* Looks for every reason but a failed output. */
void check_ends(uint64_t time);
/* Bytes by which the stream may still grow before --max-bytes ends the trace, UINT64_MAX without a limit. */
uint64_t bytes_left(void);
/* Until a signal comes, the reader goes away, or `ms` have passed. */
void sleep_for(int ms);

/* ---- probe.c ---- */

int probe_print(configure_programs *configure);

/* ---- progress.c ---- */

/* One line on stderr, rewritten in place; only with -o and a terminal. */
void progress_show(uint64_t time);
/* The exit status; `error` is the output's errno. A reader that went away is how a live view ends: 0. */
int progress_result(int error);

#endif
