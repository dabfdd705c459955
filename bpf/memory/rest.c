// SPDX-License-Identifier: MIT
/*
 * Pauses, so that a census keeps to --budget: after each millisecond of CPU time one in proportion. None
 * comes between a look at struct pages and the read of content that the look is for.
 */
#include <sys/resource.h>
#include <time.h>
#include "memory.h"

/* The CPU time after which a pause is due. */
#define BUSY_NS 1000000ull

static uint64_t rested_at;
static unsigned together;

uint64_t process_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_usec * 1000;
}

uint64_t all_cpu_ns(void)
{
	struct rusage children;

	getrusage(RUSAGE_CHILDREN, &children);
	return process_cpu_ns() + timeval_ns(children.ru_utime) + timeval_ns(children.ru_stime);
}

void rest(void)
{
	uint64_t now, busy, ns;
	struct timespec pause;

	if (options->census_budget >= 1 || together)
		return;
	now = process_cpu_ns();
	/* a child's clock begins at 0, and it has its parent's variables */
	busy = now < rested_at ? now : now - rested_at;
	if (busy < BUSY_NS) {
		rested_at = now - busy;
		return;
	}
	ns = (uint64_t)((double)busy * (1 / options->census_budget - 1));
	pause = (struct timespec){ .tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS) };
	nanosleep(&pause, NULL);
	rested_at = process_cpu_ns();
}

void together_begin(void)
{
	together++;
}

void together_end(void)
{
	if (!--together)
		rest();
}
