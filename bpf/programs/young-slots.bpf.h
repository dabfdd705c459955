/* SPDX-License-Identifier: MIT */
/*
 * Young allocs in an array of buckets that the loader maps: four places each, no
 * locks. Word 0 of a place is its state: 0 = empty, YOUNG_CLAIMED = being filled in,
 * else the time and kind of the alloc that waits there. No two allocs of one
 * address have the same time, so a program that changes word 0 from the value that it
 * read to 0 has taken that very alloc, and all that it read after word 0 belongs to it.
 * Word 1 of an empty place is that of its last alloc: read before word 0, it might
 * name an address whose place another alloc has by then.
 *
 *   alloc   claims an empty place, fills it in, and writes word 0 last
 *   free    finds its address and empties the place
 *   loader  copies an alloc that is old enough and empties its place (min-age.c)
 *
 * Measured on 6.18, mean run time of all programs under churn beside that of a
 * trace that sends all: 1.2 times, with the tables of young-tables.bpf.h 1.6.
 */
#ifndef YOUNG_SLOTS_BPF_H
#define YOUNG_SLOTS_BPF_H

static __always_inline struct young_bucket *young_bucket(u64 key)
{
	/* other bits than those of reported_index() */
	u32 i = (u32)(sample_hash(0, key) >> 20) & young_mask;

	return bpf_map_lookup_elem(&young_buckets, &i);
}

static __always_inline bool replace_word0(struct young_bucket *bucket, u32 way, u64 seen, u64 by)
{
	return __sync_val_compare_and_swap(&bucket->word0[way], seen, by) == seen;
}

static __always_inline void fill_in(struct young_bucket *bucket, u32 way, const struct young_alloc *young)
{
	bucket->word1[way] = young->word[1];
	bucket->rest[way][0] = young->word[2];
	bucket->rest[way][1] = young->word[3];
	bucket->rest[way][2] = young->word[4];
	/* x86 keeps the order of stores; this object is used there alone */
	asm volatile("" ::: "memory");
	*(volatile u64 *)&bucket->word0[way] = young->word[0];
}

/* 0: no room. */
static __always_inline u32 young_put(const struct young_alloc *young, u32 slot)
{
	struct young_bucket *bucket = young_bucket(young->word[1]);
	u64 seen;
	u32 way;

	if (!bucket)
		return 0;
	/* an alloc that waits at this address was freed unseen */
#pragma unroll
	for (way = 0; way < YOUNG_WAYS; way++) {
		seen = *(volatile u64 *)&bucket->word0[way];
		if (*(volatile u64 *)&bucket->word1[way] != young->word[1] || seen <= YOUNG_CLAIMED)
			continue;
		if (replace_word0(bucket, way, seen, YOUNG_CLAIMED)) {
			count(slot, YOUNG_MISSED, bucket->rest[way][2] & 0xffffffff, 1);
			fill_in(bucket, way, young);
			return 1;
		}
	}
#pragma unroll
	for (way = 0; way < YOUNG_WAYS; way++) {
		if (!*(volatile u64 *)&bucket->word0[way] && replace_word0(bucket, way, 0, YOUNG_CLAIMED)) {
			fill_in(bucket, way, young);
			return 1;
		}
	}
	return 0;
}

/* 0: it was not there. */
static __always_inline u32 young_take(void *ctx, u64 key, u32 slot, u32 cause, u64 limit)
{
	struct young_bucket *bucket = young_bucket(key);
	u64 seen, bytes, word2 = 0, word3 = 0;
	u32 way;

	if (!bucket)
		return 0;
#pragma unroll
	for (way = 0; way < YOUNG_WAYS; way++) {
		seen = *(volatile u64 *)&bucket->word0[way];
		if (*(volatile u64 *)&bucket->word1[way] != key || seen <= YOUNG_CLAIMED)
			continue;
		bytes = bucket->rest[way][2] & 0xffffffff;
		/* the time of the alloc decides, which no two allocs of an address share */
		if (ctx && seen * GOLDEN < limit) {
			word2 = bucket->rest[way][0];
			word3 = bucket->rest[way][1];
		}
		if (replace_word0(bucket, way, seen, 0)) {
			count(slot, cause, bytes, 1);
			if (ctx && word2)
				send_young_site(ctx, seen, word2, word3);
			return 1;
		}
	}
	return 0;
}

/* Takes the alloc that waits at an address; 0: none waits there. */
static __always_inline u32 young_copy_out(u64 key, struct young_alloc *young)
{
	struct young_bucket *bucket = young_bucket(key);
	u32 way;

	if (!bucket)
		return 0;
#pragma unroll
	for (way = 0; way < YOUNG_WAYS; way++) {
		young->word[0] = *(volatile u64 *)&bucket->word0[way];
		if (*(volatile u64 *)&bucket->word1[way] != key || young->word[0] <= YOUNG_CLAIMED)
			continue;
		young->word[1] = key;
		young->word[2] = bucket->rest[way][0];
		young->word[3] = bucket->rest[way][1];
		young->word[4] = bucket->rest[way][2];
		if (replace_word0(bucket, way, young->word[0], 0))
			return 1;
	}
	return 0;
}

#endif
