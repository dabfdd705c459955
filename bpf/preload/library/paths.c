// SPDX-License-Identifier: MIT
/*
 * Call paths, each once: its words lie in the shared memory, its place is found by a hash of 64 bits over its addresses.
 * Threads write entries without a lock: the first word is hash ^ place.
 */
#include "library.h"

#define ENTRIES_BITS 18
#define PROBES 16

static struct {
	uint64_t mixed, place;
} entries[1 << ENTRIES_BITS];

uint64_t path_seed = 1;

void paths_renew(void)
{
	path_seed = path_seed * 0x9e3779b97f4a7c15ull + 1;
}

static COLD uint32_t add(const struct memo_frame *frames, unsigned nr, uint64_t hash, unsigned place)
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
	__atomic_store_n(&entries[place].mixed, hash ^ at, __ATOMIC_RELAXED);
	__atomic_store_n(&entries[place].place, at, __ATOMIC_RELAXED);
	return at;
}

uint32_t path_intern(const struct memo_frame *frames, unsigned nr, uint64_t hash)
{
	unsigned first;

	hash ^= hash << 23;
	first = (unsigned)(hash >> (64 - ENTRIES_BITS));
	if (unlikely(shared->flags & HEAP_AUDIT))
		audit(frames, nr);

	for (unsigned i = 0; i < PROBES; i++) {
		unsigned place = (first + i) % (1 << ENTRIES_BITS);
		uint64_t at = __atomic_load_n(&entries[place].place, __ATOMIC_RELAXED);

		if (at == 0)
			return add(frames, nr, hash, place);
		if (likely((__atomic_load_n(&entries[place].mixed, __ATOMIC_RELAXED) ^ at) == hash))
			return (uint32_t)at;
	}
	/* it takes the place of another, which will be written again if it comes again */
	return add(frames, nr, hash, first);
}
