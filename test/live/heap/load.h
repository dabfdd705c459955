/* SPDX-License-Identifier: MIT */
/* What a load holds, and its parts. */
#ifndef LOAD_H
#define LOAD_H

extern long held_blocks, held_bytes;
extern void *volatile kept;

/* Counts a block as held; returns it. */
void *keep(void *block, long bytes);

/* ---- load-threads.c ---- */

/* What the C library keeps for 4 threads and their stacks is made. */
void make_stacks(void);
void threads(void);
void handing(void);
void churning(void);

#endif
