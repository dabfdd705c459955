/* SPDX-License-Identifier: MIT */
/*
 * Allocs and frees without a tracepoint are seen through the functions that make them
 * (fentry, fexit: BPF trampolines). functions.c chooses among them by the running
 * kernel's BTF; no event has two hooks:
 *
 *   kmem_cache_free_bulk()   frees without an event, in all kernels. kfree_rcu()
 *                            and kfree_bulk() end here too, when the memory is
 *                            really freed; kfree_rcu()'s other ways out are
 *                            kfree(), which has an event, and sheaves.
 *   __kfree_rcu_sheaf()      takes an object into a sheaf that is freed whole,
 *                            from 6.18; if it refuses, the object is freed as above.
 *   kmem_cache_alloc_bulk()  allocates without an event.
 *   alloc_pages_bulk()       the same for pages, from 5.13 (387ba26fb1cb), except
 *                            the one page of a call that it may get through
 *                            alloc_pages(), which has an event.
 *   alloc_vmap_area()        and free_vmap_area_noflush() before 6.2, which gave
 *                            them tracepoints of these names.
 */
#ifndef FUNCTIONS_BPF_H
#define FUNCTIONS_BPF_H

/*
 * Objects of one call that are sent; more are counted as lost.
 * kfree_rcu() gathers a page of pointers, vmalloc() asks for 100 pages.
 */
#define BULK_MAX 512

/* The number of arguments: the result lies behind them. */
const volatile __u32 nr_arguments[NR_SLOTS] = {};
/* kmem_cache_alloc_bulk() returns how many it got, or since 7.3 a bool, of which only the low byte counts */
const volatile __u32 bulk_returns_bool = 0;

/* An argument, or the result, as a number, whatever its type. */
static __always_inline u64 argument(u64 *ctx, u32 i)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &ctx[i]);
	return value;
}

static __always_inline u64 item(u64 place)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (const void *)place);
	return value;
}

static __noinline int count_beyond(u32 slot, u64 nr)
{
	struct slot_losses *all = bpf_map_lookup_elem(&losses, &slot);

	if (all)
		__sync_fetch_and_add(&all->cause[LOSS_REPORTED].count, nr - BULK_MAX);
	return 0;
}

/* The words that all events of one call share. */
struct bulk_ids {
	u64 word2;
	u64 word3;
	u64 word4;
	u64 kind;
};

/* One per slot from SLOT_KMEM_CACHE_ALLOC_BULK on; it belongs to the holder of the slot's scratch. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_ALLOC_SLOTS - SLOT_KMEM_CACHE_ALLOC_BULK);
	__type(key, u32);
	__type(value, struct bulk_ids);
} all_bulk_ids SEC(".maps");

static __always_inline struct bulk_ids *ids_of(u32 slot)
{
	u32 key = slot - SLOT_KMEM_CACHE_ALLOC_BULK;

	return bpf_map_lookup_elem(&all_bulk_ids, &key);
}

/* As take_scratch(), but of the first level only, to which the ids belong. */
static __always_inline struct slot_scratch *take_first_scratch(u32 slot, u64 bytes)
{
	struct slot_scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);

	if (scratch && scratch->busy) {
		count(slot, LOSS_RECURSION, bytes, 1);
		return NULL;
	}
	if (scratch) {
		scratch->busy = 1;
		scratch->index = slot;
	}
	return scratch;
}

/* NULL: no room in the ring for the call path, which is counted. scratch->busy is held. */
static __always_inline struct bulk_ids *bulk_describe(void *ctx, struct slot_scratch *scratch, u32 slot, u32 kind,
						      struct kmem_cache___u *cache)
{
	u32 stack = walked_path(ctx, scratch), comm, cache_number = 0;
	struct bulk_ids *ids = ids_of(slot);
	struct task_seen task;

	if (!ids || stack == NO_ROOM) {
		count(slot, LOSS_RING_FULL, 0, 0);
		return NULL;
	}
	if (stack >= NO_PATH) {
		count(slot, stack == NO_PATH ? LOSS_NO_STACK : LOSS_STACK_TABLE_FULL, 0, 0);
		stack = 0;
	}
	see_task(&task);
	comm = comm_id(scratch, &task.comm);
	if (!comm)
		count(slot, LOSS_NAME_TABLE_FULL, 0, 0);
	ids->kind = kind;
	ids->word4 = 0;
	if (cache) {
		scratch->cache.cache = (u64)cache;
		bpf_core_read(&scratch->cache.name, sizeof(u64), &cache->name);
		bpf_core_read(&scratch->cache.size, sizeof(u32), &cache->size);
		bpf_core_read(&scratch->cache.object_size, sizeof(u32), &cache->object_size);
		cache_number = cache_id(scratch);
		if (!cache_number) {
			ids->word4 = sizes(scratch->cache.size, scratch->cache.object_size);
			ids->kind |= KIND_SIZED;
		}
	}
	ids->word2 = stack | (u64)task.tgid << 32;
	ids->word3 = names_word(comm, cache_number, bpf_get_smp_processor_id());
	if (self_mark && is_self(task.tgid))
		ids->kind |= KIND_SELF;
	return ids;
}

static __always_inline bool left_out(u32 slot, u64 bytes_each)
{
	if ((min_bytes && bytes_each < min_bytes) ||
	    (self_drop && is_self(bpf_get_current_pid_tgid() >> 32))) {
		count(slot, FILTERED, bytes_each, 1);
		return true;
	}
	return false;
}

/* ---- objects ---- */

/* Functions called in loops are global, so that the verifier checks them once and not once a turn. */
__noinline int free_object_at(u64 place, u64 done, u32 kind)
{
	u64 ptr = item(place);

	if (place != done && ptr > 16 && !skips_object(ptr))
		send_free(NULL, SLOT_KMEM_CACHE_FREE_BULK, kind, ptr, 0, 0, 0);
	return 0;
}

/*
 * Sends the free of one object of a call with the call path. Each object of any call has the same
 * chance of 1 in N. Returns where its pointer lies, 0 if there is none: the loop must not compare it, or the
 * verifier would follow each turn twice.
 */
static __always_inline u64 free_one_with_site(void *ctx, u64 array, u64 nr, u32 kind)
{
	u32 one;
	u64 ptr;

	if (nr > BULK_MAX)
		nr = BULK_MAX;
	if (bpf_get_prandom_u32() >= (site_limit >> 32) * nr)
		return 0;
	one = bpf_get_prandom_u32() * nr >> 32;
	ptr = item(array + one * 8);
	if (ptr > 16 && !skips_object(ptr))
		send_free(ctx, SLOT_KMEM_CACHE_FREE_BULK, kind, ptr, 0, 0, EVERY_SITE);
	return array + one * 8;
}

SEC("fentry/kmem_cache_free_bulk")
int BPF_PROG(kmem_cache_free_bulk_call)
{
	u64 cache = argument(ctx, 0), nr = argument(ctx, 1), array = argument(ctx, 2);
	u32 kind = cache ? KIND_KMEM_CACHE_FREE : KIND_KFREE, i;
	u64 done;

	if (!tracing)
		return 0;
	done = free_one_with_site(ctx, array, nr, kind);
	for (i = 0; i < BULK_MAX; i++) {
		if (i >= nr)
			return 0;
		free_object_at(array + i * 8, done, kind);
	}
	return count_beyond(SLOT_KMEM_CACHE_FREE_BULK, nr);
}

SEC("fexit/__kfree_rcu_sheaf")
int BPF_PROG(kfree_rcu_sheaf_result)
{
	u8 taken = argument(ctx, nr_arguments[SLOT_KFREE_RCU_SHEAF]);

	return taken ? object_free(ctx, SLOT_KFREE_RCU_SHEAF, KIND_KMEM_CACHE_FREE, argument(ctx, 1), 0, 0) : 0;
}

__noinline int send_object_at(u64 place)
{
	struct bulk_ids *ids = ids_of(SLOT_KMEM_CACHE_ALLOC_BULK);
	u64 ptr = item(place), *word;

	if (!ids || ptr <= 16 || skips_object(ptr))
		return 0;
	word = event_reserve(5);
	if (!word)
		return count(SLOT_KMEM_CACHE_ALLOC_BULK, LOSS_RING_FULL, 0, 0);
	if (min_age_ns)
		set_reported(ptr);
	word[1] = ptr;
	word[2] = ids->word2;
	word[3] = ids->word3;
	word[4] = ids->word4;
	event_submit(word, (bpf_ktime_get_ns() - start_ns) << 8 | ids->kind);
	return 0;
}

static __always_inline void send_objects(u64 array, u64 nr)
{
	u32 i;

	for (i = 0; i < BULK_MAX; i++) {
		if (i >= nr)
			return;
		send_object_at(array + i * 8);
	}
	count_beyond(SLOT_KMEM_CACHE_ALLOC_BULK, nr);
}

SEC("fexit/kmem_cache_alloc_bulk")
int BPF_PROG(kmem_cache_alloc_bulk_result)
{
	struct kmem_cache___u *cache = (void *)argument(ctx, 0);
	u64 nr = argument(ctx, 2), array = argument(ctx, 3), result = argument(ctx, 4);
	struct slot_scratch *scratch;
	u32 bytes = 0;

	/* all or none */
	if (!tracing || !(bulk_returns_bool ? (u8)result : (u32)result))
		return 0;
	bpf_core_read(&bytes, sizeof(bytes), &cache->size);
	if (left_out(SLOT_KMEM_CACHE_ALLOC_BULK, bytes))
		return 0;
	scratch = take_first_scratch(SLOT_KMEM_CACHE_ALLOC_BULK, bytes);
	if (!scratch)
		return 0;
	if (bulk_describe(ctx, scratch, SLOT_KMEM_CACHE_ALLOC_BULK, KIND_KMEM_CACHE_ALLOC, cache))
		send_objects(array, nr);
	scratch->busy = 0;
	return 0;
}

/* ---- vmalloc areas ---- */

SEC("fexit/alloc_vmap_area")
int BPF_PROG(alloc_vmap_area_result)
{
	struct vmap_area___u *area = (void *)argument(ctx, nr_arguments[SLOT_ALLOC_VMAP_AREA]);
	int failed = (u64)area >= (u64)-4095;
	u64 start = 0;

	if (!failed)
		bpf_core_read(&start, sizeof(start), &area->va_start);
	return vmap_alloc(ctx, start, argument(ctx, 0), failed);
}

SEC("fentry/free_vmap_area_noflush")
int BPF_PROG(free_vmap_area_call)
{
	struct vmap_area___u *area = (void *)argument(ctx, 0);
	u64 start = 0;

	bpf_core_read(&start, sizeof(start), &area->va_start);
	return vmap_free(ctx, start);
}

#endif
