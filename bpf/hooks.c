// SPDX-License-Identifier: MIT
/*
 * Which program on which hook. A plan gives each hook a tp_btf program, a
 * classic tracepoint program, or nothing and the reason; it is loaded whole,
 * and made again with less tp_btf in it when the kernel refuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "collect.h"
#include "unfreed.skel.h"

const struct hook hooks[NR_SLOTS] = {
	[SLOT_KMALLOC] = { "kmalloc", "kmem", ALLOCATOR_SLAB, SLOT_KMALLOC, KIND_KMALLOC, true },
	[SLOT_KMALLOC_NODE] = { "kmalloc_node", "kmem", ALLOCATOR_SLAB, SLOT_KMALLOC_NODE, KIND_KMALLOC, false },
	[SLOT_KMEM_CACHE_ALLOC] = { "kmem_cache_alloc", "kmem", ALLOCATOR_SLAB, SLOT_KMEM_CACHE_ALLOC, KIND_KMEM_CACHE_ALLOC, true },
	[SLOT_KMEM_CACHE_ALLOC_NODE] = { "kmem_cache_alloc_node", "kmem", ALLOCATOR_SLAB, SLOT_KMEM_CACHE_ALLOC_NODE, KIND_KMEM_CACHE_ALLOC, false },
	[SLOT_MM_PAGE_ALLOC] = { "mm_page_alloc", "kmem", ALLOCATOR_PAGE, SLOT_MM_PAGE_ALLOC, KIND_PAGE_ALLOC, true },
	[SLOT_PERCPU_ALLOC] = { "percpu_alloc_percpu", "percpu", ALLOCATOR_PERCPU, SLOT_PERCPU_ALLOC, KIND_PERCPU_ALLOC, true },
	[SLOT_ALLOC_VMAP_AREA] = { "alloc_vmap_area", "vmalloc", ALLOCATOR_VMALLOC, SLOT_ALLOC_VMAP_AREA, KIND_VMALLOC_ALLOC, true },
	[SLOT_KFREE] = { "kfree", "kmem", ALLOCATOR_SLAB, SLOT_KFREE, KIND_KFREE, true },
	[SLOT_KMEM_CACHE_FREE] = { "kmem_cache_free", "kmem", ALLOCATOR_SLAB, SLOT_KMEM_CACHE_FREE, KIND_KMEM_CACHE_FREE, true },
	[SLOT_MM_PAGE_FREE] = { "mm_page_free", "kmem", ALLOCATOR_PAGE, SLOT_MM_PAGE_FREE, KIND_PAGE_FREE, true },
	[SLOT_PERCPU_FREE] = { "percpu_free_percpu", "percpu", ALLOCATOR_PERCPU, SLOT_PERCPU_FREE, KIND_PERCPU_FREE, true },
	[SLOT_FREE_VMAP_AREA] = { "free_vmap_area_noflush", "vmalloc", ALLOCATOR_VMALLOC, SLOT_FREE_VMAP_AREA, KIND_VMALLOC_FREE, true },
};

static struct plan {
	const char *program[NR_SLOTS]; /* NULL: not in force */
	const char *mode[NR_SLOTS];
	const char *why[NR_SLOTS];     /* why it is not in force */
	bool traced[NR_ALLOCATORS];
} plan;

static struct bpf_link *links[NR_SLOTS];
static int program_fds[NR_SLOTS];

const char *hook_mode(enum hook_slot slot)
{
	return plan.program[slot] ? plan.mode[slot] : NULL;
}

const char *hook_absence(enum hook_slot slot)
{
	return plan.why[slot];
}

bool allocator_traced(enum traced_allocator allocator)
{
	return plan.traced[allocator];
}

/* ---- tracefs: the classic programs are attached by a number found there ---- */

static int original_mount_namespace = -1;

/* NULL, or why there is no tracefs */
static const char *reach_tracefs(void)
{
	if (access("/sys/kernel/tracing/events/kmem", R_OK) == 0 ||
	    access("/sys/kernel/debug/tracing/events/kmem", R_OK) == 0)
		return NULL;
	/* mount it where only this process sees it: the machine stays as it is */
	original_mount_namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) != 0)
		return "tracefs is not mounted and could not be mounted";
	note("tracefs was not mounted: mounted on /sys/kernel/tracing for the collector alone");
	return NULL;
}

void hooks_leave_mount_namespace(void)
{
	if (original_mount_namespace >= 0)
		setns(original_mount_namespace, CLONE_NEWNS);
}

/* ---- the plan ---- */

static void make_plan(bool all_tp, bool pages_tp)
{
	const char *no_tracefs = NULL;
	bool asked_tracefs = false;

	memset(&plan, 0, sizeof(plan));
	memcpy(plan.traced, options.allocators, sizeof(plan.traced));
	for (int i = 0; i < NR_SLOTS; i++) {
		const struct hook *h = &hooks[i];
		const char *program;

		if (!options.allocators[h->allocator]) {
			plan.why[i] = "not asked for";
			continue;
		}
		program = btf_program_for(h->name, &plan.why[i]);
		if (program && !all_tp && !(pages_tp && h->allocator == ALLOCATOR_PAGE)) {
			plan.program[i] = program;
			plan.mode[i] = "tp_btf";
			continue;
		}
		if (!program && strstr(plan.why[i], "no such tracepoint"))
			continue;
		if (!program && options.attach == ATTACH_BTF)
			continue;
		if (!asked_tracefs)
			no_tracefs = reach_tracefs();
		asked_tracefs = true;
		plan.why[i] = no_tracefs;
		if (!no_tracefs) {
			plan.program[i] = tp_program_for(h->name, &plan.why[i]);
			plan.mode[i] = "tp";
		}
	}
	/* an allocator is traced with all its essential hooks or not at all */
	for (int i = 0; i < NR_SLOTS; i++) {
		if (hooks[i].essential && !plan.program[i])
			plan.traced[hooks[i].allocator] = false;
	}
	for (int i = 0; i < NR_SLOTS; i++) {
		if (plan.program[i] && !plan.traced[hooks[i].allocator]) {
			plan.program[i] = NULL;
			plan.why[i] = "its counterpart is missing";
		}
	}
}

static void note_what_is_missing(void)
{
	const char *cache_program = plan.program[SLOT_KMEM_CACHE_ALLOC];
	FILE *file = fopen("/proc/sys/kernel/perf_event_max_stack", "r");
	int max_depth;

	if (file && fscanf(file, "%d", &max_depth) == 1 && max_depth < MAX_DEPTH)
		note("kernel.perf_event_max_stack is %d: longer call paths lose their outer frames",
		     max_depth);
	if (file)
		fclose(file);
	if (cache_program && !strstr(cache_program, "_cache_alloc_cache"))
		note("kmem_cache_alloc names no cache %s: its events have sizes instead",
		     strcmp(plan.mode[SLOT_KMEM_CACHE_ALLOC], "tp") == 0 ?
			     "as a classic tracepoint" : "on this kernel");
	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (!options.allocators[a] || plan.traced[a])
			continue;
		for (int i = 0; i < NR_SLOTS; i++) {
			if ((int)hooks[i].allocator == a && hooks[i].essential && plan.why[i] &&
			    !strstr(plan.why[i], "counterpart")) {
				note("%s is not traced: %s: %s", allocator_names[a], hooks[i].name,
				     plan.why[i]);
				break;
			}
		}
	}
}

/* ---- load ---- */

static void set_rodata(struct unfreed *skel)
{
	uint64_t bytes = layouts_page_struct_bytes();

	skel->rodata->min_bytes = options.min_bytes;
	skel->rodata->sample_bits = (uint32_t)__builtin_ctz(options.sample_one_in);
	skel->rodata->self_drop = options.self == SELF_DROP;
	skel->rodata->self_mark = options.self == SELF_MARK;
	skel->rodata->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	skel->rodata->page_struct_bytes = bytes;
	skel->rodata->page_struct_shift = bytes & (bytes - 1) ? 0 : (uint32_t)__builtin_ctzll(bytes);
}

/* The ring must be a power of two and whole pages. */
static uint64_t round_up_to_power(uint64_t bytes)
{
	uint64_t power = (uint64_t)sysconf(_SC_PAGESIZE);

	while (power < bytes)
		power <<= 1;
	return power;
}

static bool uses_btf_pages(void)
{
	const char *mode = hook_mode(SLOT_MM_PAGE_ALLOC);

	return mode && strcmp(mode, "tp_btf") == 0;
}

/* NULL with errno set when the kernel refuses. */
static struct unfreed *load_plan(uint64_t ring_bytes)
{
	struct unfreed *skel = unfreed__open();
	struct bpf_program *program;
	int error;

	if (!skel)
		return NULL;
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, false);
	for (int i = 0; i < NR_SLOTS; i++) {
		program = plan.program[i] ?
			bpf_object__find_program_by_name(skel->obj, plan.program[i]) : NULL;
		if (program)
			bpf_program__set_autoload(program, true);
	}
	if (uses_btf_pages())
		bpf_program__set_autoload(skel->progs.calibrate_pages, true);
	set_rodata(skel);
	bpf_map__set_max_entries(skel->maps.ring, (uint32_t)ring_bytes);
	bpf_map__set_max_entries(skel->maps.stacks, options.max_stacks);
	libbpf_listen();
	error = unfreed__load(skel);
	if (!error)
		return skel;
	unfreed__destroy(skel);
	errno = -error;
	return NULL;
}

/* Ring memory is not worth failing for: halve it until it fits. */
static struct unfreed *load_with_ring(void)
{
	uint64_t wanted = round_up_to_power(options.buffer_bytes), bytes = wanted;
	struct unfreed *skel;

	while (!(skel = load_plan(bytes)) && errno == ENOMEM && bytes > (1 << 20))
		bytes >>= 1;
	if (skel && bytes != wanted)
		note("no memory for a ring of %s: it has %s", human_bytes((double)wanted),
		     human_bytes((double)bytes));
	options.buffer_bytes = bytes;
	return skel;
}

static void __attribute__((noreturn)) die_unloaded(int error)
{
	char lockdown[64] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "r");

	if (file) {
		if (!fgets(lockdown, sizeof(lockdown), file))
			lockdown[0] = 0;
		fclose(file);
	}
	if (geteuid() != 0)
		die("tracing the kernel needs root: run it with sudo");
	if (strstr(lockdown, "[confidentiality]"))
		die("the kernel is locked down (confidentiality) and lets nobody trace it: boot without lockdown=confidentiality");
	/* EACCES is the verifier's: that is our fault, not the user's */
	if (error == EPERM)
		die("the kernel refuses BPF to this root: a container needs CAP_BPF and CAP_PERFMON (docker run --privileged), a kernel before 5.11 also a larger limit of locked memory (ulimit -l unlimited)");
	if (error == ENOMEM)
		die("no memory for the ring buffer and the tables: give --buffer 1M, --max-stacks 4096");
	die("the kernel refuses the BPF programs: %s (%s); --verbose shows its reasons", strerror(error),
	    libbpf_complaint());
}

static bool any_traced(void)
{
	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (plan.traced[a])
			return true;
	}
	return false;
}

static void fill_self(struct unfreed *skel)
{
	if (!skel->bss->self_tgids[0])
		skel->bss->self_tgids[0] = (uint32_t)getpid();
	for (uint32_t i = 0; i < options.nr_self_pids; i++)
		skel->bss->self_tgids[i + 1] = options.self_pids[i];
	if (skel->bss->self_tgids[0] != (uint32_t)getpid() && options.nr_self_pids)
		note("inside a pid namespace --self-pid names no process: only the collector itself is told apart");
}

static bool attach_plan(struct unfreed *skel)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		struct bpf_program *program;

		program_fds[i] = -1;
		if (!plan.program[i])
			continue;
		program = bpf_object__find_program_by_name(skel->obj, plan.program[i]);
		links[i] = bpf_program__attach(program);
		if (!links[i])
			return false;
		program_fds[i] = bpf_program__fd(program);
	}
	return true;
}

static void detach_plan(void)
{
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
		say("%s: %s, %u instructions, %u verified", hooks[slot].name, plan.program[slot],
		    info.xlated_prog_len / 8, info.verified_insns);
}

/* Plan, load, calibrate, attach. NULL with errno set when the kernel refuses. */
static struct unfreed *try_plan(bool all_tp, bool pages_tp)
{
	struct unfreed *skel;
	const char *why;
	int error;

	make_plan(all_tp, pages_tp);
	errno = ENOENT;
	skel = any_traced() ? load_with_ring() : NULL;
	if (!skel)
		return NULL;
	why = uses_btf_pages() ? pfn_calibrate(skel) : NULL;
	if (why && options.attach == ATTACH_BTF)
		die("page events through tp_btf need their page frame numbers: %s; use --attach auto", why);
	if (why) {
		note("page events come through the classic tracepoint: %s", why);
		unfreed__destroy(skel);
		return try_plan(all_tp, true);
	}
	if (attach_plan(skel))
		return skel;
	error = errno;
	detach_plan();
	unfreed__destroy(skel);
	errno = error;
	return NULL;
}

struct unfreed *hooks_load(void)
{
	const char *why = layouts_open();
	struct unfreed *skel;

	if (why)
		die("%s; unfreed needs a kernel with BTF, or its bpftrace collector", why);
	skel = try_plan(options.attach == ATTACH_TP, false);
	if (!skel && options.attach == ATTACH_AUTO && any_traced() && errno != ENOMEM) {
		int error = errno;

		skel = try_plan(true, true);
		/* the first refusal is the cause: the second try only lacks what it had */
		if (!skel)
			die_unloaded(error);
		note("tp_btf programs were refused (%s): classic tracepoints are used",
		     strerror(error));
	}
	note_what_is_missing();
	if (!any_traced())
		die("none of the allocators asked for can be traced here: %s",
		    notes_at(0) ? notes_at(0) : "no tracepoints");
	if (!skel)
		die_unloaded(errno);
	fill_self(skel);
	for (int i = 0; options.verbose && i < NR_SLOTS; i++)
		say_program(i);
	return skel;
}

uint64_t hooks_start(struct unfreed *skel)
{
	skel->bss->start_ns = monotonic_ns();
	__atomic_store_n(&skel->bss->tracing, 1, __ATOMIC_SEQ_CST);
	return skel->bss->start_ns;
}

void hooks_stop(struct unfreed *skel)
{
	/* all kinds of event end at the same moment; then the hooks come off */
	__atomic_store_n(&skel->bss->tracing, 0, __ATOMIC_SEQ_CST);
	detach_plan();
}

uint64_t hook_recursion_misses(enum hook_slot slot)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (program_fds[slot] < 0 || bpf_obj_get_info_by_fd(program_fds[slot], &info, &length) != 0)
		return 0;
	return info.recursion_misses;
}
