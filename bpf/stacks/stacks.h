/* SPDX-License-Identifier: MIT */
/* Call paths without a walk, the loader's half (FAST-STACKS.md). */
#ifndef STACKS_H
#define STACKS_H

#include "stream.h"

/* ---- fast-stack.c ---- */

/* NULL, or why this kernel cannot have them. */
const char *fast_stacks_impossible(void);
/* `loaded` is the object that has them. Switches them on, or notes why not and returns false. */
bool fast_stacks_open(struct unfreed *loaded);
/* Takes a record of the ring that is for this layer. */
void fast_stacks_record(const void *record);
/* Takes the frames of a path that the kernel walked. */
void fast_stacks_saw(const __u64 *frames, uint32_t depth);
/* Sends STACKS if it has changed. */
void fast_stacks_sample(uint64_t time);

/* ---- pc-table.c: where the next return address lies ---- */

/* Maps the table. False with errno set. */
bool pc_table_open(int map_fd);
void pc_table_learn(uint64_t pc, bool interrupted);
/* Learns the pcs of a path that was walked, so that the next one need not be. */
void pc_table_saw(const __u64 *frames, uint32_t depth);
/* The table's word for a return address, 0 = none. */
uint64_t pc_table_word(uint64_t pc);

/* ---- path-tree.c: the call paths that are known already ---- */

/* Maps the tree, which must be empty. False with errno set. */
bool path_tree_open(int map_fd);
bool path_tree_has_room(void);
/* Adds a path; `start` is where the paths of its hook start. */
void path_tree_saw(const struct path_seen *seen, const struct fast_start *start);
/* For --verbose. */
void path_tree_say(void);

#endif
