// SPDX-License-Identifier: MIT
/* Which kinds of events this kernel can tell of, for --probe. */
#include <string.h>
#include "marks.h"

/* What each kind needs, by the programs of hooks-here.c; NULL at its end. */
static const struct {
	const char *kind, *programs[5];
} abilities[] = {
	{ "oom-kill", { "oom_kill" } },
	{ "reclaim", { "reclaim_begin", "reclaim_end" } },
	{ "memcg-reclaim", { "memcg_reclaim_begin", "memcg_reclaim_end" } },
	{ "compaction", { "compaction_begin", "compaction_end" } },
	{ "shm", { "shmget_end", "shmat_end", "shmdt_end", "shmctl_end" } },
	{ "swap", { "swapon_end", "swapoff_end" } },
	{ "cgroup", { "cgroup_made", "cgroup_removed", "cgroup_renamed", "cgroup_released" } },
	{ "module", { "module_loaded", "module_unloaded" } },
	{ "exec", { "process_execs", "process_exits" } },
};

/* The program that serves in another's place where this kernel is older, or hooks no functions. */
static const char *const substitutes[][2] = {
	{ "oom_kill", "oom_kill_pid" },
	{ "compaction_end", "compaction_end_old" },
	{ "shmget_end", "shmget_end_slow" },
	{ "shmat_end", "shmat_end_slow" },
	{ "shmdt_end", "shmdt_end_slow" },
	{ "shmctl_end", "shmctl_end_slow" },
	{ "swapon_end", "swapon_end_slow" },
	{ "swapoff_end", "swapoff_end_slow" },
};

static const struct mark_hook *hook_named(const char *program)
{
	for (size_t i = 0; i < nr_mark_hooks; i++) {
		if (strcmp(mark_hooks[i].program, program) == 0)
			return &mark_hooks[i];
	}
	return NULL;
}

static bool is_served(const char *program)
{
	const struct mark_hook *hook = hook_named(program);

	if (hook && marks_attached(hook))
		return true;
	for (size_t i = 0; i < sizeof(substitutes) / sizeof(substitutes[0]); i++) {
		if (strcmp(substitutes[i][0], program) == 0) {
			hook = hook_named(substitutes[i][1]);
			return hook && marks_attached(hook);
		}
	}
	return false;
}

static const char *reason(const struct mark_hook *hook)
{
	if (hook->call && !function_hookable("out_of_memory"))
		return "this kernel lets nobody hook functions (fentry)";
	if (!mark_hook_target(hook) && hook->subject == SUBJECT_MODULES)
		return "this kernel has no modules";
	if (!mark_hook_target(hook))
		return hook->call ? "this kernel has no such function" : "this kernel has no such tracepoint";
	return "the kernel refuses the program";
}

const char *mark_ability(size_t i, const char **subject, const char **why)
{
	const char *const *program;

	if (i >= sizeof(abilities) / sizeof(abilities[0]))
		return NULL;
	*subject = *why = NULL;
	for (program = abilities[i].programs; *program; program++) {
		if (!is_served(*program)) {
			const struct mark_hook *hook = hook_named(*program);

			*subject = hook->call ? hook->call : hook->tracepoint;
			*why = reason(hook);
			break;
		}
	}
	return abilities[i].kind;
}
