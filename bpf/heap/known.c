// SPDX-License-Identifier: MIT
/* What the programs know of each process: the salt of its addresses, and the trampoline of return probes; code that changes. */
#include <string.h>
#include <sys/random.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "heap.h"
#include "heap.skel.h"

static uint64_t new_salt(void)
{
	uint64_t salt;

	if (getrandom(&salt, sizeof(salt), 0) != sizeof(salt))
		salt = monotonic_ns() * 0x9e3779b97f4a7c15ull;
	return salt | 1;
}

/* `salt`: 0: the one that holds, which the programs may have changed. */
static void tell_programs(const struct heap_target *target, uint64_t salt)
{
	uint32_t tgid = (uint32_t)target->pid;
	struct heap_process process = { 0 };

	if (!salt && bpf_map_lookup_elem(bpf_map__fd(heap_skel->maps.processes), &tgid, &process))
		return;
	process.salt = salt ? salt : process.salt;
	process.trampoline = target->trampoline;
	bpf_map_update_elem(bpf_map__fd(heap_skel->maps.processes), &tgid, &process, BPF_ANY);
	__atomic_fetch_add(&heap_skel->bss->heap_generation, 1, __ATOMIC_RELEASE);
}

/* What was known of its addresses is known no more. */
void heap_make_known(struct heap_target *target)
{
	target->known = true;
	tell_programs(target, new_salt());
}

/* The kernel maps it when the first such function is called. */
static bool see_trampoline(void *target, const struct mapping *mapping)
{
	if (strcmp(mapping->path, "[uprobes]") != 0)
		return true;
	((struct heap_target *)target)->trampoline = mapping->start;
	return false;
}

#define LOOK_NS 10000000u

void heap_target_called(struct heap_target *target)
{
	uint64_t now = target->trampoline ? 0 : monotonic_ns();

	if (target->trampoline || now - target->looked_ns < LOOK_NS)
		return;
	mappings_each(target->pid, see_trampoline, target);
	target->looked_ns = monotonic_ns();
	if (target->trampoline)
		tell_programs(target, 0);
}

/* For so long after a call of dlopen() mappings may be others than are known; spaces/ tells of it before. */
#define LOADING_NS SECOND_NS
/* Reading them takes a quarter of the time at most, unless an address is not known. */
#define READING_SHARE 4

void heap_target_loads(struct heap_target *target)
{
	target->loads_ns = monotonic_ns();
}

bool heap_target_refresh(struct heap_target *target, bool now)
{
	const struct process_code *code = &target->space->code;
	uint64_t age = target->loads_ns ? monotonic_ns() - code->read_ns : 0;

	if (!target->loads_ns)
		return false;
	if (code->read_ns + age - target->loads_ns > LOADING_NS) {
		target->loads_ns = 0;
		return false;
	}
	if (!now && age <= READING_SHARE * code->reading_ns)
		return false;
	code_read(&target->space->code, target->pid);
	return true;
}

void heap_make_unknown(const struct heap_target *target)
{
	uint32_t tgid = (uint32_t)target->pid;

	bpf_map_delete_elem(bpf_map__fd(heap_skel->maps.processes), &tgid);
	__atomic_fetch_add(&heap_skel->bss->heap_generation, 1, __ATOMIC_RELEASE);
}
