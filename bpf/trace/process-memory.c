// SPDX-License-Identifier: MIT
/*
 * The memory of processes as a part of a trace: what they map (spaces/), and their heaps, by probes (heap/) where they run,
 * by a library (preload/) where they are started.
 */
#include <stdlib.h>
#include "trace.h"

/* Records of heaps in a turn of the loop. */
#define RECORDS_A_TURN (256 << 10)
/* How long calls are counted before a heap is traced, and of how many processes. */
#define COUNT_MS 500u
#define MOST_COUNTED 10u

/* What a process did until then is in the stream before it forks, runs another program or ends. */
static void process_begins(pid_t pid, enum space_why why, struct space *parent, uint64_t time)
{
	preload_beginning(pid, why, parent, time);
	heap_drain(UINT64_MAX, time);
}

static void process_ended(struct space *space, uint64_t time)
{
	preload_ended(space);
	heap_drain(UINT64_MAX, time);
	heap_ended(space);
}

/* By probes, where the process runs already, or is a child of one that did. */
static bool probes(void)
{
	return options->heap && options->nr_processes;
}

/* How often the processes allocate, before it costs them anything more than that question. */
static void say_what_heaps_cost(void)
{
	uint32_t nr = options->nr_processes < MOST_COUNTED ? options->nr_processes : MOST_COUNTED;
	double calls = 0, share = 0;
	bool any = false;

	for (uint32_t i = 0; i < nr; i++) {
		struct heap_count count;

		if (heap_count((pid_t)options->processes[i], COUNT_MS / nr, &count))
			continue;
		any = true;
		calls += count.allocs + count.releases;
		share += count.cpu_share;
	}
	/* heap_began() notes a process without an allocator */
	if (!any)
		return;
	note("before the trace %s called its allocators %.0f times a second: tracing takes about %.*f %% of a CPU for that",
	     options->nr_processes == 1 ? "the process" : nr < options->nr_processes ? "the first 10 processes" : "the processes",
	     calls, share < 0.1, share * 100);
}

static void open_heap(void)
{
	const struct heap_settings settings = { .ring_bytes = options->buffer_bytes, .audit_one_in = options->audit_one_in };
	const char *why = heap_open(&settings);

	if (why)
		die("the heap of running processes cannot be traced: %s", why);
	say_what_heaps_cost();
}

void processes_memory_open(void)
{
	static struct spaces_calls calls = { .cgroup_of = cgroup_of_process, .beginning = process_begins, .ended = process_ended };
	const char *why = layouts_open();

	if (why)
		die("%s; unfreed needs a kernel with BTF", why);
	if (probes()) {
		calls.began = heap_began;
		calls.code_changed = heap_code_changed;
	}
	spaces_open(&calls);
	if (probes())
		open_heap();
	die_if_stopped();
}

/* Whether what is started is to have its heap traced. */
static bool preloads(void)
{
	return options->heap && (options->command || options->parent_process);
}

void processes_memory_prepare(void)
{
	const struct preload_options wanted = { .sample_bytes = options->sample_bytes, .may_lose = options->heap_may_lose };
	char *named[] = { (char *)options->command_name, NULL }, **command = options->command ? options->command : named;
	const char *why;

	if (!preloads())
		return;
	why = preload_prepare(command, &wanted);
	if (why)
		die("the heap of %s cannot be traced: %s", command[0] ? command[0] : "the command", why);
	if (options->parent_process)
		preload_say_environment();
}

/* Records of spaces.bpf.c that found no room: which kind they were of is not known. */
static void spaces_losses(void)
{
	static uint64_t sent, heap_sent, paths_sent;
	uint64_t lost = spaces_lost();
	struct preload_counts heap = preload_counts();

	if (lost > sent)
		losses_add(LOSS_RING_FULL, KIND_MAP, lost - sent, 0);
	if (heap.lost > heap_sent)
		losses_add(LOSS_RING_FULL, KIND_HEAP_ALLOC, heap.lost - heap_sent, 0);
	if (heap.paths_lost > paths_sent)
		losses_add(LOSS_STACK_TABLE_FULL, KIND_HEAP_ALLOC, heap.paths_lost - paths_sent, 0);
	sent = lost;
	heap_sent = heap.lost;
	paths_sent = heap.paths_lost;
}

void processes_memory_each_second(uint64_t time)
{
	preload_sample(time);
	heap_sample(time);
	spaces_each_second(time);
	spaces_losses();
}

struct processes_drained processes_memory_drain(uint64_t budget)
{
	uint64_t now = trace_time(), records = preload_drain(RECORDS_A_TURN), bytes;

	/* first: an event is of the program that the process ran then */
	spaces_drain();
	bytes = heap_drain(budget, now);
	return (struct processes_drained){
		.any = records || bytes,
		.waits = records >= RECORDS_A_TURN || (heap_skel && bytes >= budget),
		.time = records >= RECORDS_A_TURN ? preload_time() : 0,
	};
}

void processes_memory_stop(uint64_t end)
{
	preload_close();
	spaces_drain();
	heap_drain(UINT64_MAX, UINT64_MAX);
	heap_sample(end);
	heap_close();
	spaces_stop(end);
	spaces_losses();
}
