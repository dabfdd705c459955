/* SPDX-License-Identifier: MIT */
/* The census, further: who refers to pages that no counter knows, and what objects are. */
#ifndef HOLDERS_H
#define HOLDERS_H

#include "references.h"

/* ---- notes.c: what is found in what is read ---- */

/* What comes next is of this node; nodes come in their order. */
void notes_begin_node(uint32_t node, enum link_kind kind, uint32_t name);
void notes_of_node(const uint64_t *words, uint32_t nr, const struct members *members);
void notes_end_node(void);
/* Reads a node at its address. */
void notes_read_node(uint32_t node, enum link_kind kind, uint32_t name, uint64_t start, uint64_t end);
/* What comes next is such memory, which is no node. */
void notes_begin_root(enum link_kind kind, enum rank rank, const char *name);
void notes_of_root(const uint64_t *words, uint32_t nr);

/* ---- areas-read.c ---- */

/* Of a task_struct that is in use. */
void stack_note(const uint8_t *task);
void areas_scan(void);

/* ---- struct-pages.c ---- */

void struct_pages_scan(void);

/* ---- sources.c: what is read for references ---- */

/* Reads all that may refer to something, once. */
void sources_scan(void);

/* ---- holders.c ---- */

/* A word refers to a target. `source`: the node that it lies in, or NO_NODE. */
void hit_add(uint32_t target, enum rank rank, uint32_t source, uint32_t chain);
void holders_find(void);
void holders_put(FILE *out);

/* ---- types.c ---- */

void types_find(void);
void types_put(FILE *out);
void caches_put(FILE *out);

/* ---- stages.c ---- */

extern const struct census_more holders_stages;

#endif
