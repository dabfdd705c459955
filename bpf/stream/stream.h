/* SPDX-License-Identifier: MIT */
/* Bytes out: the messages of bpf/README.md. */
#ifndef STREAM_H
#define STREAM_H

#include "kernel.h"

/* ---- stream.c ---- */

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
	MESSAGE_ALIASES,
	MESSAGE_CGROUP,
	MESSAGE_MARK = 14,
	MESSAGE_LIVES,
	MESSAGE_FREE_SITE = 16,
	MESSAGE_YOUNG_FREE,
	MESSAGE_PROCESS,
	MESSAGE_IMAGE,
	MESSAGE_HELD = 21,
	MESSAGE_RESIDENT,
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
 * Opens the output and writes the stream header. While a reader is slow,
 * still_wanted() is asked whether the trace goes on; once it does not, the reader
 * has two more seconds.
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

/* ---- output.c ---- */

/* Returns a descriptor to write to, -1 with errno. Ends the program at a symbolic link. */
int output_open(const char *path);

/* ---- symbols.c: SYMBOL messages ---- */

void symbols_load(void);
/* Sends SYMBOL for the addresses that have none yet. */
void symbols_announce(const __u64 *frames, uint32_t depth);
/* Once a second: modules come and go; `last` = no rate limit. */
void symbols_refresh(bool last);

#endif
