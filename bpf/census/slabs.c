// SPDX-License-Identifier: MIT
/* The slabs that the walk came by, and their caches. */
#include <stdlib.h>
#include <string.h>
#include "census.h"

#define MAX_CACHES 4096

struct slab_seen *slabs;
size_t nr_slabs;
struct cache_seen *caches;
size_t nr_caches;

static size_t room;
static uint16_t by_hash[4 * MAX_CACHES];

/* The index of a cache; 0: it is not known. */
static uint16_t cache_index(uint64_t address)
{
	size_t slot = (address >> 6) * 0x9e3779b97f4a7c15ull >> 50;

	if (!caches) {
		caches = calloc(MAX_CACHES, sizeof(*caches));
		if (!caches)
			die("out of memory");
		nr_caches = 1;
	}
	if (!address)
		return 0;
	for (; by_hash[slot]; slot = (slot + 1) % (4 * MAX_CACHES)) {
		if (caches[by_hash[slot]].address == address)
			return by_hash[slot];
	}
	if (nr_caches == MAX_CACHES)
		return 0;
	caches[nr_caches].address = address;
	by_hash[slot] = (uint16_t)nr_caches;
	return (uint16_t)nr_caches++;
}

void slab_saw(uint64_t pfn, uint64_t nr, const uint8_t *page)
{
	struct slab_seen *slab;

	/* without the offset of a cache's free pointer it is not SLUB, and has no such numbers */
	if (!has_field(F_SLAB_CACHE) || !has_field(F_SLAB_OBJECTS) || !has_field(F_CACHE_OFFSET))
		return;
	if (nr_slabs == room) {
		room = room ? room * 2 : 1 << 14;
		slabs = realloc(slabs, room * sizeof(*slabs));
		if (!slabs)
			die("out of memory");
	}
	slab = &slabs[nr_slabs++];
	*slab = (struct slab_seen){ .pfn = pfn, .order = (uint8_t)__builtin_ctzll(nr) };
	slab->cache = cache_index(field_of(page, F_SLAB_CACHE));
	slab->objects = (uint16_t)field_of(page, F_SLAB_OBJECTS);
	if (has_field(F_SLAB_OBJ_EXTS))
		slab->exts = field_of(page, F_SLAB_OBJ_EXTS);
	if (has_field(F_SLAB_STRIDE))
		slab->stride = (uint32_t)field_of(page, F_SLAB_STRIDE);
	/* stands for the size of an object, which is not known yet */
	if (has_field(F_SLAB_EXTS_IN_OBJECT) && field_of(page, F_SLAB_EXTS_IN_OBJECT))
		slab->stride = UINT32_MAX;
	caches[slab->cache].objects += slab->objects;
	caches[slab->cache].slabs++;
	caches[slab->cache].pages += nr;
}

static const enum field_id cache_members[] = { F_CACHE_NAME, F_CACHE_SIZE, F_CACHE_OBJECT_SIZE, F_CACHE_OFFSET, F_CACHE_LEFT_PAD };

static uint64_t names[MAX_CACHES]; /* addresses */

static void see_member(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	enum field_id id = *(const enum field_id *)context;
	struct cache_seen *cache = &caches[tag];
	uint8_t word[8] = { 0 };
	uint64_t value;

	(void)offset;
	if (!piece)
		return;
	memcpy(word, piece, bytes);
	value = field_at(word, &fields[id]);
	switch (id) {
	case F_CACHE_NAME: names[tag] = value; break;
	case F_CACHE_SIZE: cache->size = (uint32_t)value; break;
	case F_CACHE_OBJECT_SIZE: cache->object_size = (uint32_t)value; break;
	case F_CACHE_OFFSET: cache->offset = (uint32_t)value; break;
	default: cache->left_pad = (uint32_t)value; break;
	}
}

void caches_name(void)
{
	for (size_t member = 0; member < sizeof(cache_members) / sizeof(cache_members[0]); member++) {
		enum field_id id = cache_members[member];
		const struct reader reader = { see_member, &id, false };

		for (size_t i = 1; has_field(id) && i < nr_caches; i++)
			safe_add(&reader, caches[i].address + (uint64_t)fields[id].offset, fields[id].bytes < 8 ? fields[id].bytes : 8, i);
		safe_run(&reader);
	}
	for (size_t i = 1; i < nr_caches; i++)
		safe_string(names[i], caches[i].name, sizeof(caches[i].name));
}
