// SPDX-License-Identifier: MIT
/* Which way to trace this kernel; attaches the programs (load.c loads them), starts and stops them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "unfreed.skel.h"

static struct bpf_link *links[NR_SLOTS];
static int program_fds[NR_SLOTS];
static configure_programs *configure;
static bool walks_only;  /* fast call paths turned out to be impossible */
static bool fast_stacks; /* the object to load is the one with fast call paths */
static bool is_quiet; /* events were stopped, for good */
static uint64_t missed_when_quiet[NR_SLOTS];

static bool attach_plan(struct unfreed *skel)
{
	int nr_hooks = 0, done = 0;

	for (int i = 0; i < NR_SLOTS; i++)
		nr_hooks += program_of(skel, i) != NULL;
	for (int i = 0; i < NR_SLOTS; i++) {
		struct bpf_program *program = program_of(skel, i);

		program_fds[i] = -1;
		if (!program)
			continue;
		say_step("hooks", ++done, nr_hooks);
		links[i] = bpf_program__attach(program);
		if (!links[i] && plan_function(i) && !hooks[i].essential) {
			plan_drop(i, "the kernel refuses to attach it");
			continue;
		}
		if (!links[i])
			return false;
		program_fds[i] = bpf_program__fd(program);
		twins_attach(i);
	}
	return true;
}

static void detach_plan(void)
{
	twins_detach();
	for (int i = 0; i < NR_SLOTS; i++) {
		bpf_link__destroy(links[i]);
		links[i] = NULL;
	}
}

static void say_program(int slot)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (program_fds[slot] >= 0 && bpf_obj_get_info_by_fd(program_fds[slot], &info, &length) == 0)
		say("%s: %s, %u instructions, %u verified", hooks[slot].name, plan_program(slot),
		    info.xlated_prog_len / 8, info.verified_insns);
}

/* Plan, load, calibrate, attach. NULL with errno set when the kernel refuses. */
static struct unfreed *try_plan(enum plan_way way, bool pages_tp)
{
	struct unfreed *skel;
	const char *why;
	int error;

	plan_make(way, pages_tp);
	errno = ENOENT;
	skel = any_allocator_traced() ? load_programs(fast_stacks, way == WAY_BTF_COPY, configure) : NULL;
	if (!skel)
		return NULL;
	why = needs_pfns() ? pfn_calibrate(skel) : NULL;
	if (why && options->attach == ATTACH_BTF)
		die("page events need their page frame numbers: %s; use --attach auto", why);
	if (why) {
		note("page events come through the classic tracepoint: %s", why);
		twins_unload();
		unfreed__destroy(skel);
		return try_plan(way, true);
	}
	if (attach_plan(skel))
		return skel;
	error = errno;
	detach_plan();
	twins_unload();
	unfreed__destroy(skel);
	errno = error;
	return NULL;
}

/* The same, with fast call paths if they are wanted and possible. */
static struct unfreed *try_plan_with_stacks(enum plan_way way, bool pages_tp)
{
	const char *why = way == WAY_TP ? "classic tracepoints do not allow it" : fast_stacks_impossible();
	struct unfreed *skel = NULL;

	if (options->stacks == STACKS_WALK || walks_only)
		return try_plan(way, pages_tp);
	fast_stacks = !why;
	if (fast_stacks) {
		skel = try_plan(way, pages_tp);
		why = "the kernel refuses the programs";
		if (!skel && options->verbose)
			say("fast call paths refused: %s: %s", strerror(errno), libbpf_complaint());
	}
	if (skel)
		return skel;
	fast_stacks = false;
	skel = try_plan(way, pages_tp);
	if (skel && way != WAY_TP)
		note("call paths are walked by the kernel: %s", why);
	return skel;
}

/*
 * Only here it may turn out that call paths cannot be fast. Then the programs are
 * loaded again: allocs with fast call paths have no twins, but a walk by the kernel
 * takes long enough to be interrupted, or from 7.0 preempted by another task.
 */
bool hooks_open_stacks(struct unfreed **skel)
{
	if (!fast_stacks || fast_stacks_open(*skel))
		return true;
	detach_plan();
	twins_unload();
	unfreed__destroy(*skel);
	fast_stacks = false;
	walks_only = true;
	*skel = hooks_load(configure);
	return false;
}

static bool hooks_functions(void)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		if (plan_function(i))
			return true;
	}
	return false;
}

/* From the way that needs most of the kernel to the one that needs least. */
static struct unfreed *try_ways(void)
{
	enum plan_way first = options->attach == ATTACH_TP ? WAY_TP : WAY_BTF;
	enum plan_way last = options->attach == ATTACH_BTF ? WAY_BTF_COPY : WAY_TP;
	static const char *const names[] = { "tp_btf", "tp_btf with copied pointers",
					     "classic tracepoints" };
	int cause = 0;

	for (enum plan_way way = first; way <= last; way++) {
		struct unfreed *skel;

		plan_allow_functions(true);
		skel = try_plan_with_stacks(way, way == WAY_TP);
		if (!skel && errno != ENOMEM && hooks_functions()) {
			if (options->verbose)
				say("%s and functions refused: %s: %s", names[way], strerror(errno),
				    libbpf_complaint());
			plan_allow_functions(false);
			skel = try_plan_with_stacks(way, way == WAY_TP);
		}
		if (skel && cause && way == WAY_TP)
			note("the kernel refused tp_btf programs (%s): classic tracepoints are used",
			     strerror(cause));
		if (skel || errno == ENOMEM)
			return skel;
		/* what this way needs is not there; that an earlier one was refused is the reason */
		if (!any_allocator_traced()) {
			errno = cause ? cause : ENOENT;
			return NULL;
		}
		if (options->verbose)
			say("%s refused: %s: %s", names[way], strerror(errno), libbpf_complaint());
		/* the first refusal is reported: the later ones are of plans that need less */
		if (!cause)
			cause = errno;
	}
	errno = cause;
	return NULL;
}

struct unfreed *hooks_load(configure_programs *configure_with)
{
	const char *why = layouts_open();
	struct unfreed *skel;
	int error;

	configure = configure_with;
	if (why)
		die("%s; unfreed needs a kernel with BTF, or its bpftrace collector", why);
	libbpf_listen();
	skel = try_ways();
	error = errno;
	plan_note_what_is_missing();
	if (!any_allocator_traced() && geteuid() != 0 && !may_load_programs())
		die_unloaded(EPERM);
	if (!any_allocator_traced() && error == EPERM)
		die_unloaded(EPERM);
	if (!any_allocator_traced())
		die("none of the allocators asked for can be traced here: %s",
		    notes_at(0) ? notes_at(0) : "no tracepoints");
	if (!skel)
		die_unloaded(error);
	family_find(skel);
	for (int i = 0; options->verbose && i < NR_SLOTS; i++)
		say_program(i);
	return skel;
}

uint64_t hooks_start(struct unfreed *skel)
{
	uint64_t now = monotonic_ns();

	if (!skel)
		return now;
	skel->bss->start_ns = now;
	__atomic_store_n(&skel->bss->tracing, 1, __ATOMIC_SEQ_CST);
	return now;
}

/* All kinds of event end at the same moment; the hooks are detached later. */
void hooks_quiet(struct unfreed *skel)
{
	if (is_quiet || !skel)
		return;
	__atomic_store_n(&skel->bss->tracing, 0, __ATOMIC_SEQ_CST);
	/* read now: misses while the programs are detached one by one do not count */
	for (int i = 0; i < NR_SLOTS; i++)
		missed_when_quiet[i] = hook_missed(i);
	is_quiet = true;
}

void hooks_stop(struct unfreed *skel)
{
	hooks_quiet(skel);
	detach_plan();
}

uint64_t hooks_run_ns(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < NR_SLOTS; i++)
		sum += (links[i] ? program_run_ns(program_fds[i]) : 0) + twins_run_ns(i);
	return sum;
}

uint64_t hook_missed(enum hook_slot slot)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	uint64_t rescued;

	if (is_quiet)
		return missed_when_quiet[slot];
	if (program_fds[slot] < 0 || bpf_obj_get_info_by_fd(program_fds[slot], &info, &length) != 0)
		return 0;
	/* read after the misses: a rescue that is not counted yet would look like a loss */
	rescued = twins_rescued(slot);
	return info.recursion_misses > rescued ? info.recursion_misses - rescued : 0;
}
