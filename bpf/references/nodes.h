/* SPDX-License-Identifier: MIT */
/* What there is in the kernel's memory, each with a number, and how its content is read. */
#ifndef NODES_H
#define NODES_H

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
/* From now on no address is looked up. */
void nodes_forget_addresses(void);
const struct block *block_of_node(uint32_t node);
uint64_t node_address(uint32_t node);
/* Of an address, or of a struct page; NO_NODE: it is in none. */
uint32_t node_at(uint64_t word);
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
/* Gives the memory back; what it had is zero from then on. `room` may be NULL. */
void room_forget(void *room, uint64_t bytes);

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
/*
 * Calls it for each object in use, in the order of nodes; the first time that all are looked at they are counted, and
 * `live` is set. `wanted`, by cache: which are looked at; NULL: all.
 */
void objects_scan(const bool *wanted, object_done *done);

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

/* ---- image.c: the kernel's own data ---- */

struct addresses {
	uint64_t start, end;
};

/* Where it lies; then copies it, without its code, as it is now. */
void image_open(void);
void image_read(void);
void image_forget(void);
struct addresses image_addresses(void);
struct addresses image_code(void);
/* The words at an address, up to *nr of them; NULL: it is none of the image. */
const uint64_t *image_words(uint64_t address, uint32_t *nr);
/* Part `index` of it; NULL past the last. */
const uint64_t *image_part(int index, uint64_t *address, uint32_t *nr);

#endif
