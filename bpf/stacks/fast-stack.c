// SPDX-License-Identifier: MIT
/*
 * Fast call paths, the loader's half (FAST-STACKS.md): decides whether this kernel
 * allows them, finds where each hook's path starts, fills the pc table (pc-table.c) and
 * the tree of known paths (path-tree.c) on demand, and switches all of it off when
 * an audit finds a path that the kernel walks differently. fast-stack.bpf.h is the half
 * in the kernel.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "stacks.h"
#include "unfreed.skel.h"

/* Samples that must agree on where a hook's path starts. */
#define SAMPLES_NEEDED 4

static struct unfreed *skel;
static bool on;

static struct calibration {
	uint32_t samples;
	uint64_t run_pc;     /* the pc in bpf_trace_run* that all of them had */
	uint64_t candidates; /* one bit per word above the context */
} calibrations[NR_ALLOC_SLOTS];

/* ---- whether this kernel allows them ---- */

const char *fast_stacks_impossible(void)
{
	static const char *const names[] = { "bpf_rdonly_cast", "__start_orc_unwind", "_stext", NULL };
	uint64_t addresses[3];

#ifndef __x86_64__
	return "they are made for x86-64";
#endif
	kallsyms_addresses(KALLSYMS, names, addresses);
	if (!addresses[2])
		return "/proc/kallsyms hides its addresses";
	if (!addresses[0])
		return "the kernel has no bpf_rdonly_cast (it came with 6.2)";
	if (!addresses[1])
		return "the kernel shows no ORC unwind table (built with frame pointers, or without CONFIG_KALLSYMS_ALL)";
	if (stack_depth_limit() < MAX_DEPTH)
		return "kernel.perf_event_max_stack is less than 127";
	return NULL;
}

static const char *prepare(void)
{
	const char *why = orc_read(skel);

	if (why)
		return why;
	return pc_table_open(bpf_map__fd(skel->maps.pc_table)) && path_tree_open(bpf_map__fd(skel->maps.path_tree)) ?
		       NULL : strerror(errno);
}

bool fast_stacks_open(struct unfreed *loaded)
{
	const char *why;

	skel = loaded;
	why = prepare();
	if (why) {
		note("call paths are walked by the kernel: %s", why);
		orc_forget();
		/* the caller unloads the object now, and there is nothing to count */
		skel = NULL;
		return false;
	}
	on = true;
	skel->bss->audit_every = options->audit_one_in;
	skel->bss->paths_wanted = PATHS_WANTED;
	__atomic_store_n(&skel->bss->fast_on, 1, __ATOMIC_RELEASE);
	return true;
}

static void switch_off(const char *why)
{
	if (!on)
		return;
	on = false;
	__atomic_store_n(&skel->bss->fast_on, 0, __ATOMIC_SEQ_CST);
	note("call paths are walked by the kernel since %s", why);
	say("call paths are walked by the kernel from now on: %s", why);
}

/* ---- where a hook's path starts ---- */

/*
 * The context lies in the frame of bpf_trace_run*; the return address at the end
 * of that frame is the one that the kernel's own walk shows next. The frame's
 * size bounds the search, and several samples must agree.
 */
static void calibrate(const struct start_sample *sample)
{
	struct calibration *c = &calibrations[sample->slot];
	struct orc_frame frame;
	uint64_t candidates = 0;
	uint32_t i;

	for (i = 0; i + 1 < sample->depth && i < 8; i++) {
		if (kallsyms_is(sample->frames[i], "bpf_trace_run"))
			break;
	}
	if (i + 1 >= sample->depth || i == 8)
		return;
	frame = orc_frame(sample->frames[i], false);
	if (frame.kind != PC_CALL || !frame.bp)
		return;
	for (int w = 0; w < SAMPLE_WORDS && 8 * w <= frame.offset - 8; w++) {
		if (sample->words[w] == sample->frames[i + 1])
			candidates |= 1ull << w;
	}
	if (c->run_pc != sample->frames[i] || !(c->candidates & candidates))
		*c = (struct calibration){ 0, sample->frames[i], candidates };
	c->candidates &= candidates;
	pc_table_saw(sample->frames, sample->depth < 16 ? sample->depth : 16);
	if (!c->candidates || ++c->samples < SAMPLES_NEEDED || skel->bss->fast_starts[sample->slot].slot)
		return;
	skel->bss->fast_starts[sample->slot].bp = frame.bp;
	/* 0 means unknown: the context itself is no return address */
	__atomic_store_n(&skel->bss->fast_starts[sample->slot].slot,
			 8u * (uint32_t)__builtin_ctzll(c->candidates), __ATOMIC_RELEASE);
	if (options->verbose)
		say("%s: its call paths start %u bytes above the context, bp %u below the frame's end",
		    hooks[sample->slot].name, skel->bss->fast_starts[sample->slot].slot, frame.bp);
}

/* ---- records from the programs ---- */

void fast_stacks_saw(const __u64 *frames, uint32_t depth)
{
	if (on)
		pc_table_saw(frames, depth);
}

static void say_path(const char *whose, const __u64 *frames, uint32_t depth)
{
	struct name name;

	for (uint32_t i = 0; i < depth && i < MAX_DEPTH; i++) {
		bool known = kallsyms_name(frames[i], &name);

		say("  %s %2u %#llx %s+%#llx", whose, i, (unsigned long long)frames[i],
		    known ? name.symbol : "?",
		    known ? (unsigned long long)(frames[i] - name.address) : 0ull);
	}
}

void fast_stacks_record(const void *record)
{
	const uint64_t *word = record;

	switch (word[0] & 0xff) {
	case ASKS_FOR_PC: {
		const struct pc_question *question = record;

		pc_table_learn(question->pc, question->interrupted);
		break;
	}
	case SAMPLES_START:
		if (on)
			calibrate(record);
		break;
	case SAW_PATH: {
		const struct path_seen *seen = record;

		if (on && seen->hook < NR_ALLOC_SLOTS)
			path_tree_saw(seen, &skel->bss->fast_starts[seen->hook]);
		break;
	}
	case REPORTS_MISMATCH: {
		const struct path_mismatch *mismatch = record;

		if (options->verbose) {
			say_path("fast", mismatch->fast, mismatch->fast_depth);
			say_path("walked", mismatch->walked, mismatch->walked_depth);
			if (mismatch->in_tree)
				say("  the tree of known paths had another one");
		}
		if (!options->audit_goes_on)
			switch_off("an audit found a path that the kernel sees otherwise");
		break;
	}
	}
}

/* ---- STACKS ---- */

static void add_counts(struct stack_counts *sum)
{
	static struct stack_counts *all;
	static int nr_cpus;

	if (!all) {
		nr_cpus = libbpf_num_possible_cpus();
		all = calloc((size_t)nr_cpus, sizeof(*all));
		if (!all)
			die("out of memory");
	}
	for (uint32_t index = 0; index < 2 * NR_ALLOC_SLOTS; index++) {
		if (bpf_map_lookup_elem(bpf_map__fd(skel->maps.stack_counts), &index, all) != 0)
			continue;
		for (int cpu = 0; cpu < nr_cpus; cpu++) {
			sum->fast += all[cpu].fast;
			sum->walked += all[cpu].walked;
			sum->audited += all[cpu].audited;
			sum->mismatches += all[cpu].mismatches;
			for (int i = 0; i < NR_WALK_REASONS; i++)
				sum->reason[i] += all[cpu].reason[i];
		}
	}
}

void fast_stacks_sample(uint64_t time)
{
	static struct stack_counts sent;
	struct stack_counts now = { 0 };
	struct part parts[] = { { &time, 8 }, { &now, 32 }, { &now.reason[1], 6 * 8 } };

	if (!skel)
		return;
	skel->bss->paths_wanted = path_tree_has_room() ? PATHS_WANTED : 0;
	add_counts(&now);
	if (memcmp(&now, &sent, sizeof(now)) == 0)
		return;
	sent = now;
	stream_message(MESSAGE_STACKS, parts, 3);
	/* a mismatch that found no room in the ring */
	if (now.mismatches && !options->audit_goes_on)
		switch_off("an audit found a path that the kernel sees otherwise");
}
