// SPDX-License-Identifier: MIT
/*
 * Who is charged: the word in a struct page, and those of a slab's objects, lead to a memory cgroup, directly
 * or through an obj_cgroup. Which of the two it is differs by kernel and by page, so the cgroup itself says:
 * its `css.ss` is the one that this process's memory cgroup has.
 */
#include <stdlib.h>
#include <string.h>
#include "census.h"

#define FLAGS 7ull
/* Set in memcg_data of pages that the kernel took for itself (MEMCG_DATA_KMEM, since 5.11). */
#define KERNEL_MEMORY 2ull
/* Cleared in page_type of those on 5.10 (PG_kmemcg). */
#define KMEMCG_TYPE 0x200u
#define MAX_DEPTH_OF_GROUPS 64

/* How much is charged by one word: pages of a class, or objects of a cache. */
struct tally {
	uint64_t word;
	uint32_t what; /* class, cache << 8 */
	bool kernel;
	uint64_t count;
};

static struct tally *tallies; /* open addressing, at most half full */
static size_t nr_tallies, room;

/* Pages whose class the areas decide. */
static struct later {
	uint64_t pfn, word;
	uint32_t nr;
	bool kernel;
} *laters;
static size_t nr_laters, laters_room;

static struct owner *owners;
static size_t nr_owners, owners_room;

/* ---- counting ---- */

static size_t slot_of(uint64_t word, uint32_t what, bool kernel)
{
	size_t slot = ((word >> 3) * 0x9e3779b97f4a7c15ull ^ (what * 0x85ebca6bull + kernel)) % room;

	while (tallies[slot].word &&
	       (tallies[slot].word != word || tallies[slot].what != what || tallies[slot].kernel != kernel))
		slot = (slot + 1) % room;
	return slot;
}

static void grow(void)
{
	struct tally *old = tallies;
	size_t old_room = room;

	room = room ? room * 2 + 1 : 4095;
	tallies = calloc(room, sizeof(*tallies));
	if (!tallies)
		die("out of memory");
	for (size_t i = 0; i < old_room; i++) {
		if (old[i].word)
			tallies[slot_of(old[i].word, old[i].what, old[i].kernel)] = old[i];
	}
	free(old);
}

static void count(uint64_t word, uint32_t what, bool kernel, uint64_t nr)
{
	static struct tally *last;

	word &= ~FLAGS;
	if (!last || last->word != word || last->what != what || last->kernel != kernel) {
		if (nr_tallies * 2 >= room)
			grow();
		last = &tallies[slot_of(word, what, kernel)];
		if (!last->word) {
			*last = (struct tally){ word, what, kernel, 0 };
			nr_tallies++;
		}
	}
	last->count += nr;
}

void owner_saw(uint64_t pfn, uint64_t nr, enum page_class class, uint64_t word, uint32_t page_type)
{
	bool kernel = has_field(F_PAGE_MEM_CGROUP) ? ~page_type & KMEMCG_TYPE && page_type >> 28 == 0xf : word & KERNEL_MEMORY;

	if (!(word & ~FLAGS))
		return;
	if (class != CLASS_UNACCOUNTED) {
		count(word, class, kernel, nr);
		return;
	}
	if (nr_laters == laters_room) {
		laters_room = laters_room ? laters_room * 2 : 1 << 12;
		laters = realloc(laters, laters_room * sizeof(*laters));
		if (!laters)
			die("out of memory");
	}
	laters[nr_laters++] = (struct later){ pfn, word, (uint32_t)nr, kernel };
}

static void count_later(void)
{
	for (size_t i = 0; i < nr_laters; i++)
		count(laters[i].word, class_of_pfn[laters[i].pfn], laters[i].kernel, laters[i].nr);
}

/* ---- objects ---- */

/* Bytes from one object's owner to the next. */
static uint32_t stride_of(const struct slab_seen *slab)
{
	if (slab->stride == UINT32_MAX)
		return caches[slab->cache].size;
	if (slab->stride)
		return slab->stride;
	/* up to 6.9 only pointers */
	return struct_bytes("slabobj_ext") ? struct_bytes("slabobj_ext") : 8;
}

static void count_objects(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	const struct slab_seen *slab = &slabs[tag];
	uint32_t stride = stride_of(slab);
	uint64_t word;

	(void)context, (void)offset;
	for (uint32_t at = 0; piece && at + 8 <= bytes; at += stride) {
		memcpy(&word, piece + at, 8);
		if (is_kernel_address(word & ~FLAGS))
			count(word, CLASS_SLAB | (uint32_t)slab->cache << 8, true, 1);
	}
}

static void read_objects(void)
{
	static const struct reader reader = { count_objects, NULL, false };
	uint64_t first = has_field(F_OBJ_EXT_OBJCG) ? (uint64_t)fields[F_OBJ_EXT_OBJCG].offset : 0;

	for (size_t i = 0; i < nr_slabs; i++) {
		uint64_t at = slabs[i].exts & ~FLAGS, bytes = (uint64_t)(slabs[i].objects - 1) * stride_of(&slabs[i]) + 8;

		if (slabs[i].objects && is_kernel_address(at) && bytes <= COPY_SINGLE_BYTES)
			reader_add(&reader, at + first, bytes, i);
	}
	reader_run(&reader);
}

/* ---- cgroups ---- */

/* "/a/b", from the leaf up. */
static void path_of(uint64_t node, char *path, size_t size)
{
	char name[256], *at = path + size - 1;

	*at = 0;
	for (int depth = 0; node && depth < MAX_DEPTH_OF_GROUPS; depth++, node = kernel_field(node, F_KN_PARENT)) {
		size_t length;

		kernel_string(kernel_field(node, F_KN_NAME), name, sizeof(name));
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

/* The cgroup that a word leads to; 0: none. */
static uint64_t group_of(uint64_t word)
{
	uint64_t through;

	if (kernel_field(word, F_MEMCG_SS) == memory_subsystem)
		return word;
	through = kernel_field(word, F_OBJCG_MEMCG);
	return through && kernel_field(through, F_MEMCG_SS) == memory_subsystem ? through : 0;
}

static struct group {
	uint64_t id;
	char *path;
	bool dying;
} *groups;
static size_t nr_groups;

static struct group read_group(uint64_t address)
{
	uint64_t node = kernel_field(kernel_field(address, F_MEMCG_CGROUP), F_CGROUP_KN);
	static char path[4096];
	struct group group;

	path_of(node, path, sizeof(path));
	group = (struct group){ kernel_field(node, F_KN_ID), strdup(path),
				kernel_field(address, F_MEMCG_FLAGS) & (uint64_t)values[V_CSS_DYING] };
	if (!group.path)
		die("out of memory");
	return group;
}

static int by_word(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	return x->word < y->word ? -1 : x->word > y->word;
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
	if (values[V_memory_cgrp_id] < 0 || values[V_CSS_DYING] < 0) {
		missing_add("owners", "enum values memory_cgrp_id and CSS_DYING are not in this kernel's BTF");
		return false;
	}
	mine = kernel_field(bases.task, F_TASK_CGROUPS) + (uint64_t)fields[F_CSS_SET_SUBSYS].offset;
	mine = kernel_word(mine + 8 * (uint64_t)values[V_memory_cgrp_id]);
	memory_subsystem = mine ? kernel_field(mine, F_MEMCG_SS) : 0;
	if (!memory_subsystem)
		missing_add("owners", "memory cgroups are switched off");
	return memory_subsystem != 0;
}

void owners_find(void)
{
	uint64_t last = 0, group = 0;

	if (!owners_known())
		return;
	count_later();
	if (has_field(F_SLAB_OBJ_EXTS))
		read_objects();
	qsort(tallies, room, sizeof(*tallies), by_word);
	for (size_t i = 0; i < room; i++) {
		const struct tally *tally = &tallies[i];

		if (!tally->word)
			continue;
		if (tally->word != last)
			group = group_of(tally->word);
		last = tally->word;
		if (group)
			add_owner((struct owner){ group, tally->kernel, tally->what, tally->count });
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
