/* SPDX-License-Identifier: MIT */
/* Heap events, paired. */
#ifndef PAIRING_H
#define PAIRING_H

#include "heap.h"

struct paired {
	bool prints; /* each event */
	uint64_t allocs, frees, failed, orphans, missed, undone, pathless;
	uint32_t paths; /* different ones */
};

extern struct paired paired;

/* What is held, by path; and all of it. */
void print_paths(void);
void print_sums(void);

#endif
