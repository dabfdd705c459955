/* SPDX-License-Identifier: MIT */
/*
 * Where memory is usually freed: at 1 free in N the call path of the free is taken as well,
 * with the CPU and the task. Each CPU has memory for one such path at a time. Where that is
 * in use, or a table is full, the free goes on its way without a path, and nothing is lost.
 *
 * The path is always walked by the kernel: 3 us, at some thousand frees a second at most.
 * The loader chooses N by the number of samples that it has read (trace/sampling.c), and
 * limits those of one second. Which frees are taken is decided by their place in the ring (times the
 * golden ratio, which spreads over any sequence of evenly spaced places), because the place is
 * at hand; in the object that runs everywhere, at random.
 *
 * With --min-age a pair may be matched in the kernel, and neither event is sent. Of such a pair a
 * message of its own says where it was allocated and freed, and how long it lived.
 */
#ifndef FREE_SITES_BPF_H
#define FREE_SITES_BPF_H

__u64 site_limit = 0;       /* 2^64 / N; 0: no free is taken */
__s32 sites_left = 0;       /* that may be taken in this second */
__u32 sites_known_only = 0; /* the table of call paths is needed for those of allocs */

/* A limit that every free is below. */
#define EVERY_SITE (~0ULL)

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot_scratch);
} site_scratches SEC(".maps");

/* NULL: no path can be taken now. */
static __always_inline struct slot_scratch *take_site_scratch(void)
{
	u32 zero = 0;
	struct slot_scratch *scratch = bpf_map_lookup_elem(&site_scratches, &zero);

	if (!scratch || scratch->busy || sites_left <= 0)
		return NULL;
	/* two CPUs may take the last one both; that does no harm */
	sites_left--;
	scratch->busy = 1;
	return scratch;
}

/* Words 2 and 3 of an alloc, for the place of a free. */
struct site_words {
	u64 word2;
	u64 word3;
};

/* scratch->busy is held. False: the call path could not be taken. */
static __always_inline bool see_site(void *ctx, struct slot_scratch *scratch, struct site_words *site)
{
	u64 hash = walk_by_kernel(ctx, scratch), *known;
	u32 stack = hash >> 32;
	struct task_seen task;

	if (!hash)
		return false;
	if (sites_known_only) {
		known = bpf_map_lookup_elem(&stacks, &stack);
		if (!known || *known != hash)
			return false;
	}
	stack = stack_id(scratch, hash);
	if (stack == NO_ROOM || stack >= NO_PATH)
		return false;
	see_task(&task);
	site->word2 = stack | (u64)task.tgid << 32;
	site->word3 = names_word(comm_id(scratch, &task.comm), 0, bpf_get_smp_processor_id());
	return true;
}

/* Sends a free with its call path. 0: it must be sent without. */
static __noinline int send_sited_free(void *ctx, u32 kind, u64 word1)
{
	struct slot_scratch *scratch = take_site_scratch();
	struct site_words site = {};
	u64 *word;
	int sent = 0;

	if (!scratch)
		return 0;
	if (see_site(ctx, scratch, &site)) {
		word = event_reserve(SITED_WORDS);
		if (word) {
			word[1] = word1;
			word[2] = site.word2;
			word[3] = site.word3;
			event_submit(word, (bpf_ktime_get_ns() - start_ns) << 8 | kind | KIND_SITED);
			sent = 1;
		}
	}
	scratch->busy = 0;
	return sent;
}

/* `alloc0`, `alloc2` and `alloc3` are words of the alloc, which waited for this free and was not sent. */
static __noinline int send_young_site(void *ctx, u64 alloc0, u64 alloc2, u64 alloc3)
{
	struct slot_scratch *scratch = take_site_scratch();
	struct site_words site = {};
	struct young_freed *record;

	if (!scratch)
		return 0;
	if (see_site(ctx, scratch, &site)) {
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		if (record) {
			record->tag = FREED_YOUNG;
			record->time = bpf_ktime_get_ns() - start_ns;
			record->alloc0 = alloc0;
			record->alloc2 = alloc2;
			record->alloc3 = alloc3;
			record->free2 = site.word2;
			record->free3 = site.word3;
			bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
		}
	}
	scratch->busy = 0;
	return 0;
}

#endif
