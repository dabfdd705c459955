// SPDX-License-Identifier: MIT
/* Loads the programs of heap.bpf.c for the best way of attaching them that this kernel has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "heap.h"
#include "heap.skel.h"

#define DEFAULT_RING_BYTES (64u << 20)
#define ATTACH_UPROBE_MULTI 48
#define ATTACH_UPROBE_SESSION 57

static struct heap_settings settings;
static struct bpf_link *thread_link;

static void choose(struct bpf_program *program, bool wanted, int attach_type)
{
	bpf_program__set_autoload(program, wanted);
	if (wanted && attach_type)
		bpf_program__set_expected_attach_type(program, (enum bpf_attach_type)attach_type);
}

static void set_up(enum heap_way for_way)
{
	uint64_t bytes = settings.ring_bytes ? settings.ring_bytes : DEFAULT_RING_BYTES;
	bool session = for_way == HEAP_WAY_SESSION;
	int plain = for_way == HEAP_WAY_PERF ? 0 : ATTACH_UPROBE_MULTI;

	for (int role = 0; role < NR_HEAP_ROLES; role++) {
		if (role >= HEAP_RELEASE) {
			choose(heap_program_of((enum heap_role)role, false), true, plain);
			continue;
		}
		choose(heap_program_of((enum heap_role)role, true), session, ATTACH_UPROBE_SESSION);
		choose(heap_program_of((enum heap_role)role, false), !session, plain);
	}
	choose(heap_skel->progs.any_return, !session, plain);
	choose(heap_skel->progs.count_alloc, true, plain);
	choose(heap_skel->progs.count_release, true, plain);
	bpf_map__set_max_entries(heap_skel->maps.heap_ring, (uint32_t)bytes);
	heap_skel->rodata->ring_room = bytes / 4 * 3;
	heap_skel->rodata->audit_one_in = settings.audit_one_in;
}

/* False with errno set. */
static bool load(enum heap_way for_way)
{
	int error;

	heap_skel = heap__open();
	if (!heap_skel)
		return false;
	set_up(for_way);
	libbpf_listen();
	error = heap__load(heap_skel);
	if (!error && for_way != HEAP_WAY_PERF && !heap_has_multi(bpf_program__fd(heap_skel->progs.count_alloc), false))
		error = -ENOTSUP;
	if (!error && for_way == HEAP_WAY_SESSION && !heap_has_multi(bpf_program__fd(heap_skel->progs.session_size), true))
		error = -ENOTSUP;
	if (!error)
		return true;
	heap__destroy(heap_skel);
	heap_skel = NULL;
	errno = -error;
	return false;
}

const char *heap_open(const struct heap_settings *wanted)
{
	static char why[256];

	settings = *wanted;
	heap_settings = &settings;
	errno = 0;
	for (enum heap_way way = settings.way ? settings.way : HEAP_WAY_SESSION; way < NR_HEAP_WAYS; way++) {
		heap_way_chosen(way);
		if (load(way) || settings.way)
			break;
	}
	if (!heap_skel) {
		const char *complaint = libbpf_complaint();

		snprintf(why, sizeof(why), "the kernel does not take the programs: %s%s%s", strerror(errno), *complaint ? ": " : "", complaint);
		return why;
	}
	if (!heap_steps_open(bpf_map__fd(heap_skel->maps.heap_steps))) {
		heap_close();
		return "the table of steps cannot be mapped";
	}
	heap_ring_open(bpf_map__fd(heap_skel->maps.heap_ring));
	thread_link = bpf_program__attach(heap_skel->progs.thread_gone);
	return NULL;
}

void heap_close(void)
{
	if (!heap_skel)
		return;
	heap_targets_close();
	heap_drain(UINT64_MAX, UINT64_MAX);
	bpf_link__destroy(thread_link);
	thread_link = NULL;
	heap_ring_close();
	heap_steps_close();
	heap_paths_forget();
	heap__destroy(heap_skel);
	heap_skel = NULL;
}
