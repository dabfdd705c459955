/* SPDX-License-Identifier: MIT */
/*
 * Survivors only (--min-age): an alloc waits here for its free. If that comes
 * while it is young, the pair is counted and nobody hears of it; what outlives
 * the age is sent by the loader (min-age.c), with the time of its alloc.
 *
 * Whoever takes an alloc out has it: the loader takes those that are old enough,
 * while frees go on. A free that finds nothing is sent, and its place in the ring
 * is behind that moment; the loader reads the ring up to its sweep before, and on
 * from there after. So a free never overtakes its alloc.
 *
 * Where allocs wait: young-slots.bpf.h, or young-tables.bpf.h in the object that
 * runs everywhere.
 *
 * Only what is freed under the address it was given waits: objects of slabs and
 * single pages. Larger blocks, which may be freed in pieces, vmalloc and percpu
 * are sent at once. So is what finds no room (counted).
 *
 * A free without an event (bulk frees where functions cannot be hooked) shows
 * when its address is allocated again. The reader finds that out by the new
 * alloc, which therefore must not wait: `told` has a byte for each address,
 * by hash, that may be held in the reader's eyes.
 */
#ifndef MIN_AGE_BPF_H
#define MIN_AGE_BPF_H

const volatile __u64 min_age_ns = 0; /* 0: all are sent at once */
/* Of the two ways to wait, the maps of the other one are of no size. */
__u32 young_now = 0; /* the table that is open, 0 or 1 */

struct young_table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, struct young_alloc);
};

struct young_table young_0 SEC(".maps"), young_1 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct young_bucket);
} young_buckets SEC(".maps");

const volatile __u32 young_mask = 0; /* buckets, less one */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct told_line);
} told SEC(".maps");

/* Word 1 of a page has its order in the top byte; those of objects are kernel addresses. */
static __always_inline bool waits(u32 kind, u64 word1)
{
	kind &= ~KIND_SIZED;
	if (!min_age_ns)
		return false;
	if (kind == KIND_PAGE_ALLOC || kind == KIND_PAGE_FREE)
		return word1 >> 56 == 0;
	return kind == KIND_KMALLOC || kind == KIND_KMEM_CACHE_ALLOC || kind == KIND_KFREE ||
	       kind == KIND_KMEM_CACHE_FREE;
}

static __always_inline u8 *told_of(u64 key)
{
	u32 i = told_index(key), at = i / TOLD_LINE;
	struct told_line *line = bpf_map_lookup_elem(&told, &at);

	return line ? &line->told[i & (TOLD_LINE - 1)] : NULL;
}

/* An alloc is sent at once. */
static __noinline int is_told(u64 key)
{
	u8 *mark = told_of(key);

	if (mark)
		*mark = 1;
	return 0;
}

/* What it takes, of an alloc that waits. */
static __always_inline u64 young_bytes(const struct young_alloc *young)
{
	return young->word[4] & 0xffffffff;
}

#ifdef FAST_STACKS
#include "young-slots.bpf.h"
#else
#include "young-tables.bpf.h"
#endif

/* 0: it must be sent. */
static __noinline int keep_young(const struct young_alloc *young, u32 slot)
{
	u8 *mark = told_of(young->word[1]);

	if (!mark)
		return 0;
	if (*mark) {
		/* one that still waits there, because the mark was another address's then, was freed unseen */
		young_take(young->word[1], slot, YOUNG_MISSED);
		return 0;
	}
	if (young_put(young, slot))
		return 1;
	count(slot, YOUNG_DIRECT, young_bytes(young), 1);
	*mark = 1;
	return 0;
}

/* 1: its alloc was waiting, and nobody needs to hear of either. */
static __noinline int free_young(u64 key, u32 slot)
{
	u8 *mark;

	if (young_take(key, slot, YOUNG_PAIR))
		return 1;
	mark = told_of(key);
	if (mark)
		*mark = 0;
	return 0;
}

#endif
