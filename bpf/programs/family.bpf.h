/* SPDX-License-Identifier: MIT */
/*
 * Which processes are the tracer: the collector and its ancestors, by the numbers of the
 * kernel and by those of the collector's PID namespace. Events carry the former, and
 * --self-pid names the latter. Run once by the loader itself (attach/family.c).
 */
#ifndef FAMILY_BPF_H
#define FAMILY_BPF_H

/* The number of a process in the PID namespace `ns` of that level, 0 if it is outside of it. */
static __always_inline u32 number_in(struct pid___u *pid, u32 level, void *ns)
{
	u64 at = (u64)pid + bpf_core_field_offset(struct pid___u, numbers) +
		 (u64)level * bpf_core_type_size(struct upid___u);
	struct upid___u *id = (struct upid___u *)at;

	if (!pid || BPF_CORE_READ(pid, level) < level || BPF_CORE_READ(id, ns) != ns)
		return 0;
	return (u32)BPF_CORE_READ(id, nr);
}

SEC("raw_tp/sys_enter")
int find_family(void *ctx)
{
	struct task_struct___family *task = (struct task_struct___family *)bpf_get_current_task();
	struct pid___u *own = BPF_CORE_READ(task, group_leader, thread_pid);
	u32 level = BPF_CORE_READ(own, level);
	struct upid___u *id = (struct upid___u *)((u64)own + bpf_core_field_offset(struct pid___u, numbers) +
						  (u64)level * bpf_core_type_size(struct upid___u));
	void *ns = BPF_CORE_READ(id, ns);

	pid_level = level;
#pragma clang loop unroll(full)
	for (u32 i = 0; i < MAX_FAMILY; i++) {
		struct task_struct___family *leader = BPF_CORE_READ(task, group_leader);

		family[i].tgid = (u32)BPF_CORE_READ(task, tgid);
		family[i].ns_tgid = number_in(BPF_CORE_READ(leader, thread_pid), level, ns);
		task = BPF_CORE_READ(task, real_parent);
	}
	return 0;
}

#endif
