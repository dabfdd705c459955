// SPDX-License-Identifier: MIT
/*
 * Who is charged: the word of a charge leads to a memory cgroup, directly or through an obj_cgroup. Which of
 * the two it is differs by kernel and by page, so the cgroup itself says: its `css.ss` is the one that this
 * process's memory cgroup has.
 */
#include <stdlib.h>
#include <string.h>
#include "census.h"

#define MAX_DEPTH_OF_GROUPS 64

static struct owner *owners;
static size_t nr_owners, owners_room;

/* "/a/b", from the leaf up. */
static void path_of(uint64_t node, char *path, size_t size)
{
	char name[256], *at = path + size - 1;

	*at = 0;
	for (int depth = 0; node && depth < MAX_DEPTH_OF_GROUPS; depth++, node = safe_field(node, F_KN_PARENT)) {
		size_t length;

		safe_string(safe_field(node, F_KN_NAME), name, sizeof(name));
		length = strlen(name);
		/* the root has no name */
		if (!length || length + 1 > (size_t)(at - path))
			break;
		at -= length;
		memcpy(at, name, length);
		*--at = '/';
	}
	if (!*at)
		*--at = '/';
	memmove(path, at, strlen(at) + 1);
}

static uint64_t memory_subsystem; /* css.ss of any memory cgroup */

/* The words that charges name, each once, and the cgroups that they lead to; 0: none. */
static uint64_t *words, *led_to;
static size_t nr_words;

static uint64_t *room_for_words(size_t nr)
{
	uint64_t *room = calloc(nr + 1, sizeof(*room));

	if (!room)
		die("out of memory");
	return room;
}

static void keep_word(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	uint64_t *to = context;

	(void)offset, (void)bytes;
	if (piece)
		memcpy(&to[tag], piece, 8);
}

/* to[i]: the member of the object at at[i], unless that is 0; 0 if it cannot be read. All in few calls: they are thousands. */
static void read_all(const uint64_t *at, enum field_id id, uint64_t *to)
{
	const struct reader reader = { keep_word, to, false };

	for (size_t i = 0; i < nr_words; i++) {
		uint64_t object = at[i];

		/* both may be one */
		to[i] = 0;
		if (object)
			safe_add(&reader, object + (uint64_t)fields[id].offset, 8, i);
	}
	safe_run(&reader);
}

static void find_groups(void)
{
	uint64_t *through, *system;
	const struct charge *charge;

	while (charge_at(nr_words))
		nr_words++;
	words = room_for_words(nr_words);
	led_to = room_for_words(nr_words);
	through = room_for_words(nr_words);
	system = room_for_words(nr_words);
	nr_words = 0;
	for (size_t i = 0; (charge = charge_at(i)); i++) {
		if (!nr_words || words[nr_words - 1] != charge->word)
			words[nr_words++] = charge->word;
	}
	read_all(words, F_MEMCG_SS, system);
	for (size_t i = 0; i < nr_words; i++) {
		led_to[i] = system[i] == memory_subsystem ? words[i] : 0;
		through[i] = led_to[i] ? 0 : words[i];
	}
	read_all(through, F_OBJCG_MEMCG, through);
	read_all(through, F_MEMCG_SS, system);
	for (size_t i = 0; i < nr_words; i++) {
		if (through[i] && system[i] == memory_subsystem)
			led_to[i] = through[i];
	}
	free(through);
	free(system);
}

static struct group {
	uint64_t id;
	char *path;
	bool dying;
} *groups;
static size_t nr_groups;

static struct group read_group(uint64_t address)
{
	uint64_t node = safe_field(safe_field(address, F_MEMCG_CGROUP), F_CGROUP_KN);
	static char path[4096];
	struct group group;

	path_of(node, path, sizeof(path));
	group = (struct group){ safe_field(node, F_KN_ID), strdup(path),
				safe_field(address, F_MEMCG_FLAGS) & (uint64_t)values[V_CSS_DYING] };
	if (!group.path)
		die("out of memory");
	return group;
}

static int by_group(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->kernel != y->kernel)
		return x->kernel < y->kernel ? -1 : 1;
	return x->what < y->what ? -1 : x->what > y->what;
}

static void add_owner(struct owner owner)
{
	if (nr_owners == owners_room) {
		owners_room = owners_room ? owners_room * 2 : 256;
		owners = realloc(owners, owners_room * sizeof(*owners));
		if (!owners)
			die("out of memory");
	}
	owners[nr_owners++] = owner;
}

/* Several words lead to one cgroup: it may have had many obj_cgroups. */
static void merge(void)
{
	size_t kept = 0;

	qsort(owners, nr_owners, sizeof(*owners), by_group);
	for (size_t i = 0; i < nr_owners; i++) {
		if (kept && by_group(&owners[kept - 1], &owners[i]) == 0)
			owners[kept - 1].count += owners[i].count;
		else
			owners[kept++] = owners[i];
	}
	nr_owners = kept;
}

/* Owners have the address of their cgroup, and are in its order: now they get its place in groups. */
static void read_groups(void)
{
	uint64_t last = 0;

	groups = calloc(nr_owners ? nr_owners : 1, sizeof(*groups));
	if (!groups)
		die("out of memory");
	for (size_t i = 0; i < nr_owners; i++) {
		if (owners[i].group != last)
			groups[nr_groups++] = read_group(owners[i].group);
		last = owners[i].group;
		owners[i].group = nr_groups - 1;
	}
}

static bool owners_known(void)
{
	static const enum field_id needed[] = { F_OBJCG_MEMCG, F_MEMCG_CGROUP, F_MEMCG_FLAGS, F_MEMCG_SS, F_CGROUP_KN, F_KN_NAME,
						F_KN_ID, F_KN_PARENT, F_TASK_CGROUPS, F_CSS_SET_SUBSYS, NR_FIELDS };
	uint64_t mine;

	if (!has_field(F_PAGE_MEMCG) && !has_field(F_PAGE_MEM_CGROUP)) {
		missing_add("owners", "this kernel was built without memory cgroups");
		return false;
	}
	if (!fields_there("owners", needed))
		return false;
	if (!machine.nr_ram) {
		missing_add("owners", "/proc/iomem does not say where RAM is, so no content of a page may be read");
		return false;
	}
	if (values[V_memory_cgrp_id] < 0 || values[V_CSS_DYING] < 0) {
		missing_add("owners", "enum values memory_cgrp_id and CSS_DYING are not in this kernel's BTF");
		return false;
	}
	/* this process's own, which nothing takes away meanwhile */
	mine = kernel_field(bases.task, F_TASK_CGROUPS) + (uint64_t)fields[F_CSS_SET_SUBSYS].offset;
	mine = kernel_word(mine + 8 * (uint64_t)values[V_memory_cgrp_id]);
	memory_subsystem = mine ? safe_field(mine, F_MEMCG_SS) : 0;
	if (!memory_subsystem)
		missing_add("owners", "memory cgroups are switched off");
	return memory_subsystem != 0;
}

void owners_find(void)
{
	const struct charge *charge;
	size_t word = 0;

	if (!owners_known())
		return;
	charges_finish();
	find_groups();
	for (size_t i = 0; (charge = charge_at(i)); i++) {
		while (words[word] != charge->word)
			word++;
		if (led_to[word])
			add_owner((struct owner){ led_to[word], charge->kernel, charge->what, charge->count });
	}
	merge();
	read_groups();
}

const struct owner *owner_at(size_t index)
{
	return index < nr_owners ? &owners[index] : NULL;
}

struct group_name owner_group(const struct owner *owner)
{
	const struct group *group = &groups[owner->group];

	return (struct group_name){ group->path, group->id, group->dying };
}
