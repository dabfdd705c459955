/* SPDX-License-Identifier: MIT */
/* What there is in the kernel's memory, each with a number, and what words refer to it. */
#ifndef REFERENCES_H
#define REFERENCES_H

#include "census.h"

/* ---- nodes.c: what can be referred to, each with a number ---- */

#define NO_NODE UINT32_MAX
#define CHUNK_PAGES 512u
#define INVERSE_SHIFT 40

enum block_kind {
	BLOCK_SLAB,
	BLOCK_LARGE,  /* a large kmalloc */
	BLOCK_TARGET, /* pages that no counter knows */
};

/*
 * Pages that belong together, in 16 bytes: a look-up costs one line of the processor's cache. Nodes are
 * numbered in the order of blocks: slabs, large, targets; then areas.
 */
struct block {
	uint64_t pfn : 40;
	uint64_t order : 8;
	uint64_t class : 8;
	uint64_t kind : 8;
	uint32_t first;   /* its first node */
	uint16_t objects; /* its nodes: 1, but for a slab */
	uint16_t cache;   /* of a slab, in caches */
};

/* By cache: how an address in a slab becomes the index of an object. */
struct shape {
	uint64_t inverse; /* 2^INVERSE_SHIFT / size, rounded up */
	uint32_t size, pad;
};

extern struct block *blocks;
extern uint32_t nr_blocks;
extern struct shape *shapes;
extern uint32_t **block_chunks; /* by pfn / CHUNK_PAGES: index of the block + 1, by page; NULL: none there */
extern uint32_t first_large, first_target, first_area, nr_nodes;
extern uint64_t *live; /* a bit for each node */

/* Of the pages that stage 1 saw. False if they are too many; missing.c has why. */
bool nodes_build(uint32_t nr_areas);
const struct block *block_of_node(uint32_t node);
uint64_t node_address(uint32_t node);
/* The object of a slab that an address lies in; NO_NODE: in none. */
uint32_t node_of_object(uint64_t address);
/*
 * How far the block of a page may go that is referred to, over the single pages behind it: to be asked of
 * each target in its order, and told of those that are referred to.
 */
struct reach {
	uint64_t next, end; /* pfns */
};

bool reach_covers(struct reach *reach, const struct block *block);
void reach_add(struct reach *reach, const struct block *block);
/* What these stages may take together, bytes: --memory, or 2 % of RAM, at most 2 GiB. */
uint64_t memory_limit(void);

static inline uint32_t block_at(uint64_t pfn)
{
	const uint32_t *chunk = block_chunks[pfn / CHUNK_PAGES];

	return chunk ? chunk[pfn % CHUNK_PAGES] : 0;
}

static inline uint32_t object_index(const struct shape *shape, uint64_t offset)
{
	return (uint32_t)((offset - shape->pad) * shape->inverse >> INVERSE_SHIFT);
}

static inline uint32_t block_pages(const struct block *block)
{
	return 1u << block->order;
}

static inline bool has_bit(const uint64_t *bits, uint64_t at)
{
	return bits[at / 64] >> at % 64 & 1;
}

static inline void set_bit(uint64_t *bits, uint64_t at)
{
	bits[at / 64] |= 1ull << at % 64;
}

/* Zeroed memory that takes none before it is used. */
void *room_for(uint64_t bytes);
/* The same in pages of 2 MiB: for what is looked up everywhere. */
void *huge_room_for(uint64_t bytes);

/* ---- free-lists.c: free objects outside their slab's own list ---- */

/* What is known of the caches. */
void free_lists_open(void);
/* Reads lists of CPUs and sheaves, as they are now. */
void free_lists_read(void);
/* The list of a CPU whose slab this is; 0: it is none's. */
uint64_t cpu_list_of(uint32_t block);
/* Marks the free objects of a slab, a bit each; `list` is an address. False: the list is not sound. */
bool free_list_walk(const struct block *block, uint64_t list, const uint8_t *content, uint64_t *free_bits);
extern uint64_t *free_bits_of_sheaves; /* a bit for each node */
bool cache_is_merged(uint16_t cache);
/* An array of free objects: slots past its size keep old pointers. */
bool is_sheaf(uint32_t node);

/* ---- objects.c: the objects that are in use ---- */

struct cache_count {
	uint64_t live, total, bad_walks, slabs, pages;
};

extern struct cache_count *cache_counts;
/* A bit for each block: which of its objects are in use is not sure. */
extern uint64_t *doubtful;

typedef void object_done(uint32_t node, const struct block *block, const uint64_t *words, uint32_t nr);
/* Calls it for each object in use, in the order of nodes, and sets `live`. Objects are counted the first time. */
void objects_scan(object_done *done);

/* ---- image.c: the kernel's own data ---- */

struct addresses {
	uint64_t start, end;
};

/* Where it lies; then copies it, without its code, as it is now. */
void image_open(void);
void image_read(void);
struct addresses image_addresses(void);
struct addresses image_code(void);
/* The words at an address, up to *nr of them; NULL: it is none of the image. */
const uint64_t *image_words(uint64_t address, uint32_t *nr);
/* Part `index` of it; NULL past the last. */
const uint64_t *image_part(int index, uint64_t *address, uint32_t *nr);

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

/* ---- contents.c: reading the content of pages ---- */

/* Of blocks that lie one after another, if they have their class still; tags are their indexes. */
void contents_of_blocks(uint32_t first, uint32_t nr, const struct reader *reader);
/* Of pages that are of `class` now; tags are pfns. */
void contents_of_pages(uint64_t pfn, uint64_t end, enum page_class class, const struct reader *reader);

bool unaccounted_is_readable(void);

/* ---- area-nodes.c: areas of kernel address space ---- */

/* Returns how many nodes there are of them; before nodes_build(). */
uint32_t areas_open(void);
/* NO_NODE: the address is in none. */
uint32_t node_of_area(uint64_t address);
const struct area *area_of_node(uint32_t node);
uint32_t area_chain(uint32_t node);
/* Once nodes are built. */
void areas_note_own(void);
/* False for devices, own maps, and one that is gone by now. */
bool area_may_be_read(const struct area *area);
/* Without its guard page, where the vm_struct knows its pages. */
uint64_t area_end(const struct area *area);
/* Words at an address of a vmalloc area, if they may be read and lie in it. */
void area_read_part(uint64_t address, uint64_t bytes, const struct reader *reader, uint64_t tag);
/* True if that the node refers to the area says nothing of who wants it: it is what the kernel keeps of areas. */
bool area_is_known_to(uint32_t area, uint32_t node);

#endif
