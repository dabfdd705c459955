// SPDX-License-Identifier: MIT
/*
 * What is charged, by the words that say to whom: each struct page has one, each object of a slab has one in
 * a vector beside the slab. owners.c finds the cgroups that the words lead to.
 */
#include <stdlib.h>
#include <string.h>
#include "census.h"

#define FLAGS 7ull
/* Set in memcg_data of pages that the kernel took for itself (MEMCG_DATA_KMEM, since 5.11). */
#define KERNEL_MEMORY 2ull
/* Cleared in page_type of those on 5.10 (PG_kmemcg). */
#define KMEMCG_TYPE 0x200u

static struct charge *charges; /* open addressing, at most half full; room is a power of two */
static size_t nr_charges, room;

/* Runs of pages whose class the areas decide. */
static struct later {
	uint64_t pfn, word;
	uint32_t nr;
	bool kernel;
} *laters;
static size_t nr_laters, laters_room;

static uint32_t ext_bytes; /* sizeof(struct slabobj_ext) */

/* ---- counting ---- */

static size_t slot_of(uint64_t word, uint32_t what, bool kernel)
{
	size_t slot = (((word >> 3) + what * 2 + kernel) * 0x9e3779b97f4a7c15ull >> 20) & (room - 1);

	while (charges[slot].word &&
	       (charges[slot].word != word || charges[slot].what != what || charges[slot].kernel != kernel))
		slot = (slot + 1) & (room - 1);
	return slot;
}

static void grow(void)
{
	struct charge *old = charges;
	size_t old_room = room;

	room = room ? room * 2 : 4096;
	charges = calloc(room, sizeof(*charges));
	if (!charges)
		die("out of memory");
	for (size_t i = 0; i < old_room; i++) {
		if (old[i].word)
			charges[slot_of(old[i].word, old[i].what, old[i].kernel)] = old[i];
	}
	free(old);
}

static void count(uint64_t word, uint32_t what, bool kernel, uint64_t nr)
{
	static struct charge *last;

	word &= ~FLAGS;
	if (!last || last->word != word || last->what != what || last->kernel != kernel) {
		if (nr_charges * 2 >= room)
			grow();
		last = &charges[slot_of(word, what, kernel)];
		if (!last->word) {
			*last = (struct charge){ word, what, kernel, 0 };
			nr_charges++;
		}
	}
	last->count += nr;
}

void charge_saw(uint64_t pfn, uint64_t nr, enum page_class class, uint64_t word, uint32_t page_type)
{
	bool kernel = has_field(F_PAGE_MEM_CGROUP) ? ~page_type & KMEMCG_TYPE && page_type >> 28 == 0xf : word & KERNEL_MEMORY;

	if (!(word & ~FLAGS))
		return;
	if (class != CLASS_UNACCOUNTED) {
		count(word, class, kernel, nr);
		return;
	}
	if (nr_laters) {
		struct later *last = &laters[nr_laters - 1];

		if (last->pfn + last->nr == pfn && last->word == word && last->kernel == kernel) {
			last->nr += (uint32_t)nr;
			return;
		}
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
	for (size_t i = 0; i < nr_laters; i++) {
		for (uint32_t page = 0; page < laters[i].nr; page++)
			count(laters[i].word, class_of_pfn[laters[i].pfn + page], laters[i].kernel, 1);
	}
}

/* ---- objects ---- */

/* Bytes from one object's owner to the next. */
static uint32_t stride_of(const struct slab_seen *slab)
{
	if (slab->stride == UINT32_MAX)
		return caches[slab->cache].size;
	if (slab->stride)
		return slab->stride;
	return ext_bytes;
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

	/* up to 6.9 only pointers */
	ext_bytes = struct_bytes("slabobj_ext") ? struct_bytes("slabobj_ext") : 8;
	for (size_t i = 0; i < nr_slabs; i++) {
		uint64_t at = slabs[i].exts & ~FLAGS, bytes = (uint64_t)(slabs[i].objects - 1) * stride_of(&slabs[i]) + 8;

		if (slabs[i].objects && at && bytes <= COPY_SINGLE_BYTES)
			safe_add(&reader, at + first, (uint32_t)bytes, i);
	}
	safe_run(&reader);
}

static int by_word(const void *a, const void *b)
{
	const struct charge *x = a, *y = b;

	return x->word < y->word ? -1 : x->word > y->word;
}

void charges_finish(void)
{
	size_t kept = 0;

	count_later();
	if (has_field(F_SLAB_OBJ_EXTS))
		read_objects();
	for (size_t i = 0; i < room; i++) {
		if (charges[i].word)
			charges[kept++] = charges[i];
	}
	qsort(charges, kept, sizeof(*charges), by_word);
	nr_charges = kept;
}

const struct charge *charge_at(size_t index)
{
	return index < nr_charges ? &charges[index] : NULL;
}
