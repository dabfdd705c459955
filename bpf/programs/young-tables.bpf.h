/* SPDX-License-Identifier: MIT */
/*
 * Young allocs in the kernel's hash tables, for kernels that may lack atomics.
 *
 * Two tables take turns. New allocs go into young_now; the other is closed: it
 * only loses entries, so when it has been closed for the age, all that is left
 * in it is old enough, and the loader may empty it bucket by bucket. In a single
 * table it could not distinguish an old entry from a new one in its place.
 */
#ifndef YOUNG_TABLES_BPF_H
#define YOUNG_TABLES_BPF_H

static __always_inline u32 let_go(void *table, void *ctx, u64 key, u32 slot, u32 cause, u64 limit)
{
	struct young_alloc *young = bpf_map_lookup_elem(table, &key);
	u64 bytes, word0, word2, word3;

	if (!young)
		return 0;
	bytes = young_bytes(young);
	word0 = young->word[0];
	word2 = young->word[2];
	word3 = young->word[3];
	if (bpf_map_delete_elem(table, &key))
		return 0;
	count(slot, cause, bytes, 1);
	if (ctx && word0 * GOLDEN < limit)
		send_young_site(ctx, word0, word2, word3);
	return 1;
}

/* 0: no room. */
static __always_inline u32 young_put(const struct young_alloc *young, u32 slot)
{
	u32 now = *(volatile u32 *)&young_now;
	u64 key = young->word[1];
	long error;

	if (now) {
		let_go(&young_0, NULL, key, slot, YOUNG_MISSED, 0);
		error = bpf_map_update_elem(&young_1, &key, young, BPF_NOEXIST);
	} else {
		let_go(&young_1, NULL, key, slot, YOUNG_MISSED, 0);
		error = bpf_map_update_elem(&young_0, &key, young, BPF_NOEXIST);
	}
	if (error == -EEXIST) {
		count(slot, YOUNG_MISSED, young_bytes(young), 1);
		error = now ? bpf_map_update_elem(&young_1, &key, young, BPF_ANY) :
			      bpf_map_update_elem(&young_0, &key, young, BPF_ANY);
	}
	return !error;
}

/* 0: it was not there. */
static __always_inline u32 young_take(void *ctx, u64 key, u32 slot, u32 cause, u64 limit)
{
	if (*(volatile u32 *)&young_now)
		return let_go(&young_1, ctx, key, slot, cause, limit) || let_go(&young_0, ctx, key, slot, cause, limit);
	return let_go(&young_0, ctx, key, slot, cause, limit) || let_go(&young_1, ctx, key, slot, cause, limit);
}

static __always_inline u32 copy_out(void *table, u64 key, struct young_alloc *young)
{
	struct young_alloc *waiting = bpf_map_lookup_elem(table, &key);

	if (!waiting)
		return 0;
	*young = *waiting;
	return !bpf_map_delete_elem(table, &key);
}

/* Takes the alloc that waits at an address; 0: none waits there. */
static __always_inline u32 young_copy_out(u64 key, struct young_alloc *young)
{
	return copy_out(&young_0, key, young) || copy_out(&young_1, key, young);
}

#endif
