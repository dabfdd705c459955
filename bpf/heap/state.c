// SPDX-License-Identifier: MIT
/* The loaded programs, by the role of a function and the way of attaching. */
#include <bpf/libbpf.h>
#include "heap.h"
#include "heap.skel.h"

struct heap *heap_skel;
const struct heap_settings *heap_settings;
static enum heap_way way;

void heap_way_chosen(enum heap_way chosen)
{
	way = chosen;
}

static const char *const role_names[NR_HEAP_ROLES] = { "size", "product", "aligned", "out", "resize", "resize_many", "release", "loads" };

const char *heap_way_name(enum heap_way of)
{
	static const char *const names[NR_HEAP_WAYS] = { "auto", "session", "multi", "perf" };

	return names[of];
}

enum heap_way heap_way(void)
{
	return way;
}

static struct bpf_program *program_named(const char *form, const char *name)
{
	char all[32];

	snprintf(all, sizeof(all), "%s%s", form, name);
	return bpf_object__find_program_by_name(heap_skel->obj, all);
}

/* The form of a program that allocates; what releases needs no return. */
struct bpf_program *heap_program_of(enum heap_role role, bool session)
{
	return program_named(session && role < HEAP_RELEASE ? "session_" : "entry_", role_names[role]);
}

int heap_program(enum heap_role role, int *any_return)
{
	bool alone = role >= HEAP_RELEASE || way == HEAP_WAY_SESSION;

	*any_return = alone ? -1 : bpf_program__fd(heap_skel->progs.any_return);
	return bpf_program__fd(heap_program_of(role, way == HEAP_WAY_SESSION));
}
