/* SPDX-License-Identifier: MIT */
/*
 * A process waits while it frees memory itself: direct reclaim, reclaim of a cgroup at its limit, compaction. Stalls
 * of stall_bound_ns and more are sent one by one, the others are summed by process, which the loader collects
 * once a second: of two sets of sums the programs fill one while the loader empties the other.
 */
#ifndef MARKS_STALLS_BPF_H
#define MARKS_STALLS_BPF_H

#define MAX_STALLS 4096
#define MAX_SUMS 1024
#define PF_KTHREAD 0x00200000

const volatile __u64 stall_bound_ns = 1000000;
/* From 6.19 on, the GFP flags come before the order. */
const volatile bool reclaim_gfp_first = false;

__u32 sums_in_use = 0;
__u64 sums_added = 0;

struct stall_start {
	u64 time;
	u32 order;
	u32 gfp;
};

/* Kind in the high half, thread in the low one; a stall that never ends is forgotten. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MAX_STALLS);
	__type(key, u64);
	__type(value, struct stall_start);
} stalls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SUMS);
	__type(key, struct stall_key);
	__type(value, struct stall_sum);
} sums_even SEC(".maps"), sums_odd SEC(".maps");

/* Sums of processes that found no room. */
__u64 sums_lost = 0;

static __always_inline u64 stall_of(u32 kind)
{
	return (u64)kind << 32 | (u32)bpf_get_current_pid_tgid();
}

/* Kernel threads free memory for others: nobody waits for them. */
static __always_inline bool is_kernel_thread(void)
{
	struct task_struct___m *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, flags) & PF_KTHREAD;
}

static __always_inline int stall_begins(u32 kind, u32 order, u32 gfp)
{
	struct stall_start start = { .time = bpf_ktime_get_ns(), .order = order, .gfp = gfp };
	u64 key = stall_of(kind);

	if (!is_kernel_thread())
		bpf_map_update_elem(&stalls, &key, &start, BPF_ANY);
	return 0;
}

static __always_inline void add_to_sum(u32 kind, u64 ns, u64 pages)
{
	struct stall_key key = { .kind = kind, .pid = (u32)(bpf_get_current_pid_tgid() >> 32) };
	bool odd = sums_in_use & 1;
	struct stall_sum *sum = odd ? bpf_map_lookup_elem(&sums_odd, &key) : bpf_map_lookup_elem(&sums_even, &key);
	struct stall_sum new = { .count = 1, .ns = ns, .longest_ns = ns, .pages = pages };
	long error;

	__sync_fetch_and_add(&sums_added, 1);
	if (sum) {
		__sync_fetch_and_add(&sum->count, 1);
		__sync_fetch_and_add(&sum->ns, ns);
		/* a constant 0 would be added by an instruction that came with 5.12 */
		if (pages)
			__sync_fetch_and_add(&sum->pages, pages);
		/* two threads at once may keep the shorter one: near enough below the bound */
		if (ns > sum->longest_ns)
			sum->longest_ns = ns;
		return;
	}
	bpf_get_current_comm(new.comm, sizeof(new.comm));
	error = odd ? bpf_map_update_elem(&sums_odd, &key, &new, BPF_NOEXIST)
		    : bpf_map_update_elem(&sums_even, &key, &new, BPF_NOEXIST);
	if (error)
		__sync_fetch_and_add(&sums_lost, 1);
}

static __always_inline int stall_ends(u32 kind, u64 pages, s64 status)
{
	u64 key = stall_of(kind), ns;
	struct stall_start *found = bpf_map_lookup_elem(&stalls, &key), start;
	struct mark_record *mark;

	if (!found)
		return 0;
	start = *found;
	bpf_map_delete_elem(&stalls, &key);
	ns = bpf_ktime_get_ns() - start.time;
	if (ns < stall_bound_ns) {
		add_to_sum(kind, ns, pages);
		return 0;
	}
	mark = take_mark(kind, 7);
	if (!mark)
		return 0;
	mark->value[0] = (s64)ns;
	mark->value[1] = 1;
	mark->value[2] = (s64)ns;
	mark->value[3] = (s64)pages;
	mark->value[4] = (s64)(s32)start.order;
	mark->value[5] = start.gfp;
	mark->value[6] = status;
	send(mark);
	return 0;
}

static __always_inline int reclaim_begins(u32 kind, struct bpf_raw_tracepoint_args *ctx)
{
	u32 first = (u32)ctx->args[0], second = (u32)ctx->args[1];

	return reclaim_gfp_first ? stall_begins(kind, second, first) : stall_begins(kind, first, second);
}

SEC("raw_tp/mm_vmscan_direct_reclaim_begin")
int reclaim_begin(struct bpf_raw_tracepoint_args *ctx)
{
	return reclaim_begins(MARK_RECLAIM, ctx);
}

SEC("raw_tp/mm_vmscan_direct_reclaim_end")
int reclaim_end(struct bpf_raw_tracepoint_args *ctx)
{
	return stall_ends(MARK_RECLAIM, ctx->args[0], 0);
}

SEC("raw_tp/mm_vmscan_memcg_reclaim_begin")
int memcg_reclaim_begin(struct bpf_raw_tracepoint_args *ctx)
{
	return reclaim_begins(MARK_MEMCG_RECLAIM, ctx);
}

SEC("raw_tp/mm_vmscan_memcg_reclaim_end")
int memcg_reclaim_end(struct bpf_raw_tracepoint_args *ctx)
{
	return stall_ends(MARK_MEMCG_RECLAIM, ctx->args[0], 0);
}

/* One zone's. */
SEC("raw_tp/mm_compaction_begin")
int compaction_begin(struct bpf_raw_tracepoint_args *ctx)
{
	return stall_begins(MARK_COMPACTION, (u32)-1, 0);
}

/* From 6.1 on, it names its struct compact_control first, and the pages that it has scanned in fewer arguments. */
SEC("raw_tp/mm_compaction_end")
int compaction_end(struct bpf_raw_tracepoint_args *ctx)
{
	return stall_ends(MARK_COMPACTION, 0, (s32)ctx->args[4]);
}

SEC("raw_tp/mm_compaction_end")
int compaction_end_old(struct bpf_raw_tracepoint_args *ctx)
{
	return stall_ends(MARK_COMPACTION, 0, (s32)ctx->args[5]);
}

#endif
