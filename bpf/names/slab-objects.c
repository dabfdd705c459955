// SPDX-License-Identifier: MIT
/* Whether an object of a slab begins at an address, and of which cache. */
#include "names.h"

#define MOST_CACHES 256u

static struct known_cache {
	uint64_t address;
	char name[64];
	uint32_t size, object_size, left_pad;
} known[MOST_CACHES];
static uint32_t nr_known;

static uint32_t cache_half(uint64_t cache, enum field_id id)
{
	uint64_t value = 0;

	if (has_field(id))
		see(cache + (uint64_t)fields[id].offset, &value, fields[id].bytes < 8 ? fields[id].bytes : 8);
	return (uint32_t)value;
}

static const struct known_cache *cache_of(uint64_t address)
{
	struct known_cache *cache = &known[nr_known];
	uint64_t name = 0;

	for (uint32_t i = 0; i < nr_known; i++) {
		if (known[i].address == address)
			return &known[i];
	}
	if (nr_known == MOST_CACHES || !is_kernel_address(address) || !has_field(F_CACHE_NAME))
		return NULL;
	see(address + (uint64_t)fields[F_CACHE_NAME].offset, &name, 8);
	*cache = (struct known_cache){ .address = address, .size = cache_half(address, F_CACHE_SIZE),
				       .object_size = cache_half(address, F_CACHE_OBJECT_SIZE),
				       .left_pad = cache_half(address, F_CACHE_LEFT_PAD) };
	see_string(name, cache->name, sizeof(cache->name));
	if (!*cache->name || !cache->size || cache->object_size > cache->size)
		return NULL;
	nr_known++;
	return cache;
}

/* The first page of the slab that an address is in; UINT64_MAX: it is in none now. */
static uint64_t slab_of(uint64_t address)
{
	uint64_t pfn = pfn_of_linear(address);
	uint8_t page[MAX_PAGE_BYTES];

	if (pfn == UINT64_MAX || !in_ram(pfn) || class_now(pfn) != CLASS_SLAB || !kernel_read(page_of_pfn(pfn), page, bases.page_bytes))
		return UINT64_MAX;
	return page_is_tail(page) ? head_of_tail(pfn, page) : pfn;
}

static uint64_t cache_address(uint64_t slab)
{
	return slab == UINT64_MAX || !has_field(F_SLAB_CACHE) ? 0 : kernel_field(page_of_pfn(slab), F_SLAB_CACHE);
}

bool object_find(uint64_t address, struct object *object)
{
	uint64_t slab = slab_of(address), from;
	const struct known_cache *cache = cache_of(cache_address(slab));

	if (!cache)
		return false;
	from = address - linear_of_pfn(slab);
	if (from < cache->left_pad || (from - cache->left_pad) % cache->size)
		return false;
	*object = (struct object){ address, cache->address, cache->name, cache->object_size };
	return true;
}

bool object_is_there(const struct object *object)
{
	return cache_address(slab_of(object->address)) == object->cache;
}
