/* SPDX-License-Identifier: MIT */
/*
 * Survivors only (--min-age): an alloc waits here for its free. If that comes
 * while it is young, the pair is counted and nobody hears of it; what outlives
 * the age is sent by the loader (survivors.c), with the time of its alloc.
 *
 * Two tables take turns. New allocs go into young_now; the other is closed: it
 * only loses entries, so when it has been closed for the age, all that is left
 * in it is old enough, and the loader may take it entry by entry while frees
 * go on. Whoever deletes an entry has it: a free that finds it deleted is sent,
 * and its place in the ring is behind that moment; the loader reads the ring up
 * to its sweep before, and on from there after.
 *
 * Only what is freed under the address it was given waits: objects of slabs and
 * single pages. Larger blocks, which may be freed in pieces, vmalloc and percpu
 * are sent at once. So is what finds the table full (counted).
 *
 * A free without an event (bulk frees where functions cannot be hooked) shows
 * when its address is allocated again. The reader finds that out by the new
 * alloc, which therefore must not wait: `told` has a byte for each address,
 * by hash, that may be held in the reader's eyes.
 */
#ifndef SURVIVORS_BPF_H
#define SURVIVORS_BPF_H

const volatile __u64 min_age_ns = 0; /* 0: all are sent at once */
__u32 young_now = 0;                 /* the table that is open, 0 or 1 */

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

static __always_inline u32 let_go(void *table, u64 key, u32 slot, u32 cause)
{
	struct young_alloc *young = bpf_map_lookup_elem(table, &key);
	u64 bytes;

	if (!young)
		return 0;
	bytes = young_bytes(young);
	if (bpf_map_delete_elem(table, &key))
		return 0;
	count(slot, cause, bytes, 1);
	return 1;
}

/* 0: it must be sent. */
static __noinline int keep_young(const struct young_alloc *young, u32 slot)
{
	u32 now = *(volatile u32 *)&young_now;
	u64 key = young->word[1];
	u8 *mark = told_of(key);
	long error;

	if (!mark || *mark)
		return 0;
	if (now) {
		let_go(&young_0, key, slot, YOUNG_MISSED);
		error = bpf_map_update_elem(&young_1, &key, young, BPF_NOEXIST);
	} else {
		let_go(&young_1, key, slot, YOUNG_MISSED);
		error = bpf_map_update_elem(&young_0, &key, young, BPF_NOEXIST);
	}
	if (error == -EEXIST) {
		count(slot, YOUNG_MISSED, young_bytes(young), 1);
		error = now ? bpf_map_update_elem(&young_1, &key, young, BPF_ANY) :
			      bpf_map_update_elem(&young_0, &key, young, BPF_ANY);
	}
	if (!error)
		return 1;
	count(slot, YOUNG_DIRECT, young_bytes(young), 1);
	*mark = 1;
	return 0;
}

/* 1: its alloc was waiting, and nobody needs to hear of either. */
static __noinline int free_young(u64 key, u32 slot)
{
	u8 *mark;

	if (*(volatile u32 *)&young_now) {
		if (let_go(&young_1, key, slot, YOUNG_PAIR) || let_go(&young_0, key, slot, YOUNG_PAIR))
			return 1;
	} else {
		if (let_go(&young_0, key, slot, YOUNG_PAIR) || let_go(&young_1, key, slot, YOUNG_PAIR))
			return 1;
	}
	mark = told_of(key);
	if (mark)
		*mark = 0;
	return 0;
}

#endif
