/* SPDX-License-Identifier: MIT */
/*
 * alloc_pages_bulk() fills the empty places of an array, and one of them may
 * have had its event already. So this remembers, from the call to the return, which
 * places were full, and which single pages the same task got.
 */
#ifndef BULK_PAGES_BPF_H
#define BULK_PAGES_BPF_H

#define TRACED_MAX 4

struct bulk_call {
	u64 array;
	u64 full[BULK_MAX / 64];
	u64 traced[TRACED_MAX];
	u64 nr_traced;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u64);
	__type(value, struct bulk_call);
} bulk_calls SEC(".maps");

/* Calls under way on all CPUs; a call whose return was missed leaves it too high, which only costs a look-up. */
__u32 nr_bulk_calls = 0;

/* The key of a call that interrupts another call of the same task has this bit. */
#define INTERRUPTING (1ULL << 63)

static __always_inline u64 caller(void)
{
	u64 pid_tgid = bpf_get_current_pid_tgid();

	/* the idle tasks are all number 0 */
	return pid_tgid ? pid_tgid : 1ULL << 62 | bpf_get_smp_processor_id();
}

static __noinline int note_traced_page(u64 key, u64 pfn)
{
	struct bulk_call *call = bpf_map_lookup_elem(&bulk_calls, &key);

	if (call)
		call->traced[call->nr_traced++ & (TRACED_MAX - 1)] = pfn + 1;
	return 0;
}

/* mm_page_alloc has seen a page. */
static __always_inline void maybe_bulk(u64 pfn, u32 order)
{
	u64 key;

	if (!nr_bulk_calls || order)
		return;
	key = caller();
	note_traced_page(key, pfn);
	note_traced_page(key | INTERRUPTING, pfn);
}

/* page_array is the last argument; there was a page_list before it until 6.14 */
#define PAGE_ARRAY ((nr_arguments[SLOT_ALLOC_PAGES_BULK] - 1) & 7)

/* One bit for each of up to 64 places that is full. */
__noinline u64 full_places(u64 array, u32 nr)
{
	u64 full = 0;
	u32 i;

	for (i = 0; i < 64; i++) {
		if (i >= nr)
			break;
		if (item(array + i * 8))
			full |= 1ULL << i;
	}
	return full;
}

SEC("fentry/alloc_pages_bulk_noprof")
int BPF_PROG(alloc_pages_bulk_call)
{
	struct bulk_call call = { .array = argument(ctx, PAGE_ARRAY) };
	u64 key = caller(), other = key | INTERRUPTING;
	u32 nr = argument(ctx, 3), i;

	if (!tracing || !call.array)
		return 0;
#pragma unroll
	for (i = 0; i < BULK_MAX / 64; i++) {
		if (i * 64 < nr)
			call.full[i] = full_places(call.array + i * 512, nr - i * 64);
	}
	if (bpf_map_update_elem(&bulk_calls, &key, &call, BPF_NOEXIST) &&
	    bpf_map_update_elem(&bulk_calls, &other, &call, BPF_NOEXIST))
		/* both entries are of calls whose return was missed */
		bpf_map_update_elem(&bulk_calls, &key, &call, BPF_ANY);
	else
		__sync_fetch_and_add(&nr_bulk_calls, 1);
	return 0;
}

static __always_inline bool is_new_page(const struct bulk_call *call, u64 pfn, u32 i)
{
	u32 t;

	if (call->full[i / 64 & (BULK_MAX / 64 - 1)] >> (i & 63) & 1)
		return false;
#pragma unroll
	for (t = 0; t < TRACED_MAX; t++) {
		if (call->traced[t] == pfn + 1)
			return false;
	}
	return true;
}

__noinline int send_page(u64 key, u32 i)
{
	struct bulk_call *call = bpf_map_lookup_elem(&bulk_calls, &key);
	struct bulk_ids *ids = ids_of(SLOT_ALLOC_PAGES_BULK);
	u64 page, pfn, *word;

	if (!call || !ids)
		return 0;
	page = item(call->array + i * 8);
	pfn = pfn_of(page);
	if (!page || !is_new_page(call, pfn, i) || skips_page(pfn))
		return 0;
	word = event_reserve(4);
	if (!word)
		return count(SLOT_ALLOC_PAGES_BULK, LOSS_RING_FULL, page_size, 1);
	if (min_age_ns)
		set_reported(pfn);
	word[1] = pfn;
	word[2] = ids->word2;
	word[3] = ids->word3;
	event_submit(word, (bpf_ktime_get_ns() - start_ns) << 8 | ids->kind);
	return 0;
}

static __always_inline void send_pages(void *ctx, u64 key, u32 nr)
{
	struct slot_scratch *scratch;
	u32 i;

	if (left_out(SLOT_ALLOC_PAGES_BULK, page_size))
		return;
	scratch = take_first_scratch(SLOT_ALLOC_PAGES_BULK, page_size);
	if (!scratch)
		return;
	if (bulk_describe(ctx, scratch, SLOT_ALLOC_PAGES_BULK, KIND_PAGE_ALLOC, NULL)) {
		for (i = 0; i < BULK_MAX; i++) {
			if (i >= nr)
				break;
			send_page(key, i);
		}
		if (nr > BULK_MAX)
			count_beyond(SLOT_ALLOC_PAGES_BULK, nr);
	}
	scratch->busy = 0;
}

SEC("fexit/alloc_pages_bulk_noprof")
int BPF_PROG(alloc_pages_bulk_result)
{
	u64 array = argument(ctx, PAGE_ARRAY), key = caller();
	struct bulk_call *call;

	call = bpf_map_lookup_elem(&bulk_calls, &key);
	if (!call || call->array != array) {
		key |= INTERRUPTING;
		call = bpf_map_lookup_elem(&bulk_calls, &key);
	}
	if (!call || call->array != array)
		return 0;
	if (tracing)
		send_pages(ctx, key, argument(ctx, 3));
	bpf_map_delete_elem(&bulk_calls, &key);
	__sync_fetch_and_add(&nr_bulk_calls, -1);
	return 0;
}

#endif
