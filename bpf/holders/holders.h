/* SPDX-License-Identifier: MIT */
/* The census, further: who refers to pages that no counter knows, and what objects are. */
#ifndef HOLDERS_H
#define HOLDERS_H

#include "references.h"

/* ---- notes.c: what is found in what is read ---- */

/* What comes next is of this node; nodes come in their order. */
void notes_begin_node(uint32_t node, enum link_kind kind, uint32_t name);
void notes_of_node(const uint64_t *words, uint32_t nr, const struct members *members);
/* Of a node that is pages. */
void notes_of_page(const uint64_t *words, uint32_t nr);
void notes_end_node(void);
/*
 * From now on what is referred to is marked as reached, and nothing else noted. What nodes of `without`, a bit
 * each, refer to is left out; NULL: of none.
 */
void notes_again(const uint64_t *without);
bool notes_are_again(void);
/* Reads a node that is an area. */
void notes_read_node(uint32_t node, enum link_kind kind, uint32_t name, uint64_t start, uint64_t end);
/* What comes next is such memory, which is no node. */
void notes_begin_root(enum link_kind kind, enum rank rank, const char *name);
void notes_of_root(const uint64_t *words, uint32_t nr);

/* ---- areas-read.c ---- */

/* Of a task_struct that is in use. */
void stack_note(const uint8_t *task);
/* Before tasks are seen again. */
void stacks_forget(void);
void areas_scan(void);
/* Of an area that is no root: reads its words as those of its node; nothing if it may not be read. */
void area_read(uint32_t node);

/* ---- struct-pages.c ---- */

void struct_pages_scan(void);

/* ---- sources.c: what is read for references ---- */

/* Reads all that may refer to something. *used, unless it is NULL: a bit for each object in use. */
void sources_scan(uint64_t *used);

/* ---- open-files.c: which processes have which files open ---- */

/* A process with open files; those that share a table are one. */
struct opener {
	uint64_t files; /* its files_struct */
	uint32_t pid;   /* in the first namespace */
	char comm[16];  /* untrusted; ends with 0 */
};

struct open_file {
	uint64_t private;
	uint32_t node;
	uint32_t opener; /* in openers */
};

extern struct opener *openers; /* those that a file of several is counted for come first */
/* Of an object in use of the caches task_struct and filp; these come in their order. */
void task_note(const uint8_t *task);
void file_note(uint32_t node, const uint8_t *file);
/* Once all are noted: reads the tables of the processes. *list: the files that are open and have data of their own. */
uint32_t open_files_read(const struct open_file **list);

/* ---- processes.c: what belongs to an open file, and so to a process ---- */

/* After graph_describe(). */
void processes_find(void);
/* False: it could not be found out; missing.c has why. */
bool processes_are_known(void);
/* True if the node belongs to an open file; it may be NO_NODE. */
bool process_has(uint32_t node);
/* A number of what that file is about, one for a pipe with its two ends, one for a socket; 0: it belongs to none. */
uint32_t process_source(uint32_t node);
/* From now on it is asked of no node. */
void processes_forget_nodes(void);
/* The process of such a number, in openers. */
uint32_t source_opener(uint32_t source);

/* ---- process-rows.c ---- */

/* Pages of a row, whose nearest referrer is `source`, or NO_NODE. */
void process_add(uint32_t row, uint32_t source, uint64_t pages);
/* Once all are added: "processes":[...],"unownedPages":N, of a row with so many pages. */
void processes_put(FILE *out, uint32_t row, uint64_t pages);

/* ---- holders.c ---- */

/* A word refers to a target. `source`: the node that it lies in, or NO_NODE. */
void hit_add(uint32_t target, enum rank rank, uint32_t source, uint32_t chain);
void holders_find(void);
void holders_put(FILE *out);

/* ---- types.c ---- */

void types_find(void);
void types_put(FILE *out);
void caches_put(FILE *out);

/* ---- look.c ---- */

/* After stage 1: nodes, and who refers to whom. False if it cannot be done; missing.c has why. */
bool look_at_all(void);
/* Gives back what the look has taken; rows that were made, and what nodes are, stay. */
void look_forget(void);

/* ---- worklist.c: what is reached, where references are not kept ---- */

/* After graph_reach(): sets `reached`, for what has gone meanwhile, too. */
void worklist_run(void);

/* ---- orphans.c: what nothing was found to refer to ---- */

/* One that was found: `hash` is of its first and its last word. */
struct orphan {
	uint64_t address;
	uint32_t hash, node;
};

/* More are no list that somebody reads. */
#define MAX_ORPHANS (1u << 20)

/* Puts those of this moment into `list`, by address; returns how many, at most `most`. */
uint32_t orphans_collect(struct orphan *list, uint32_t most);
void orphans_put(FILE *out, const struct orphan *list, uint32_t nr, uint32_t scans);

/* ---- scans.c: several looks, each in a process of its own ---- */

/* Before memory is read first. */
void scans_begin(void);
/* `list`: what the first look found; returns how many of them the others found as well. */
uint32_t scans_agree(struct orphan *list, uint32_t nr);
/* Looks that were made. */
uint32_t scans_made(void);

/* ---- stages.c ---- */



extern const struct census_more holders_stages;

#endif
