// SPDX-License-Identifier: MIT
/*
 * Everything that can be referred to has a number: objects of slabs, large kmallocs, pages that no counter
 * knows, and areas. By a table of 4 bytes a page, for the chunks of memory that have such pages, an
 * address becomes a number in a few steps.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "nodes.h"

#define PAGE_SHIFT 12
#define MAX_BLOCK_ORDER 10
#define PER_INDEX 64u
#define HUGE (2u << 20)
#define CHUNK_BYTES (CHUNK_PAGES * sizeof(uint32_t))

struct block *blocks;
uint32_t nr_blocks;
struct shape *shapes;
uint32_t **block_chunks;
uint32_t first_large, first_target, first_area, nr_nodes;
uint64_t *live;

static uint8_t **pools; /* of chunks, HUGE each */
static size_t nr_pools;
static uint32_t *block_by_index; /* of every PER_INDEX-th node */

void *room_for(uint64_t bytes)
{
	void *room_found = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room_found == MAP_FAILED)
		die("out of memory");
	return room_found;
}

void *huge_room_for(uint64_t bytes)
{
	uintptr_t room_found = (uintptr_t)room_for(bytes + HUGE);

	room_found = (room_found + HUGE - 1) / HUGE * HUGE;
	madvise((void *)room_found, bytes, MADV_HUGEPAGE);
	return (void *)room_found;
}

void room_forget(void *room_found, uint64_t bytes)
{
	if (room_found)
		madvise(room_found, bytes, MADV_DONTNEED);
}

uint64_t memory_limit(void)
{
	uint64_t share = meminfo_bytes("MemTotal") / 50;

	if (options->census_memory)
		return options->census_memory;
	return share < 2ull << 30 ? share : 2ull << 30;
}

/* From large pages: each look-up is somewhere else, and would need an entry of the processor's own table of pages. */
static uint32_t *new_chunk(void)
{
	static uint32_t left;

	if (left < CHUNK_BYTES) {
		pools = realloc(pools, (nr_pools + 1) * sizeof(*pools));
		if (!pools)
			die("out of memory");
		pools[nr_pools++] = huge_room_for(HUGE);
		left = HUGE;
	}
	left -= CHUNK_BYTES;
	return (uint32_t *)(pools[nr_pools - 1] + left);
}

void nodes_forget_addresses(void)
{
	for (size_t i = 0; i < nr_pools; i++)
		room_forget(pools[i], HUGE);
}

static void note_pages(uint32_t id, uint64_t pfn, uint64_t nr)
{
	for (; nr--; pfn++) {
		uint32_t **chunk = &block_chunks[pfn / CHUNK_PAGES];

		if (!*chunk)
			*chunk = new_chunk();
		(*chunk)[pfn % CHUNK_PAGES] = id + 1;
	}
}

static void add_block(struct block block)
{
	rest_sometimes();
	block.first = nr_nodes;
	nr_nodes += block.objects;
	note_pages(nr_blocks, block.pfn, block_pages(&block));
	blocks[nr_blocks++] = block;
}

static void add_slabs(void)
{
	shapes = calloc(nr_caches + 1, sizeof(*shapes));
	if (!shapes)
		die("out of memory");
	for (size_t i = 1; i < nr_caches; i++) {
		if (!caches[i].size)
			continue;
		shapes[i].size = caches[i].size;
		shapes[i].pad = caches[i].left_pad;
		shapes[i].inverse = ((1ull << INVERSE_SHIFT) + caches[i].size - 1) / caches[i].size;
	}
	for (size_t i = 0; i < nr_slabs; i++) {
		const struct slab_seen *slab = &slabs[i];
		uint64_t bytes = 4096ull << slab->order;

		/* a slab that was torn while it was looked at */
		if (!shapes[slab->cache].size || !slab->objects || (uint64_t)slab->objects * shapes[slab->cache].size > bytes)
			continue;
		add_block((struct block){ .pfn = slab->pfn, .order = slab->order, .objects = slab->objects,
					  .cache = slab->cache, .kind = BLOCK_SLAB, .class = CLASS_SLAB });
	}
}

/* ---- blocks of pages ---- */

/* The run that is being read. */
static struct {
	enum block_kind kind;
	uint8_t class;
	uint32_t pages; /* of the last block */
} run;

static void see_pages(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t pfn = tag + offset / bases.page_bytes, end = pfn + bytes / bases.page_bytes;

	(void)context;
	for (; piece && pfn < end; pfn++, piece += bases.page_bytes) {
		struct block *last = nr_blocks ? &blocks[nr_blocks - 1] : NULL;
		bool tail = field_of(piece, F_PAGE_COMPOUND) & 1;

		if (tail && last && last->kind == run.kind && last->class == run.class && last->pfn + run.pages == pfn) {
			note_pages(nr_blocks - 1, pfn, 1);
			run.pages++;
			last->order = (uint8_t)(31 - __builtin_clz(run.pages));
			continue;
		}
		run.pages = 1;
		add_block((struct block){ .pfn = pfn, .objects = 1, .kind = run.kind, .class = run.class });
	}
}

static void add_run(enum block_kind kind, uint8_t class, uint64_t pfn, uint64_t end)
{
	static const struct reader reader = { see_pages, NULL, true };

	run.kind = kind;
	run.class = class;
	reader_add(&reader, page_of_pfn(pfn), (end - pfn) * bases.page_bytes, pfn);
	reader_run(&reader);
}

static bool is_target(uint8_t class)
{
	return class == CLASS_UNACCOUNTED || class == CLASS_ANON_HELD || class == CLASS_LRU_NO_MAPPING || class == CLASS_PAGE_POOL;
}

static uint64_t end_of_block(uint64_t pfn)
{
	uint64_t order = (uint64_t)__builtin_ctzll(pfn);

	return pfn + (1ull << (order < MAX_BLOCK_ORDER ? order : MAX_BLOCK_ORDER));
}

/*
 * A block of several pages that is no compound has a reference at its first page only. It can reach as far
 * as its place allows: a block of n pages begins at a multiple of n.
 */
static uint64_t add_tails(uint64_t pfn)
{
	uint64_t end = end_of_block(pfn - 1);

	for (; pfn < end && pfn < machine.end_pfn && class_of_pfn[pfn] == CLASS_TAIL_UNKNOWN; pfn++)
		add_block((struct block){ .pfn = pfn, .objects = 1, .kind = BLOCK_TARGET, .class = CLASS_TAIL_UNKNOWN });
	return pfn;
}

static void add_classes(enum block_kind kind)
{
	uint64_t end;

	for (uint64_t pfn = 1; pfn < machine.end_pfn; pfn = end) {
		uint8_t class = class_of_pfn[pfn];

		for (end = pfn + 1; end < machine.end_pfn && class_of_pfn[end] == class; end++)
			;
		if (kind == BLOCK_LARGE ? class != CLASS_LARGE_KMALLOC : !is_target(class))
			continue;
		add_run(kind, class, pfn, end);
		if (class == CLASS_UNACCOUNTED && nr_blocks && block_pages(&blocks[nr_blocks - 1]) == 1)
			end = add_tails(end);
	}
}

static bool is_single(const struct block *block)
{
	return block->order == 0 && (block->class == CLASS_UNACCOUNTED || block->class == CLASS_TAIL_UNKNOWN);
}

bool reach_covers(struct reach *reach, const struct block *block)
{
	/* pages of one run alone */
	if (!is_single(block) || block->pfn != reach->next)
		reach->end = 0;
	reach->next = block->pfn + block_pages(block);
	return block->pfn < reach->end;
}

void reach_add(struct reach *reach, const struct block *block)
{
	uint64_t end = is_single(block) ? end_of_block(block->pfn) : 0;

	reach->end = end > reach->end ? end : reach->end;
}

static void index_nodes(void)
{
	block_by_index = room_for(((uint64_t)nr_nodes / PER_INDEX + 1) * sizeof(*block_by_index));
	for (uint32_t i = 0; i < nr_blocks; i++) {
		uint32_t index = (blocks[i].first + PER_INDEX - 1) / PER_INDEX;

		for (; (uint64_t)index * PER_INDEX < (uint64_t)blocks[i].first + blocks[i].objects; index++)
			block_by_index[index] = i;
	}
}

const struct block *block_of_node(uint32_t node)
{
	const struct block *block = &blocks[block_by_index[node / PER_INDEX]];

	while (node >= block->first + block->objects)
		block++;
	return block;
}

uint32_t node_of_object(uint64_t address)
{
	uint64_t pfn = pfn_of_linear(address);
	uint32_t id = pfn == UINT64_MAX ? 0 : block_at(pfn), index;
	const struct block *block = id ? &blocks[id - 1] : NULL;

	if (!block || block->kind != BLOCK_SLAB)
		return NO_NODE;
	index = object_index(&shapes[block->cache], address - linear_of_pfn(block->pfn));
	return index < block->objects ? block->first + index : NO_NODE;
}

uint64_t node_address(uint32_t node)
{
	const struct block *block = block_of_node(node);
	uint64_t address = linear_of_pfn(block->pfn);

	if (block->kind == BLOCK_SLAB)
		address += shapes[block->cache].pad + (uint64_t)(node - block->first) * shapes[block->cache].size;
	return address;
}

bool nodes_build(uint32_t nr_areas)
{
	uint64_t objects = 0;

	for (size_t i = 0; i < nr_slabs; i++)
		objects += slabs[i].objects;
	if (objects >= NO_NODE - pages_of_class(CLASS_UNACCOUNTED)) {
		missing_add("holders", "%llu slab objects are more than can be numbered", (unsigned long long)objects);
		return false;
	}
	/* one for each page at most; what is not used takes no memory */
	blocks = huge_room_for((nr_slabs + machine.end_pfn) * sizeof(*blocks));
	block_chunks = room_for((machine.end_pfn / CHUNK_PAGES + 1) * sizeof(*block_chunks));
	add_slabs();
	first_large = nr_nodes;
	add_classes(BLOCK_LARGE);
	first_target = nr_nodes;
	add_classes(BLOCK_TARGET);
	first_area = nr_nodes;
	index_nodes();
	nr_nodes += nr_areas;
	live = room_for((nr_nodes / 64 + 1) * 8ull);
	return true;
}
