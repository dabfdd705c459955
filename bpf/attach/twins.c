// SPDX-License-Identifier: MIT
/*
 * The twins of the programs (twin.bpf.h explains them): the same object loaded a
 * second time, on the maps of the first. Only for hooks that run often, and only
 * on kernels that have the guard because of which twins are needed.
 *
 * A twin costs each event of its hook 90 ns. From the start only kmem_cache_free
 * has one: RCU callbacks free objects by the hundred in the same interrupts that end
 * a turn of the timer (of 30 million events of churn, find and tar it rescued 6,614
 * there, 5 of kfree and 10 of mm_page_free). The others get theirs when they miss events.
 */
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include "attach.h"
#include "unfreed.skel.h"

static struct unfreed *twin;
static struct bpf_link *twin_links[NR_SLOTS];
static struct unfreed *firsts;
static int marks_fd = -1;
/* A hook that misses this many events in a second gets its twin. */
#define MANY_MISSES 100
static uint64_t missed_a_second_ago[NR_SLOTS];
static uint32_t not_attached; /* a bit per hook whose twin the kernel refused to attach */

/*
 * percpu and vmalloc hooks run too seldom to be interrupted. An alloc whose path the
 * kernel walks takes 3 us, and is interrupted; with a fast path it is missed once in ten
 * million, and a twin would cost it more than its call path does.
 */
static bool worth_it(enum hook_slot slot, bool allocs_are_short)
{
	/* the kernel moves pages in the tasks that ask for it, never in an interrupt */
	if (hooks[slot].kind == KIND_PAGE_MOVE)
		return false;
	return allocators[hooks[slot].allocator].often && (slot >= NR_ALLOC_SLOTS || !allocs_are_short);
}

/* 05b24ff9b2cf gave tp_btf programs a guard, and this function its global name. */
static bool programs_have_guards(void)
{
	static const char *const name[] = { "bpf_prog_inc_misses_counter", NULL };
	static uint64_t address;
	static bool asked;

	if (!asked)
		kallsyms_addresses(KALLSYMS, name, &address);
	asked = true;
	return address != 0;
}

uint32_t twins_wanted(bool allocs_are_short)
{
	uint32_t slots = 0;

	if (options->twins == TWINS_OFF || !programs_have_guards())
		return 0;
	/*
	 * An event outside the sample takes 10 ns, in which few interrupts fall, and only
	 * 1 in N of the frees that they make would be sent: as few are missed as with twins
	 * of all programs and no sample, and a twin would cost more than the first.
	 */
	if (options->twins == TWINS_AUTO && options->sample_one_in >= 4)
		return 0;
	for (int i = 0; i < NR_SLOTS; i++) {
		if (worth_it(i, allocs_are_short) && hook_mode(i) && strcmp(hook_mode(i), "tp_btf") == 0)
			slots |= 1u << i;
	}
	return slots;
}

static int share_maps(struct unfreed *first)
{
	struct bpf_map *map, *shared;

	bpf_object__for_each_map(map, twin->obj) {
		const char *name = bpf_map__name(map);
		int error;

		/* the settings differ: they say which object is the twin */
		if (strstr(name, ".rodata"))
			continue;
		shared = bpf_object__find_map_by_name(first->obj, name);
		if (!shared || bpf_map__fd(shared) < 0) {
			bpf_map__set_autocreate(map, false);
			continue;
		}
		error = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (error)
			return error;
	}
	return 0;
}

static void refused(int error)
{
	note("the second copies of the programs were refused (%s): events in interrupts may be lost, and are counted",
	     strerror(-error));
	unfreed__destroy(twin);
	twin = NULL;
}

void twins_load(struct unfreed *first, struct unfreed *(*open_object)(void))
{
	uint32_t slots = first->rodata->twin_slots;
	struct bpf_program *program;
	int error;

	if (!slots)
		return;
	twin = open_object();
	if (!twin)
		return;
	bpf_object__for_each_program(program, twin->obj)
		bpf_program__set_autoload(program, false);
	for (int i = 0; i < NR_SLOTS; i++) {
		if (slots >> i & 1)
			bpf_program__set_autoload(
				bpf_object__find_program_by_name(twin->obj, plan_program(i)), true);
	}
	memcpy(twin->rodata, first->rodata, sizeof(*twin->rodata));
	twin->rodata->is_twin = 1;
	error = share_maps(first);
	if (!error)
		error = unfreed__load(twin);
	if (error)
		refused(error);
	else
		marks_fd = bpf_map__fd(first->maps.marks);
	firsts = first;
}

static bool has_twin(enum hook_slot slot)
{
	return twin && twin->rodata->twin_slots >> slot & 1;
}

static void attach(enum hook_slot slot)
{
	twin_links[slot] = bpf_program__attach(
		bpf_object__find_program_by_name(twin->obj, plan_program(slot)));
	if (twin_links[slot])
		firsts->bss->twins_mark |= 1u << slot;
	if (twin_links[slot])
		return;
	not_attached |= 1u << slot;
	note("%s: its second copy cannot be attached", hooks[slot].name);
}

/* Allocs may have twins only if their paths are walked, and then interrupts find them from the start. */
static bool from_the_start(enum hook_slot slot)
{
	return options->twins == TWINS_ON || slot == SLOT_KMEM_CACHE_FREE ||
	       twin->rodata->twin_slots & ((1u << NR_ALLOC_SLOTS) - 1);
}

void twins_attach(enum hook_slot slot)
{
	if (!has_twin(slot) || !from_the_start(slot))
		return;
	attach(slot);
	/* events do not flow yet, so none can be taken twice */
	if (twin_links[slot])
		firsts->bss->twins_take |= 1u << slot;
}

void twins_each_second(uint64_t (*missed_by)(enum hook_slot slot))
{
	for (int i = 0; i < NR_SLOTS; i++) {
		uint64_t missed;

		if (!has_twin(i) || not_attached >> i & 1 || firsts->bss->twins_take >> i & 1)
			continue;
		if (twin_links[i]) {
			/* a second after the first step, all events that were under way then have ended */
			firsts->bss->twins_take |= 1u << i;
			continue;
		}
		missed = missed_by(i);
		if (missed >= missed_a_second_ago[i] + MANY_MISSES) {
			if (options->verbose)
				say("%s: %llu events missed: it gets its second copy", hooks[i].name,
				    (unsigned long long)(missed - missed_a_second_ago[i]));
			attach(i);
		}
		missed_a_second_ago[i] = missed;
	}
}

static void say_misses(int slot)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	int fd = bpf_program__fd(bpf_object__find_program_by_name(twin->obj, plan_program(slot)));

	if (bpf_obj_get_info_by_fd(fd, &info, &length) == 0)
		say("%s: %llu events missed by the first copy were taken by the second, which missed %llu",
		    hooks[slot].name, (unsigned long long)twins_rescued(slot),
		    (unsigned long long)info.recursion_misses);
}

uint64_t twins_run_ns(enum hook_slot slot)
{
	if (!twin_links[slot])
		return 0;
	return program_run_ns(
		bpf_program__fd(bpf_object__find_program_by_name(twin->obj, plan_program(slot))));
}

void twins_detach(void)
{
	for (int i = 0; options->verbose && i < NR_SLOTS; i++) {
		if (twin_links[i])
			say_misses(i);
	}
	for (int i = 0; i < NR_SLOTS; i++) {
		bpf_link__destroy(twin_links[i]);
		twin_links[i] = NULL;
	}
}

void twins_unload(void)
{
	twins_detach();
	unfreed__destroy(twin);
	twin = NULL;
}

uint64_t twins_rescued(enum hook_slot slot)
{
	static struct slot_marks *all;
	static int nr_cpus;
	uint64_t rescued = 0;

	if (!twin || !(twin->rodata->twin_slots >> slot & 1))
		return 0;
	if (!all) {
		nr_cpus = libbpf_num_possible_cpus();
		all = calloc((size_t)nr_cpus, sizeof(*all));
		if (!all)
			die("out of memory");
	}
	if (bpf_map_lookup_elem(marks_fd, &slot, all) != 0)
		return 0;
	for (int cpu = 0; cpu < nr_cpus; cpu++)
		rescued += all[cpu].rescued;
	return rescued;
}
