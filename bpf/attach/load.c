// SPDX-License-Identifier: MIT
/* Loads the programs of a plan, after settings and sizes; and the sentences for a kernel that refuses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "attach.h"
#include "unfreed.skel.h"

#define NEEDS_RIGHTS "tracing the kernel needs root: run it with sudo, or give it CAP_BPF, CAP_PERFMON and CAP_SYSLOG"

static bool fast_stacks; /* the object to load is the one with fast call paths */

static void set_rodata(struct unfreed *skel, bool copy_pointers)
{
	uint64_t bytes = layouts_page_struct_bytes();
	uint32_t hierarchy;

	skel->rodata->min_bytes = options->min_bytes;
	skel->rodata->self_drop = options->self == SELF_DROP;
	skel->rodata->self_mark = options->self == SELF_MARK;
	skel->rodata->copy_pointers = copy_pointers;
	for (int i = 0; i < NR_SLOTS; i++) {
		if (plan_function(i))
			skel->rodata->nr_arguments[i] = plan_function(i)->nr_arguments;
	}
	skel->rodata->bulk_returns_bool = plan_function(SLOT_KMEM_CACHE_ALLOC_BULK) &&
					  plan_function(SLOT_KMEM_CACHE_ALLOC_BULK)->returns_bool;
	skel->rodata->possible_cpus = libbpf_num_possible_cpus() > 0 ? (uint32_t)libbpf_num_possible_cpus() : 1;
	skel->rodata->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	skel->rodata->page_struct_bytes = bytes;
	skel->rodata->cgroup_way = cgroup_way_of("/proc/self/cgroup", &hierarchy);
	skel->rodata->twin_slots = twins_wanted(fast_stacks);
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

bool needs_pfns(void)
{
	const char *mode = hook_mode(SLOT_MM_PAGE_ALLOC);

	return mode && strcmp(mode, "tp") != 0;
}

struct bpf_program *program_of(struct unfreed *skel, enum hook_slot slot)
{
	return plan_program(slot) ?
		bpf_object__find_program_by_name(skel->obj, plan_program(slot)) : NULL;
}

/* unfreed__open() of either object: the skeletons differ only in their bytes (Makefile). */
static struct unfreed *open_object(void)
{
	struct unfreed *skel;

	if (!fast_stacks)
		return unfreed__open();
	skel = calloc(1, sizeof(*skel));
	if (!skel || unfreed__create_skeleton(skel) != 0) {
		free(skel);
		return NULL;
	}
	skel->skeleton->data = (void *)(uintptr_t)fast_object_bytes(&skel->skeleton->data_sz);
	if (bpf_object__open_skeleton(skel->skeleton, NULL) == 0)
		return skel;
	unfreed__destroy(skel);
	return NULL;
}

static void set_fast_stacks(struct unfreed *skel)
{
	bpf_map__set_autocreate(skel->maps.pc_table, fast_stacks);
	bpf_map__set_autocreate(skel->maps.path_tree, fast_stacks);
	bpf_map__set_autocreate(skel->maps.stack_counts, fast_stacks);
	bpf_map__set_autocreate(skel->maps.kernel_pieces, fast_stacks);
	bpf_program__set_autoload(skel->progs.copy_kernel_piece, fast_stacks);
}

/* NULL with errno set when the kernel refuses. */
static struct unfreed *load_plan(uint64_t ring_bytes, bool copy_pointers, configure_programs *configure)
{
	struct unfreed *skel = open_object();
	struct bpf_program *program;
	int nr_programs = 0;
	int error;

	if (!skel)
		return NULL;
	bpf_object__for_each_program(program, skel->obj)
		bpf_program__set_autoload(program, false);
	for (int i = 0; i < NR_SLOTS; i++) {
		program = program_of(skel, i);
		if (!program)
			continue;
		bpf_program__set_autoload(program, true);
		nr_programs++;
		if (plan_function(i))
			bpf_program__set_attach_target(program, 0, plan_function(i)->function);
	}
	if (needs_pfns())
		bpf_program__set_autoload(skel->progs.calibrate_pages, true);
	bpf_map__set_autocreate(skel->maps.moving, plan_program(SLOT_REMOVE_MIGRATION_PTE));
	bpf_map__set_autocreate(skel->maps.last_moves, plan_program(SLOT_REMOVE_MIGRATION_PTE));
	bpf_program__set_autoload(skel->progs.find_family, true);
	set_fast_stacks(skel);
	set_rodata(skel, copy_pointers);
	bpf_map__set_max_entries(skel->maps.stacks, options->max_stacks);
	configure(skel, ring_bytes, fast_stacks);
	libbpf_listen();
	say_step("programs", 0, nr_programs);
	plan_say_what_is_missing();
	error = unfreed__load(skel);
	if (!error) {
		twins_load(skel, open_object);
		return skel;
	}
	unfreed__destroy(skel);
	errno = -error;
	return NULL;
}

/* If there is no memory for the ring, it is halved until it fits. */
struct unfreed *load_programs(bool fast, bool copy_pointers, configure_programs *configure)
{
	uint64_t wanted = round_up_to_power(options->buffer_bytes), bytes = wanted;
	struct unfreed *skel;

	fast_stacks = fast;
	while (!(skel = load_plan(bytes, copy_pointers, configure)) && errno == ENOMEM && bytes > (1 << 20))
		bytes >>= 1;
	if (skel && bytes != wanted)
		note("no memory for a ring of %s: it has %s", human_bytes((double)wanted),
		     human_bytes((double)bytes));
	return skel;
}

bool may_load_programs(void)
{
	return has_right(RIGHT_SYS_ADMIN) || (has_right(RIGHT_BPF) && has_right(RIGHT_PERFMON));
}

void die_unloaded(int error)
{
	char lockdown[64] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "r");

	if (file) {
		if (!fgets(lockdown, sizeof(lockdown), file))
			lockdown[0] = 0;
		fclose(file);
	}
	if (geteuid() != 0 && !may_load_programs())
		die(NEEDS_RIGHTS);
	if (strstr(lockdown, "[confidentiality]"))
		die("the kernel is locked down (confidentiality) and lets nobody trace it: boot without lockdown=confidentiality");
	/* EPERM is the kernel's policy; EACCES comes from the verifier, and is our fault */
	if (error == EPERM)
		die("the kernel refuses BPF here: it needs CAP_BPF and CAP_PERFMON (docker run --cap-add=BPF --cap-add=PERFMON --cap-add=SYSLOG), before 5.11 also a larger limit of locked memory (ulimit -l unlimited)");
	if (error == EMFILE || error == ENFILE)
		die("the limit on open files is too small (programs, maps and links are files too): raise it with ulimit -n 1024");
	if (error == ENOMEM)
		die("no memory for the ring buffer and the tables: give --buffer 1M, --max-stacks 4096");
	/* bpf_probe_read_kernel() is then unknown to the verifier (kernel/trace/bpf_trace.c) */
	if (error == EINVAL && !file)
		die("the kernel refuses the BPF programs: %s (%s), as one with lockdown=confidentiality does: without /sys/kernel/security nothing here tells whether it is so; --verbose shows its reasons",
		    strerror(error), libbpf_complaint());
	die("the kernel refuses the BPF programs: %s (%s); --verbose shows its reasons", strerror(error),
	    libbpf_complaint());
}
