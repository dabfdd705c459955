// SPDX-License-Identifier: MIT
/*
 * Call paths, each once: its words lie in the shared memory, its place is found by a hash of 64 bits over its addresses.
 * Threads write entries without a lock: the first word is hash ^ place.
 */
#include "library.h"

#define ENTRIES_BITS 18
#define RECENT_BITS 12
#define PROBES 16

struct entry {
	uint64_t mixed, place;
};

static struct entry entries[1 << ENTRIES_BITS];
/* Those that came last: few enough to stay in the CPU's cache. */
static struct entry recent[1 << RECENT_BITS];

uint64_t path_seed = 1;

void paths_renew(void)
{
	path_seed = path_seed * 0x9e3779b97f4a7c15ull + 1;
}

static inline uint64_t place_of(const struct entry *entry, uint64_t hash)
{
	uint64_t place = __atomic_load_n(&entry->place, __ATOMIC_RELAXED);

	return (__atomic_load_n(&entry->mixed, __ATOMIC_RELAXED) ^ place) == hash ? place : 0;
}

static inline void keep(struct entry *entry, uint64_t hash, uint64_t place)
{
	__atomic_store_n(&entry->mixed, hash ^ place, __ATOMIC_RELAXED);
	__atomic_store_n(&entry->place, place, __ATOMIC_RELAXED);
}

static COLD uint32_t add(const struct memo_frame *frames, unsigned nr, uint64_t hash, struct entry *entry)
{
	uint64_t *words = (uint64_t *)((char *)shared + HEAP_PATHS_AT);
	uint32_t at = __atomic_fetch_add(&shared->path_words, nr + 1, __ATOMIC_RELAXED);

	/* counts on past the end; a wrap takes more paths than a process can make */
	if (at >= HEAP_PATH_WORDS - MOST_FRAMES - 1) {
		__atomic_store_n(&shared->path_words, HEAP_PATH_WORDS, __ATOMIC_RELAXED);
		__atomic_fetch_add(&shared->paths_lost, 1, __ATOMIC_RELAXED);
		return 0;
	}
	words[at] = nr;
	for (unsigned i = 0; i < nr; i++)
		words[at + 1 + i] = frames[nr - 1 - i].key;
	keep(entry, hash, at);
	return at;
}

static uint32_t find(const struct memo_frame *frames, unsigned nr, uint64_t hash)
{
	unsigned first = (unsigned)(hash >> (64 - ENTRIES_BITS));

	for (unsigned i = 0; i < PROBES; i++) {
		struct entry *entry = &entries[(first + i) % (1 << ENTRIES_BITS)];
		uint64_t place = place_of(entry, hash);

		if (likely(place))
			return (uint32_t)place;
		if (!__atomic_load_n(&entry->place, __ATOMIC_RELAXED))
			return add(frames, nr, hash, entry);
	}
	/* it takes the place of another, which will be written again if it comes again */
	return add(frames, nr, hash, &entries[first]);
}

uint32_t path_intern(const struct memo_frame *frames, unsigned nr, uint64_t hash)
{
	struct entry *entry;
	uint64_t place;

	/* multiplication has left the low bits worse than the others */
	hash ^= hash << 23;
	entry = &recent[hash >> 20 & ((1 << RECENT_BITS) - 1)];
	if (unlikely(shared->flags & HEAP_AUDIT))
		audit(frames, nr);
	place = place_of(entry, hash);
	if (likely(place))
		return (uint32_t)place;
	place = find(frames, nr, hash);
	if (place)
		keep(entry, hash, place);
	return (uint32_t)place;
}
