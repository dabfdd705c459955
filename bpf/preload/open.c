// SPDX-License-Identifier: MIT
/* The library into the environment of the command; then turns of the loop, each second, the end. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "preload.h"

#define LIBRARY "unfreed-heap.so"
#define LIBRARY_NEW "unfreed-heap-new.so"
#define VARIABLE "LD_PRELOAD"
#define MOST_PATH 4096
/* How often ends of processes are looked for. */
#define ENDS_NS 10000000ull
#define SILENCE_NS (3 * SECOND_NS)

static int listener = -1;
static char *preload_before;
static uint64_t looked_ns;
static bool said_silent;
static uint32_t silent; /* programs that ended and had not loaded the library */
static char first_silent[256];

/* Beside this program. NULL: it is not there, or the linker could not read its path. */
static const char *library_path(const char *library)
{
	static char path[MOST_PATH + sizeof(LIBRARY_NEW)];
	ssize_t nr = readlink("/proc/self/exe", path, MOST_PATH - 1);
	char *slash;

	if (nr <= 0)
		return NULL;
	path[nr] = 0;
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, library);
	return access(path, R_OK) == 0 ? path : NULL;
}

const char *preload_prepare(char **command, const struct preload_options *options)
{
	static char list[2 * MOST_PATH];
	const char *library = library_path(command[0] && preload_needs_operators(command[0]) ? LIBRARY_NEW : LIBRARY), *before = getenv(VARIABLE), *why;

#ifndef __x86_64__
	return "the heap of a command can be traced on x86-64 alone";
#endif
	/* NULL: what will be started is not known */
	why = command[0] ? preload_refused(command[0]) : NULL;
	if (why)
		return why;
	if (!library)
		return LIBRARY " and " LIBRARY_NEW " are not beside unfreed-collect";
	if (strpbrk(library, " :"))
		return "the path of " LIBRARY " has a space or a colon in it, which the dynamic linker cannot read: move unfreed-collect";
	/* before the others: what they define, ours calls */
	if (snprintf(list, sizeof(list), "%s%s%s", library, before && *before ? ":" : "", before ? before : "") >= (int)sizeof(list))
		return VARIABLE " is too long";
	record_clock_open();
	listener = hear_open(options);
	if (listener < 0)
		return strerror(errno);
	preload_before = before ? strdup(before) : NULL;
	if (options->sample_bytes)
		note("the heap is a sample, a block in %s: bytes are estimates, each block counts for what it stands for; numbers of "
		     "blocks are those in the sample", human_bytes((double)options->sample_bytes));
	setenv(VARIABLE, list, 1);
	setenv(HEAP_VARIABLE, hear_token(), 1);
	return NULL;
}

void preload_say_environment(void)
{
	if (!options->steps)
		return;
	fprintf(stderr, "environment %s %s\nenvironment %s %s\n", VARIABLE, getenv(VARIABLE), HEAP_VARIABLE, getenv(HEAP_VARIABLE));
}

void preload_prepared(void)
{
	if (listener < 0)
		return;
	unsetenv(HEAP_VARIABLE);
	if (preload_before)
		setenv(VARIABLE, preload_before, 1);
	else
		unsetenv(VARIABLE);
	free(preload_before);
	preload_before = NULL;
}

int preload_descriptor(void)
{
	return listener;
}

/* ---- lives ---- */

static bool has_ended(const struct traced *traced)
{
	struct pollfd life = { traced->life, POLLIN, 0 };

	return traced->life < 0 || (poll(&life, 1, 0) == 1 && life.revents & POLLIN);
}

/* Where spaces/ sees no exits, and should it have lost one. */
static void look_for_ends(void)
{
	struct traced *next;

	for (struct traced *traced = traced_first; traced; traced = next) {
		struct space *space = traced->space;

		next = traced->next;
		if (!has_ended(traced))
			continue;
		records_finish(traced);
		spaces_consume();
		/* it may have been ended by that, and all that follow it */
		if (traced_of(space) != traced)
			return;
		space_end(space, trace_time(), spaces_alive() == 1);
		if (traced_of(space) == traced)
			traced_end(traced);
	}
}

void preload_beginning(pid_t pid, enum space_why why, struct space *parent, uint64_t time)
{
	struct traced *traced = parent ? traced_of(parent) : NULL;

	(void)pid;
	(void)time;
	if (!traced)
		return;
	if (why == SPACE_EXEC) {
		records_finish(traced);
		return;
	}
	/* a fork by fork(3) has said so in a record, at which this ends; another one is followed as well as can be */
	if (!traced->held_until)
		records_send(traced, record_clock(), UINT64_MAX);
	traced->held_until = 0;
}

static void count_silent(const struct space *space)
{
	if (silent++ == 0)
		snprintf(first_silent, sizeof(first_silent), "%s", space->program.exe ? space->program.exe : "");
}

void preload_ended(struct space *space)
{
	struct traced *traced = traced_of(space);

	if (!traced) {
		/* its heap may be traced in another way */
		if (listener >= 0 && !space->heap && !space->own.end)
			count_silent(space);
		return;
	}
	records_finish(traced);
	traced_end(traced);
}

/* ---- turns of the loop ---- */

static void release_held(void)
{
	uint64_t now = trace_time();

	for (struct traced *traced = traced_first; traced; traced = traced->next) {
		traced->shared->beats++;
		/* the fork failed, or its child does not say hello */
		if (traced->held_until && now > traced->held_until)
			traced->held_until = 0;
	}
}

uint64_t preload_drain(uint64_t budget)
{
	uint64_t sent;

	if (listener < 0)
		return 0;
	hear();
	release_held();
	sent = records_send(NULL, record_clock(), budget);
	if (monotonic_ns() - looked_ns > ENDS_NS) {
		look_for_ends();
		looked_ns = monotonic_ns();
	}
	return sent;
}

void preload_sample(uint64_t time)
{
	if (listener < 0)
		return;
	for (struct traced *traced = traced_first; traced; traced = traced->next)
		traced_names(traced);
	if (counted.processes || said_silent || time < SILENCE_NS)
		return;
	said_silent = true;
	note("no process of the command has loaded " LIBRARY " yet: it may be linked statically, clear its environment (" VARIABLE
	     "), or run with the rights of another user; its heap is not seen");
}

struct preload_counts preload_counts(void)
{
	struct preload_counts counts = counted;

	for (struct traced *traced = traced_first; traced; traced = traced->next)
		traced_count(traced, &counts);
	return counts;
}

bool preload_over(void)
{
	return counted.processes && !traced_first;
}

void preload_close(void)
{
	if (listener < 0)
		return;
	hear();
	while (traced_first) {
		records_finish(traced_first);
		traced_end(traced_first);
	}
	hear_close();
	listener = -1;
	if (silent && counted.processes)
		note("%u processes have not loaded " LIBRARY ", the first of them %s: they are linked statically, were started without " VARIABLE
		     ", or run with the rights of another user; their heap was not seen", silent, first_silent);
	if (!counted.processes && !said_silent)
		note("no process of the command has loaded " LIBRARY ": it is linked statically, clears its environment (" VARIABLE
		     "), or runs with the rights of another user; its heap was not seen");
}
