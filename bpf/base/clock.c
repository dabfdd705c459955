// SPDX-License-Identifier: MIT
/* Time: CLOCK_MONOTONIC, and the same since the trace began. */
#include <time.h>
#include "base.h"

static uint64_t zero; /* time 0 of the trace */

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

void trace_begins(uint64_t ns)
{
	zero = ns;
}

uint64_t trace_time(void)
{
	return monotonic_ns() - zero;
}

uint64_t trace_time_at(uint64_t ns)
{
	return zero && ns > zero ? ns - zero : 0;
}
