/* SPDX-License-Identifier: MIT */
/*
 * OOM kills: who asked (the task that runs), for how much, under which limit; who is killed, and what it held.
 * The tracepoint tells the victim alone; the rest comes from the call of out_of_memory() around it. Where that function
 * cannot be hooked, the loader finds in the call path what kind of OOM it is, and in the usage of the task's own cgroup
 * and of those above it which limit was met. Nothing here decides: with a branch a level, the verifier took a second.
 */
#ifndef MARKS_OOM_BPF_H
#define MARKS_OOM_BPF_H

#define PF_EXITING 0x00000004
#define MM_FILE 0
#define MM_ANON 1
#define MM_SWAP 2
#define MM_SHMEM 3

/* By thread: the struct oom_control of its last call. It is valid while that call runs, and all kills are within one. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, u32);
	__type(value, u64);
} oom_calls SEC(".maps");

SEC("fentry/out_of_memory")
int BPF_PROG(oom_call, void *control)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	u64 address = (u64)control;

	bpf_map_update_elem(&oom_calls, &tid, &address, BPF_ANY);
	return 0;
}

/*
 * Of MM_*, as the tracepoint and, up to 6.18, the kernel's own message have it: without what CPUs have not added yet, 32 pages
 * of each or less on a machine of 16 CPUs. The struct is told by a field: for a type that is not there libbpf asks the
 * modules, which takes SYS_ADMIN. A macro, because the size of a counter is
 * the kernel's only where the index is a constant.
 */
#define RESIDENT(mm, which) ({ \
	struct mm_struct___percpu *new_ = (void *)(mm); \
	s64 pages_ = bpf_core_field_exists((mm)->rss_stat.count) \
			     ? (s64)BPF_CORE_READ(mm, rss_stat.count[which].counter) \
			     : BPF_CORE_READ(new_, rss_stat[which].count); \
	pages_ > 0 ? pages_ * (s64)page_size : 0; \
})

/* What limits the memory of a task. */
static __always_inline struct mem_cgroup___m *memory_of(struct task_struct___m *task)
{
	struct css_set___m *set = BPF_CORE_READ(task, cgroups);
	struct mem_cgroup___m *memory = NULL;
	u64 at;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id___m, memory_cgrp_id___m))
		return NULL;
	at = (u64)set + bpf_core_field_offset(struct css_set___m, subsys) +
	     bpf_core_enum_value(enum cgroup_subsys_id___m, memory_cgrp_id___m) * sizeof(void *);
	/* its css is the first in a struct mem_cgroup */
	bpf_probe_read_kernel(&memory, sizeof(memory), (void *)at);
	return memory;
}

/* Of a task: that of version 2, or of the hierarchy of version 1 that has the memory controller. */
static __always_inline struct cgroup___m *memory_cgroup(struct task_struct___m *task)
{
	struct mem_cgroup___m *memory = memory_of(task);

	if (memory && BPF_CORE_READ(memory, css.cgroup, root, hierarchy_id) != 0)
		return BPF_CORE_READ(memory, css.cgroup);
	return BPF_CORE_READ(task, cgroups, dfl_cgrp);
}

/* Of a cgroup and those above it: how far the usage is below the limit, in pages; all ones past the root. */
static __always_inline void read_rooms(struct mem_cgroup___m *memory, __u64 *room)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < MARK_LEVELS; i++) {
		room[i] = BPF_CORE_READ(memory, memory.max) - (u64)BPF_CORE_READ(memory, memory.usage.counter);
		memory = (void *)BPF_CORE_READ(memory, css.parent);
	}
}

static __always_inline void tell_call(void *ctx, struct oom_record *record)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	u64 *address = bpf_map_lookup_elem(&oom_calls, &tid);
	struct mem_cgroup___m *limited = NULL;

	record->mark.value[9] = OOM_SCOPE_UNKNOWN;
	record->mark.value[10] = -1;
	record->mark.value[11] = -1;
	if (address) {
		struct oom_control___m *control = (void *)*address;

		limited = BPF_CORE_READ(control, memcg);
		record->mark.value[9] = 1 + BPF_CORE_READ(control, constraint);
		record->mark.value[10] = BPF_CORE_READ(control, order);
		record->mark.value[11] = BPF_CORE_READ(control, gfp_mask);
	} else {
		limited = memory_of((void *)bpf_get_current_task());
	}
	record->names_are_of_asker = !address;
	read_rooms(limited, record->room);
	read_names(BPF_CORE_READ(limited, css.cgroup, kn), record->limited);
	__builtin_memset(record->frames, 0, sizeof(record->frames));
	bpf_get_stack(ctx, record->frames, sizeof(record->frames), 0);
}

SEC("raw_tp/mark_victim")
int oom_kill(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct___m *victim = (void *)ctx->args[0];
	struct oom_record *record = take_room(sizeof(*record), &lost_marks);
	struct mm_struct___m *mm;

	if (!record)
		return 0;
	begin_mark(&record->mark, MARK_OOM_KILL, 13);
	mm = BPF_CORE_READ(victim, mm);
	record->mark.value[0] = BPF_CORE_READ(victim, tgid);
	record->mark.value[1] = (s64)(BPF_CORE_READ(mm, total_vm) * page_size);
	record->mark.value[2] = RESIDENT(mm, MM_ANON);
	record->mark.value[3] = RESIDENT(mm, MM_FILE);
	record->mark.value[4] = RESIDENT(mm, MM_SHMEM);
	record->mark.value[5] = RESIDENT(mm, MM_SWAP);
	record->mark.value[6] = BPF_CORE_READ(mm, pgtables_bytes.counter);
	record->mark.value[7] = (u32)ctx->args[1];
	record->mark.value[8] = BPF_CORE_READ(victim, signal, oom_score_adj);
	record->mark.value[12] = (BPF_CORE_READ(victim, flags) & PF_EXITING) != 0;
	bpf_probe_read_kernel_str(record->comm, sizeof(record->comm), &victim->comm);
	tell_call(ctx, record);
	read_names(BPF_CORE_READ(memory_cgroup(victim), kn), record->cgroup);
	send(record);
	return 0;
}

/* Kernels that tell the number of the victim alone: before 6.8 (72ba14deb40a), and stable ones without it. */
SEC("raw_tp/mark_victim")
int oom_kill_pid(struct bpf_raw_tracepoint_args *ctx)
{
	struct oom_record *record = take_room(sizeof(*record), &lost_marks);

	if (!record)
		return 0;
	begin_mark(&record->mark, MARK_OOM_KILL, 13);
	record->mark.value[0] = (s32)ctx->args[0];
	/* not known: the loader asks /proc, if the process is still there */
#pragma clang loop unroll(full)
	for (int i = 1; i < 9; i++)
		record->mark.value[i] = -1;
	record->mark.value[12] = 0;
	record->comm[0] = 0;
	tell_call(ctx, record);
	read_names(NULL, record->cgroup);
	send(record);
	return 0;
}

#endif
