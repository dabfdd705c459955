/* SPDX-License-Identifier: MIT */
/*
 * Survivors only (--min-age): an alloc waits here for its free. If the free comes
 * while the alloc is young, the pair is counted and not sent; an alloc that outlives
 * the age is sent by the loader (min-age.c), with the time of the alloc.
 *
 * An alloc is taken out once: by the loader, if it is old enough, or by its free, at
 * the same time. A free that finds nothing is sent, and its place in the ring is behind
 * the moment of the sweep; the loader reads the ring up to that moment before the
 * sweep, and the rest after it. So a free never overtakes its alloc.
 *
 * Where allocs wait: young-slots.bpf.h, or young-tables.bpf.h in the object that
 * runs everywhere.
 *
 * Only memory that is freed under the address it was given waits: objects of slabs and
 * single pages. Larger blocks, which may be freed in pieces, vmalloc and percpu
 * are sent at once. So are allocs that find no room (counted).
 *
 * A free without an event (bulk frees where functions cannot be hooked) shows
 * when its address is allocated again. The reader recognises it by the new
 * alloc, which therefore must not wait: `reported` has a byte for each address,
 * by hash, that the reader may take for held.
 */
#ifndef MIN_AGE_BPF_H
#define MIN_AGE_BPF_H

const volatile __u64 min_age_ns = 0; /* 0: all are sent at once */
/* The maps of the way that is not used have no size. */
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
	__type(value, struct reported_line);
} reported SEC(".maps");

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

static __always_inline u8 *reported_at(u64 key)
{
	u32 i = reported_index(key), at = i / REPORTED_LINE;
	struct reported_line *line = bpf_map_lookup_elem(&reported, &at);

	return line ? &line->reported[i & (REPORTED_LINE - 1)] : NULL;
}

/* For an alloc that is sent at once. */
static __noinline int set_reported(u64 key)
{
	u8 *mark = reported_at(key);

	if (mark)
		*mark = 1;
	return 0;
}

/* The bytes that a waiting alloc takes. */
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
	u8 *mark = reported_at(young->word[1]);

	if (!mark)
		return 0;
	if (*mark) {
		/* if an alloc still waits there (the mark was another address's then), it was freed unseen */
		young_take(NULL, young->word[1], slot, YOUNG_MISSED, 0);
		return 0;
	}
	if (young_put(young, slot))
		return 1;
	count(slot, YOUNG_DIRECT, young_bytes(young), 1);
	*mark = 1;
	return 0;
}

/* 1: its alloc was waiting, and neither is sent. Below `limit` it is sent where the pair was freed. */
static __noinline int free_young(void *ctx, u64 key, u32 slot, u64 limit)
{
	u8 *mark;

	if (young_take(ctx, key, slot, YOUNG_PAIR, limit))
		return 1;
	mark = reported_at(key);
	if (mark)
		*mark = 0;
	return 0;
}

#endif
