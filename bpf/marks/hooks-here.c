// SPDX-License-Identifier: MIT
/* The hooks of marks.bpf.c, by subject, and what each is called on this kernel. */
#include <stdio.h>
#include <string.h>
#include "marks.h"

const char *const mark_subjects[NR_MARK_SUBJECTS] = {
	[SUBJECT_OOM] = "OOM kills",
	[SUBJECT_OOM_CALL] = "the orders of OOM kills",
	[SUBJECT_RECLAIM] = "reclaim",
	[SUBJECT_COMPACTION] = "compaction",
	[SUBJECT_CALLS] = "calls for System V shared memory, swapon and swapoff",
	[SUBJECT_SLOW_CALLS] = "calls for System V shared memory, swapon and swapoff",
	[SUBJECT_CGROUPS] = "cgroups that come and go",
	[SUBJECT_MODULES] = "modules that come and go",
	[SUBJECT_LIVES] = "starts and exits of processes",
};

#define TRACEPOINT(subject, program, name) { SUBJECT_##subject, program, name, NULL, false }
#define CALL(subject, program, name) { SUBJECT_##subject, program, NULL, name, false }
#define CALL_32(subject, program, name) { SUBJECT_##subject, program, NULL, name, true }
#define SLOW_CALL(name) \
	{ SUBJECT_SLOW_CALLS, name "_begin_slow", "sys_enter", NULL, false }, \
	{ SUBJECT_SLOW_CALLS, name "_end_slow", "sys_exit", NULL, false }

const struct mark_hook mark_hooks[] = {
	TRACEPOINT(OOM, "oom_kill", "mark_victim"),
	TRACEPOINT(OOM, "oom_kill_pid", "mark_victim"),
	CALL(OOM_CALL, "oom_call", "out_of_memory"),
	TRACEPOINT(RECLAIM, "reclaim_begin", "mm_vmscan_direct_reclaim_begin"),
	TRACEPOINT(RECLAIM, "reclaim_end", "mm_vmscan_direct_reclaim_end"),
	TRACEPOINT(RECLAIM, "memcg_reclaim_begin", "mm_vmscan_memcg_reclaim_begin"),
	TRACEPOINT(RECLAIM, "memcg_reclaim_end", "mm_vmscan_memcg_reclaim_end"),
	TRACEPOINT(COMPACTION, "compaction_begin", "mm_compaction_begin"),
	TRACEPOINT(COMPACTION, "compaction_end", "mm_compaction_end"),
	TRACEPOINT(COMPACTION, "compaction_end_old", "mm_compaction_end"),
	CALL(CALLS, "shmget_end", "sys_shmget"),
	CALL(CALLS, "shmat_end", "sys_shmat"),
	CALL(CALLS, "shmdt_end", "sys_shmdt"),
	CALL(CALLS, "shmctl_end", "sys_shmctl"),
	CALL(CALLS, "swapon_end", "sys_swapon"),
	CALL(CALLS, "swapoff_end", "sys_swapoff"),
	SLOW_CALL("shmget"),
	SLOW_CALL("shmat"),
	SLOW_CALL("shmdt"),
	SLOW_CALL("shmctl"),
	SLOW_CALL("swapon"),
	SLOW_CALL("swapoff"),
#ifdef __x86_64__
	CALL_32(CALLS, "shmget_end_32", "__ia32_sys_shmget"),
	CALL_32(CALLS, "shmat_end_32", "__ia32_compat_sys_shmat"),
	CALL_32(CALLS, "shmdt_end_32", "__ia32_sys_shmdt"),
	CALL_32(CALLS, "shmctl_end_32", "__ia32_compat_sys_shmctl"),
	CALL_32(CALLS, "ipc_end_32", "__ia32_compat_sys_ipc"),
#endif
	TRACEPOINT(CGROUPS, "cgroup_made", "cgroup_mkdir"),
	TRACEPOINT(CGROUPS, "cgroup_removed", "cgroup_rmdir"),
	TRACEPOINT(CGROUPS, "cgroup_renamed", "cgroup_rename"),
	TRACEPOINT(CGROUPS, "cgroup_released", "cgroup_release"),
	/* where they are not there, neither are modules */
	{ SUBJECT_MODULES, "module_loaded", "module_load", NULL, true },
	{ SUBJECT_MODULES, "module_unloaded", "module_free", NULL, true },
	TRACEPOINT(LIVES, "process_starts", "sched_process_fork"),
	TRACEPOINT(LIVES, "process_execs", "sched_process_exec"),
	TRACEPOINT(LIVES, "process_exits", "sched_process_exit"),
};
const size_t nr_mark_hooks = sizeof(mark_hooks) / sizeof(mark_hooks[0]);

/* What the functions of system calls with a struct pt_regs begin with (arch/../include/asm/syscall_wrapper.h). */
static const char *const prefixes[] = { "__x64_", "__arm64_", "__s390x_", "__riscv_", "" };

static const char *function_named(const char *call)
{
	static char name[64];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		char prototype[4];

		snprintf(name, sizeof(name), "%s%s", prefixes[i], call);
		/* one argument: of a wrapper its registers, of out_of_memory() its struct */
		if (btf_prototype(name, prototype, sizeof(prototype)) && strlen(prototype) == 2)
			return name;
	}
	return NULL;
}

const char *mark_hook_target(const struct mark_hook *hook)
{
	if (hook->call)
		return function_named(hook->call);
	return btf_has_tracepoint(hook->tracepoint) ? "" : NULL;
}
