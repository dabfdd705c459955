/* SPDX-License-Identifier: MIT */
/*
 * The cgroup that memory is charged to, were it charged: that of the task, or the one that the task
 * works for (set_active_memcg(): io_uring, loop devices, BPF maps). The tracepoints come before a page of
 * a process is charged, so the charge itself cannot be read there.
 */
#ifndef CGROUP_BPF_H
#define CGROUP_BPF_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node___u {
	u64 id;
};

struct cgroup___u {
	struct kernfs_node___u *kn;
};


struct cgroup_subsys_state___u {
	struct cgroup___u *cgroup;
};

struct mem_cgroup___u {
	struct cgroup_subsys_state___u css;
};

struct css_set___u {
	struct cgroup_subsys_state___u *subsys[1];
	struct cgroup___u *dfl_cgrp;
};

struct task_struct___cgroup {
	struct css_set___u *cgroups;
	struct mem_cgroup___u *active_memcg;
};

enum cgroup_subsys_id___u { memory_cgrp_id___u };

#pragma clang attribute pop

/* fast-stack.bpf.h reads by loads: word_at() of fast-walk.bpf.h. */
static __always_inline u64 word_at(u64 address);
#ifndef FAST_STACKS
static __always_inline u64 word_at(u64 address)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (const void *)address);
	return word;
}
#endif

#define FIELD(object, type, field) word_at((object) + bpf_core_field_offset(struct type, field))

/* The kernfs id of a cgroup, which is the inode number of its directory: unique as long as the machine runs. */
static __always_inline u64 cgroup_id(u64 cgroup)
{
	u64 node = cgroup ? FIELD(cgroup, cgroup___u, kn) : 0;

	return node ? FIELD(node, kernfs_node___u, id) : 0;
}

/* 0: not known. Costs five loads: a task that moves on its CPU must be seen at its next alloc. */
static __always_inline u64 cgroup_of(u64 task)
{
	u64 memcg = 0, set, state;

	if (cgroup_way == CGROUP_NONE)
		return 0;
	if (bpf_core_field_exists(struct task_struct___cgroup, active_memcg))
		memcg = FIELD(task, task_struct___cgroup, active_memcg);
	if (memcg)
		return cgroup_id(FIELD(memcg, mem_cgroup___u, css.cgroup));
	set = FIELD(task, task_struct___cgroup, cgroups);
	if (!set)
		return 0;
	if (cgroup_way == CGROUP_UNIFIED)
		return cgroup_id(FIELD(set, css_set___u, dfl_cgrp));
	state = word_at(set + bpf_core_field_offset(struct css_set___u, subsys) +
			sizeof(u64) * bpf_core_enum_value(enum cgroup_subsys_id___u, memory_cgrp_id___u));
	return state ? cgroup_id(FIELD(state, cgroup_subsys_state___u, cgroup)) : 0;
}

#endif
