/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the loader share. One thread, one trace per process: the
 * state of a part is static in its file, and this header is what it offers;
 * what has to do with hooks is in hooks.h.
 */
#ifndef COLLECT_H
#define COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "unfreed.h"

struct unfreed; /* the skeleton: the loaded programs and maps */

/* ---- options.c: the command line ---- */

enum attach_mode { ATTACH_AUTO, ATTACH_BTF, ATTACH_TP };
enum stacks_mode { STACKS_AUTO, STACKS_WALK, STACKS_FAST };
enum twins_mode { TWINS_OFF, TWINS_ON, TWINS_AUTO };
enum self_mode { SELF_MARK, SELF_DROP, SELF_KEEP };

struct options {
	const char *output;      /* -o FILE, NULL: stdout */
	uint64_t duration_ns;    /* 0: until stopped */
	uint64_t max_bytes;      /* 0: no limit */
	uint64_t buffer_bytes;
	uint64_t min_bytes;
	uint32_t sample_one_in;
	uint32_t sample_seed;    /* which addresses those are */
	bool seed_given;
	double max_overhead;     /* share of all CPU time, 0: no limit */
	uint64_t min_age_ns;     /* 0: all events are sent at once */
	uint32_t max_young;      /* allocs that may wait to be old enough */
	uint32_t max_stacks;
	bool allocators[NR_ALLOCATORS];
	enum attach_mode attach;
	enum self_mode self;
	uint32_t self_pids[MAX_SELF - 1];
	uint32_t nr_self_pids;
	int ready_fd;            /* -1: none */
	enum stacks_mode stacks;
	uint32_t audit_one_in;
	bool audit_goes_on;      /* a mismatch does not end the fast path: to find them all */
	enum twins_mode twins;   /* two copies of each program */
	bool die_with_parent;
	bool probe;
	bool verbose;
	char **command;          /* after --, NULL: none */
};

/* Constant once options_parse() is back. */
extern const struct options *const options;
/* Exits with 0 after --help and --version, with 2 after a usage error. */
void options_parse(int argc, char **argv);
extern const char *const allocator_names[NR_ALLOCATORS];

/* ---- clock.c ---- */

#define SECOND_NS 1000000000ull

uint64_t monotonic_ns(void);
/* Time 0 of the trace, CLOCK_MONOTONIC ns. */
void trace_begins(uint64_t ns);
/* ns since then. */
uint64_t trace_time(void);

/* ---- sample-state.c ---- */

struct sampling {
	uint32_t one_in;  /* 1 address in so many is traced */
	uint32_t seed;    /* which addresses those are */
	double overhead;  /* what tracing took of all CPU time when the sample last changed, 0: it has not */
};

extern struct sampling sampling;
/* As the options have it. */
void sampling_begin(void);

/* ---- log.c: words to the user, always on stderr ---- */

/* One sentence and what to do; exits with 1. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A sentence for HOST's `notes`. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *notes_at(size_t index); /* NULL past the last */
/* Has a note come since notes_sent()? */
bool notes_changed(void);
void notes_sent(void);
/* libbpf's last complaint, one line, for the sentence of die(); "" if none */
const char *libbpf_complaint(void);
void libbpf_listen(void);
/* A byte count as text, in static memory (four at a time). */
const char *human_bytes(double bytes);

#include "hooks.h"

/* ---- ring.c: reading the ring without a call per record ---- */

/* Before load: their sizes. `apart`: events have a ring of their own. */
void ring_set_maps(struct unfreed *skel, uint64_t bytes, bool apart);
void ring_open(struct unfreed *skel);
/* What the kernel gave of --buffer. */
uint64_t ring_bytes(void);
/* Hands finished records to ring_record() until the ring is empty or `budget` bytes were read. */
uint64_t ring_drain(uint64_t budget);
/* Bytes that wait in the ring. */
uint64_t ring_backlog(void);
/*
 * Reads all that was reserved before the call, waiting for what is still being
 * filled in. False when that has taken more than a tenth of a second.
 */
bool ring_catch_up(void);

/* ---- relay.c: from a ring record to its message ---- */

void ring_record(const void *record, uint32_t bytes);
/* An event that did not come through the ring. */
void relay_event(const void *words, uint32_t bytes);
uint64_t relayed_events(void);
uint64_t last_event_time(void);

/* ---- stream.c: messages out ---- */

enum message_kind {
	MESSAGE_HOST = 1,
	MESSAGE_STACK,
	MESSAGE_COMM,
	MESSAGE_CACHE,
	MESSAGE_SYMBOL,
	MESSAGE_EVENTS,
	MESSAGE_LOSSES,
	MESSAGE_CLOCK,
	MESSAGE_COUNTERS,
	MESSAGE_END,
	MESSAGE_STACKS,
};

enum end_reason {
	END_NONE,
	END_SIGNAL,
	END_DURATION,
	END_COMMAND,
	END_PARENT,
	END_OUTPUT,
	END_SIZE,
	END_FAILED,
};

struct part {
	const void *bytes;
	size_t length;
};

/*
 * Opens the output and writes the stream header. While a reader is slow, still_wanted()
 * is asked whether the trace goes on; once it does not, the reader has two seconds.
 */
void stream_open(const char *path, bool (*still_wanted)(void));
void stream_message(enum message_kind kind, const struct part *parts, int nr_parts);
void stream_event(const void *words, uint32_t bytes);
/* Writes out all that is buffered. False once the output has failed. */
bool stream_flush(void);
uint64_t stream_bytes(void);   /* written and buffered */
int stream_fd(void);
int stream_error(void);        /* errno of the failed output, 0 = fine */
/* Last: END, flush, and for a file that failed, a cut after the last whole message. */
void stream_end(uint64_t time, enum end_reason reason, const char *detail);

/* ---- kallsyms.c: the kernel's symbols ---- */

struct name {
	const char *symbol;
	const char *module; /* "": core kernel */
	uint64_t address;   /* where the symbol starts */
};

void kallsyms_load(void);
/* False when the address has no name. */
bool kallsyms_name(uint64_t return_address, struct name *name);
/* Looks up symbols of any kind, data too; 0 for one that is not there. */
void kallsyms_addresses(const char *const *wanted, uint64_t *addresses, int nr);
/* Is it in a function whose name begins so? */
bool kallsyms_is(uint64_t return_address, const char *prefix);
/* Is it in the code that calls tracing programs? */
bool kallsyms_is_machinery(uint64_t return_address);
/* How many leading frames are the tracing itself. */
uint32_t kallsyms_machinery(const __u64 *frames, uint32_t depth);

/* ---- symbols.c: SYMBOL messages ---- */

void symbols_load(void);
/* Sends SYMBOL for the addresses not yet named. */
void symbols_announce(const __u64 *frames, uint32_t depth);
/* Once a second: modules come and go; `last` = no rate limit. */
void symbols_refresh(bool last);

/* ---- host.c ---- */

/* The first HOST. */
void host_open(uint64_t start_unix_ms);
/* Another one. */
void host_send(void);
/* Another one if there are new notes. */
void host_refresh(void);

/* ---- sampling.c: sampling ---- */

void sampling_set_rodata(struct unfreed *skel);
/* From now on 1 address in `one_in`; sends HOST at the place in the stream where that begins. */
void sampling_move(struct unfreed *skel, uint32_t one_in, double overhead);
/* Is the event about an address that is sampled now? */
bool is_sampled(const __u64 *words);

/* ---- budget.c: --max-overhead ---- */

void budget_open(struct unfreed *skel);
/* Called often: measures now and then, and moves to another sample when it is time. */
void budget_tick(void);

/* ---- min-age.c: --min-age ---- */

/* `with_buckets`: the object is the fast one. */
void min_age_set_maps(struct unfreed *skel, bool with_buckets);
void min_age_open(struct unfreed *skel);
/* Now and then: sends what has become old enough. The ring must have been read up to this moment. */
bool min_age_due(uint64_t time);
void min_age_sweep(uint64_t time);
/* After the last event: what is old enough at `end` is sent, the rest counted. Nothing is sent unless `send`. */
void min_age_end(uint64_t end, bool send);

/* ---- counters.c ---- */

/* Reads the kernel's counters now, sends them later (before the stream begins). */
void counters_capture(void);
void counters_send_captured(void);
void counters_sample(uint64_t time, bool all);
void losses_open(struct unfreed *skel);
/* Sends the growth of all losses. */
void losses_sample(uint64_t time);
/* Adds what the loader itself did not send to the next sample. */
void losses_add(enum loss_cause cause, enum event_kind kind, uint64_t count, uint64_t bytes);
uint64_t losses_events(void);  /* events lost so far, to whatever */
uint64_t losses_to_ring(void); /* of those, because the ring was full */
uint64_t meminfo_total_bytes(void);

/* ---- fast-stack.c: call paths without a walk (FAST-STACKS.md) ---- */

/* NULL, or why this kernel cannot have them. */
const char *fast_stacks_impossible(void);
/* `loaded` is the other object (fast-object.c). Switches them on, or notes why not and returns false. */
bool fast_stacks_open(struct unfreed *loaded);
/* A record of the ring that is for here. */
void fast_stacks_record(const void *record);
void fast_stacks_saw(const __u64 *frames, uint32_t depth);
/* Sends STACKS if it has changed. */
void fast_stacks_sample(uint64_t time);
const void *fast_object_bytes(size_t *bytes);

/* ---- pc-table.c: where the next return address lies ---- */

/* False with errno set. */
bool pc_table_open(struct unfreed *skel);
void pc_table_learn(uint64_t pc, bool interrupted);
/* The pcs of a path that was walked: the next one will not have to be. */
void pc_table_saw(const __u64 *frames, uint32_t depth);
/* What it has for a return address, 0 = nothing. */
uint64_t pc_table_word(uint64_t pc);

/* ---- path-tree.c: the call paths that are known already ---- */

/* False with errno set. */
bool path_tree_open(struct unfreed *skel);
bool path_tree_has_room(void);
/* Of a hook whose paths start there. */
void path_tree_saw(const struct path_seen *seen, const struct fast_start *start);
/* For --verbose. */
void path_tree_say(void);

/* ---- orc.c: the kernel's unwind table ---- */

struct orc_frame {
	enum pc_kind kind;
	int offset;
	uint32_t bp; /* how far below the frame's end bp was saved, 0: it was not */
};

/* NULL, or why the table cannot be had. */
const char *orc_read(struct unfreed *skel);
void orc_forget(void);
struct orc_frame orc_frame(uint64_t pc, bool interrupted);
/* What the table has for pc, as text. */
const char *orc_words(uint64_t pc, bool interrupted);

/* ---- command.c ---- */

/* 0, or the errno for which it does not run. */
int command_start(char **argv, bool stream_on_stdout);
/* True once it has exited; *detail says how. */
bool command_exited(const char **detail);
void command_stop(void);

/* ---- probe.c ---- */

int probe_print(configure_programs *configure);

/* ---- progress.c ---- */

/* One line on stderr, rewritten in place; only with -o and a terminal. */
void progress_show(uint64_t time);
/* The exit status; `error` is the output's errno. A reader that went away is how a live view ends: 0. */
int progress_result(int error);

/* ---- ending.c: when the trace ends, and why ---- */

/* First of all: blocks the signals that end a trace. */
void ending_watch_signals(void);
void ending_open(struct unfreed *skel);
/* No event after this; returns the trace time of the last one, at most. */
uint64_t ending_quiet(void);
/* Asked while a slow reader holds us up: does the trace go on? If not, no more events are taken. */
bool trace_wanted(void);
/* The first reason counts. */
void end_because(enum end_reason reason, const char *detail);
/* But for this one, which replaces any. */
void end_by_output(int error);
enum end_reason end_reason(void); /* END_NONE: it goes on */
const char *end_detail(void);
/* Looks for every reason but a failed output. */
void check_ends(uint64_t time);
/* What the stream may still grow by before --max-bytes ends the trace. */
uint64_t bytes_left(void);
/* Until a signal comes, the reader goes away, or `ms` have passed. */
void sleep_for(int ms);

#endif
