/* SPDX-License-Identifier: MIT */
/* The kernel structs that marks.bpf.c reads, with the fields it uses (flavours.bpf.h tells why they are declared here). */
#ifndef MARKS_FLAVOURS_BPF_H
#define MARKS_FLAVOURS_BPF_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node___parent { /* before 6.15 (633488947ef6) */
	struct kernfs_node___m *parent;
};

struct kernfs_node___m {
	struct kernfs_node___m *__parent;
	const char *name;
	u64 id;
};

struct cgroup_root___m {
	int hierarchy_id;
};

struct cgroup___m {
	struct kernfs_node___m *kn;
	struct cgroup_root___m *root;
};

struct cgroup_subsys_state___m {
	struct cgroup___m *cgroup;
	struct cgroup_subsys_state___m *parent;
};

struct page_counter___m {
	atomic_long_t usage;
	unsigned long max;
};

struct css_set___m {
	struct cgroup_subsys_state___m *subsys[8];
	struct cgroup___m *dfl_cgrp;
};

struct mem_cgroup___m {
	struct cgroup_subsys_state___m css;
	struct page_counter___m memory;
};

enum oom_constraint___m { CONSTRAINT_NONE___m };

struct oom_control___m {
	struct mem_cgroup___m *memcg;
	unsigned int gfp_mask;
	int order;
	enum oom_constraint___m constraint;
};

struct signal_struct___m {
	atomic_t live;
	unsigned long maxrss;
	short oom_score_adj;
};

struct percpu_counter___m {
	s64 count;
};

/* From 6.2 (f1a7941243c1) each of the counts is a struct percpu_counter; before, a long of struct mm_rss_stat. */
struct mm_rss_stat___m {
	atomic_long_t count[4];
};

struct mm_struct___m {
	unsigned long total_vm;
	atomic_long_t pgtables_bytes;
	struct mm_rss_stat___m rss_stat;
};

struct mm_struct___percpu {
	struct percpu_counter___m rss_stat[4];
};

struct task_struct___m {
	unsigned int flags;
	int pid;
	int tgid;
	int exit_code;
	struct task_struct___m *real_parent;
	struct signal_struct___m *signal;
	struct mm_struct___m *mm;
	struct css_set___m *cgroups;
	char comm[16];
};

struct linux_binprm___m {
	const char *filename;
};

struct module_layout___m {
	unsigned int size;
};

struct module_memory___m {
	unsigned int size;
};

struct module___m { /* from 6.4 (ac3b43283923) */
	char name[1];
	struct module_memory___m mem[4];
};

struct module___layout { /* before */
	struct module_layout___m core_layout;
};

enum cgroup_subsys_id___m { memory_cgrp_id___m };

#pragma clang attribute pop

#endif
