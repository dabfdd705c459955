/* SPDX-License-Identifier: MIT */
/* What words refer to, and what refers to what. */
#ifndef REFERENCES_H
#define REFERENCES_H

#include "nodes.h"

/* ---- messages.c: buffers of network messages ---- */

struct buffer {
	uint32_t node;
	uint32_t info;  /* offset of its struct skb_shared_info */
	uint32_t pages; /* that it refers to */
};

void messages_open(void);
/* Finds the buffers; after words_open() and free_lists_read(). */
void messages_read(void);
/* True of the caches of sk_buffs. */
bool is_message_cache(uint16_t cache);
/* Of a node's words, all of them; false: it is no buffer. */
bool buffer_begin(struct buffer *buffer, uint32_t node, const uint64_t *words, uint32_t nr);
/* True if word `at` is a reference; all others are data, or old. */
bool buffer_refers(const struct buffer *buffer, uint32_t at);

/* ---- hints.c: what a word says of the object that it lies in ---- */

enum hint_kind { HINT_NONE, HINT_DATA, HINT_OPS, HINT_FUNCTION };

struct hint {
	const char *name, *module; /* "": core kernel */
	enum hint_kind kind;
};

/* Once kallsyms is loaded and it is known where the image lies. */
void hints_open(void);
/* Where modules lie. */
void hints_set_modules(uint64_t start, uint64_t end);
/* 0: it says nothing. */
uint32_t hint_of(uint64_t word);
const struct hint *hint_at(uint32_t id);

/* ---- chains.c: what refers to what, in words ---- */

enum link_kind { LINK_SLAB, LINK_PAGE, LINK_AREA, LINK_STATIC, LINK_RESERVED, LINK_STACK, LINK_STRUCT_PAGE };

struct link {
	uint32_t name; /* a text's number */
	uint32_t hint; /* 0: none */
	uint32_t up;   /* the chain of what refers to it, 0: the last */
	uint8_t kind;
};

uint32_t text_id(const char *text);
const char *text_at(uint32_t id);
/* A chain's number, never 0. */
uint32_t chain_of(enum link_kind kind, uint32_t name, uint32_t hint, uint32_t up);
/* Of something without a hint, which `up` refers to. */
uint32_t chain_below(enum link_kind kind, uint32_t name, uint32_t up);
const struct link *chain_at(uint32_t chain);
uint32_t nr_chains(void);
/* "chain":[...] */
void chain_put(FILE *out, uint32_t chain);

/* ---- words.c: references in words ---- */

/* Longer ones come in parts. */
#define MAX_WORDS 512u

struct found {
	uint32_t node; /* what a word refers to */
	uint32_t at;   /* index of the word */
};

/* After all nodes are known. */
void words_open(void);
/* Fetches what words_find() needs for these words, so that it need not wait. */
void words_fetch(const uint64_t *words, uint32_t nr);
/*
 * Finds what `nr` words refer to, at most MAX_WORDS; returns how many are in `found`, which has room for
 * as many. *hint, if it is 0: the first word that says what the object is. `hint` may be NULL.
 */
uint32_t words_find(const uint64_t *words, uint32_t nr, struct found *found, uint32_t *hint);
/* The same of entries of page tables, which name unaccounted pages by their physical addresses. */
uint32_t words_find_tables(const uint64_t *words, uint32_t nr, struct found *found);
/* The nearest word with a hint, at most six away; 0: there is none. */
uint32_t words_hint_near(const uint64_t *words, uint32_t nr, uint32_t at);

/* ---- members.c: what may be a pointer, by the kernel's types ---- */

/* A bit for each word of an object. */
struct members {
	uint64_t *links;    /* pointers, and integers of their size */
	uint64_t *pointers; /* pointers alone */
};

/* For the caches whose name is that of a struct; after free_lists_open(). */
void members_open(void);
/* NULL: nothing is known, all may be pointers. */
const struct members *members_of(uint16_t cache);

/* ---- graph.c: who refers to whom ---- */

enum rank {
	RANK_DATA, /* a reference that somebody keeps */
	RANK_LIST, /* a word of a struct page, or of a stack: it may be old, or a neighbour in a list */
};

void graph_open(void);
/* References of `node` follow; nodes come in their order. */
void graph_source(uint32_t node);
void graph_edge(uint32_t to);
/* Memory that is no node refers to it. */
void graph_root(uint32_t to, enum rank rank, uint32_t chain);
/* What a node is, with the chain of what refers to it; 0: nothing is known. */
extern uint32_t *chain_of_node; /* NULL if no references are kept */
/* Of a node, without what refers to it. */
uint32_t chain_of_plain(uint32_t node);
/* Of a cache, the number of the text of its name. */
uint32_t cache_name_id(uint16_t cache);
/* Gives each node a chain, from those that have a hint. */
void graph_describe(void);
/* False: there are more references than there may be memory for, and none are kept. */
bool graph_is_kept(void);
/* From now on nothing of it is asked for. */
void graph_forget(void);
/* After graph_describe(): what a node refers to; returns how many. Some come twice. */
uint32_t graph_edges(uint32_t node, const uint32_t **to);
/* Node `index` of those that data refers to which is no node, and the chain of one such; NO_NODE past the last. */
uint32_t graph_root_at(uint32_t index, uint32_t *chain);
/*
 * Sets `reached` for all that is referred to from a root, directly or through others. If no references are
 * kept only for the first: then their references are to be found by reading again, and marked, until
 * graph_take() has none.
 */
extern uint64_t *reached;
void graph_reach(void);
void graph_mark(uint32_t node);
/* Nodes that were marked and whose references were not followed; returns how many. */
uint32_t graph_take(uint32_t *nodes, uint32_t most);

/* ---- tally.c: how much there is, by pairs of numbers ---- */

struct tally {
	struct tallied {
		uint32_t a, b;
		uint64_t amount;
	} *rows; /* in the order in which they came, until they are sorted */
	uint32_t nr, room, mask, *slots;
};

/* Not once its rows are sorted. */
void tally_add(struct tally *tally, uint32_t a, uint32_t b, uint64_t amount);

#endif
