// SPDX-License-Identifier: MIT
/*
 * Areas of kernel address space that have pages of their own: vmalloc, stacks, modules, per-CPU chunks,
 * mappings. The kernel's tree of them has no symbol that is always shown, and moved in 6.9; so every object
 * of a slab cache that fits `struct vmap_area` is tried: it is one if the vm_struct that it names has its
 * address, and if the page tables map something there. An area claims the pages that nothing else explains.
 */
#include <stdlib.h>
#include <string.h>
#include "census.h"

/* vm_struct.flags, the same since 2.6 (include/linux/vmalloc.h). */
#define VM_IOREMAP 1u
#define VM_ALLOC 2u
/* Where x86-64 puts modules and the code of BPF programs. */
#define MODULES_FROM 0xffffffff80000000ull
#define MAX_VM_BYTES 256

static struct area *areas;
static size_t nr_areas, room;
static uint32_t vm_object_bytes;

static const enum page_class class_of_kind[] = {
	[AREA_VMALLOC] = CLASS_VMALLOC, [AREA_VMAP] = CLASS_VMAP,     [AREA_STACK] = CLASS_STACK,
	[AREA_PERCPU] = CLASS_PERCPU,   [AREA_MODULE] = CLASS_MODULE, [AREA_IOREMAP] = CLASS_NONE,
};

/* ---- candidates ---- */

/* Those without a vm_struct, too: lists go through them. */
static void add_candidate(const uint8_t *object, uint64_t address)
{
	struct area area = { .start = field_of(object, F_AREA_START), .end = field_of(object, F_AREA_END),
			     .vm = field_of(object, F_AREA_VM), .link = address + (uint64_t)fields[F_AREA_LIST].offset };

	memcpy(area.neighbours, object + fields[F_AREA_LIST].offset, sizeof(area.neighbours));
	if ((area.start | area.end) % 4096 || area.start >= area.end || !is_kernel_address(area.start) ||
	    !is_kernel_address(area.end - 1) || !is_kernel_address(area.neighbours[0]) ||
	    !is_kernel_address(area.neighbours[1]))
		return;
	if (nr_areas == room) {
		room = room ? room * 2 : 1024;
		areas = realloc(areas, room * sizeof(*areas));
		if (!areas)
			die("out of memory");
	}
	areas[nr_areas++] = area;
}

static void see_slab(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	const struct slab_seen *slab = &slabs[tag];
	const struct cache_seen *cache = &caches[slab->cache];

	(void)context, (void)offset;
	for (uint32_t i = 0; piece && i < slab->objects && (i + 1) * cache->size <= bytes; i++)
		add_candidate(piece + i * cache->size + cache->left_pad,
			      linear_of_pfn(slab->pfn) + i * cache->size + cache->left_pad);
}

/* Caches of objects of about that size are merged into one, whose size is the largest. */
static bool may_hold_areas(const struct cache_seen *cache)
{
	uint32_t bytes = struct_bytes("vmap_area");

	return cache->address && cache->size && cache->object_size >= bytes && cache->object_size < bytes + 16;
}

/* Leaves those that are real, and asks anew. */
static void drop_others(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr_areas; i++) {
		if (!areas[i].real)
			continue;
		areas[kept] = areas[i];
		areas[kept++].real = false;
	}
	nr_areas = kept;
}

static void find_candidates(void)
{
	static const struct reader reader = { see_slab, NULL, false };

	for (size_t i = 0; i < nr_slabs; i++) {
		if (may_hold_areas(&caches[slabs[i].cache]))
			safe_add(&reader, linear_of_pfn(slabs[i].pfn), 4096u << slabs[i].order, i);
	}
	safe_run(&reader);
}

/* ---- which are in a list of the kernel ---- */

/*
 * An object that is free still says what it was, and so do those that were beside it: the kernel purges areas
 * that were freed as a list of its own, whose head is on its stack (reclaim_list_global() of mm/vmalloc.c, before
 * 6.9 __purge_vmap_area_lazy()), and leaves their links as they were. Such an area lies where another one is now,
 * and would claim its pages. So each piece of a list is followed to its ends: it is real if an end is the head of a
 * list that names it. That head is a variable of the kernel, or since 6.9 part of an array in linear memory.
 */
enum { NEXT, BEFORE };

static int by_link(const void *a, const void *b)
{
	const struct area *x = a, *y = b;

	return x->link < y->link ? -1 : x->link > y->link;
}

/* The candidate on that side, if it names this one on its other side; else NULL: there the piece ends. */
static struct area *beside(const struct area *area, int side)
{
	const struct area key = { .link = area->neighbours[side] };
	struct area *found = bsearch(&key, areas, nr_areas, sizeof(*areas), by_link);

	return found && found != area && found->neighbours[!side] == area->link ? found : NULL;
}

/* The last of its piece on that side. A piece may be a ring without a head, which then ends anywhere. */
static struct area *end_of_piece(struct area *area, int side)
{
	struct area *next;

	for (size_t steps = 0; steps < nr_areas && (next = beside(area, side)); steps++)
		area = next;
	return area;
}

static void see_head(void *context, uint64_t tag, uint64_t offset, const uint8_t *links, uint32_t bytes)
{
	struct area *end = &areas[tag / 2];
	int side = tag % 2;

	(void)context, (void)offset, (void)bytes;
	end->real |= links && memcmp(links + 8 * !side, &end->link, 8) == 0;
}

static void ask_head(const struct reader *reader, struct area *end, int side)
{
	uint64_t head = end->neighbours[side];

	if (head >= MODULES_FROM)
		end->real = true;
	else if (pfn_of_linear(head) != UINT64_MAX)
		safe_add(reader, head, 16, (uint64_t)(end - areas) * 2 + (unsigned)side);
}

/* All of a piece are as real as its ends. */
static void spread(struct area *first)
{
	bool real = first->real || end_of_piece(first, NEXT)->real;
	struct area *area = first;

	for (size_t steps = 0; steps < nr_areas && area; steps++, area = beside(area, NEXT))
		area->real = real;
}

static void drop_unlisted(void)
{
	static const struct reader reader = { see_head, NULL, false };

	qsort(areas, nr_areas, sizeof(*areas), by_link);
	for (size_t i = 0; i < nr_areas; i++) {
		for (int side = NEXT; side <= BEFORE; side++) {
			if (!beside(&areas[i], side))
				ask_head(&reader, &areas[i], side);
		}
	}
	safe_run(&reader);
	for (size_t i = 0; i < nr_areas; i++) {
		if (!beside(&areas[i], BEFORE))
			spread(&areas[i]);
	}
	drop_others();
}

/* ---- what the vm_struct says ---- */

static enum area_kind kind_of(const struct area *area, const char *caller)
{
	static const char *const stacks[] = { "alloc_thread_stack_node", "dup_task_struct", "copy_process", "kernel_clone",
					      "kernel_thread", "user_mode_thread", "create_io_thread", "fork_idle", NULL };

	if (area->flags & VM_IOREMAP)
		return AREA_IOREMAP;
	for (int i = 0; stacks[i]; i++) {
		if (strcmp(caller, stacks[i]) == 0)
			return AREA_STACK;
	}
	if (strcmp(caller, "pcpu_get_vm_areas") == 0)
		return AREA_PERCPU;
	if (area->start >= MODULES_FROM)
		return AREA_MODULE;
	return area->flags & VM_ALLOC ? AREA_VMALLOC : AREA_VMAP;
}

/* A return address, or a function itself: so the byte at it is asked for, not the one before it. */
bool area_caller(const struct area *area, struct name *name)
{
	return area->caller && name_of_code(area->caller, name);
}

static void see_vm(void *context, uint64_t tag, uint64_t offset, const uint8_t *vm, uint32_t bytes)
{
	struct area *area = &areas[tag];
	struct name name;

	(void)context, (void)offset, (void)bytes;
	if (!vm || field_of(vm, F_VM_ADDR) != area->start)
		return;
	area->flags = field_of(vm, F_VM_FLAGS);
	area->nr_pages = field_of(vm, F_VM_NR_PAGES);
	area->caller = field_of(vm, F_VM_CALLER);
	area->real = true;
	area->kind = kind_of(area, area_caller(area, &name) ? name.symbol : "");
}

static int by_start(const void *a, const void *b)
{
	const struct area *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Leaves those that have their vm_struct, in the order of their addresses. */
static void read_vms(void)
{
	static const struct reader reader = { see_vm, NULL, false };

	for (size_t i = 0; i < nr_areas; i++) {
		if (is_kernel_address(areas[i].vm))
			safe_add(&reader, areas[i].vm, vm_object_bytes, i);
	}
	safe_run(&reader);
	drop_others();
	qsort(areas, nr_areas, sizeof(*areas), by_start);
}

/* ---- what is mapped there ---- */

/* All that begin before it may hold an address: objects that are free may overlap. */
static struct area *area_of(uint64_t address)
{
	size_t low = 0, high = nr_areas;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (areas[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i-- && low - i < 8;) {
		if (address < areas[i].end)
			return &areas[i];
	}
	return NULL;
}

static void see_mapped(uint64_t address, uint64_t pfn, uint64_t nr)
{
	struct area *area;

	if (address >= bases.vmemmap && address < page_of_pfn(machine.end_pfn)) {
		for (uint64_t i = 0; i < nr && pfn + i < machine.end_pfn; i++) {
			if (class_of_pfn[pfn + i] == CLASS_RESERVED || class_of_pfn[pfn + i] == CLASS_UNACCOUNTED)
				reclass(pfn + i, 1, CLASS_MEMMAP);
		}
		return;
	}
	area = area_of(address);
	if (!area)
		return;
	area->pages += nr;
	for (uint64_t i = pfn; i < pfn + nr && i < machine.end_pfn && area->kind != AREA_IOREMAP; i++) {
		/* without a reference: a further page of a block without __GFP_COMP */
		if (class_of_pfn[i] == CLASS_UNACCOUNTED || class_of_pfn[i] == CLASS_TAIL_UNKNOWN)
			reclass(i, 1, class_of_kind[area->kind]);
	}
}

/* What the page tables do not map is no area, but what was one. */
static void drop_unmapped(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr_areas; i++) {
		if (areas[i].pages)
			areas[kept++] = areas[i];
	}
	nr_areas = kept;
}

static bool any_name(void)
{
	struct name name;

	for (size_t i = 0; i < nr_areas; i++) {
		if (area_caller(&areas[i], &name))
			return true;
	}
	return false;
}

void areas_find(void)
{
	static const enum field_id needed[] = { F_AREA_START, F_AREA_END, F_AREA_VM, F_AREA_LIST, F_VM_ADDR, F_VM_FLAGS, F_VM_NR_PAGES, F_VM_CALLER,
						F_SLAB_CACHE, F_SLAB_OBJECTS, F_CACHE_OFFSET, F_CACHE_SIZE, F_CACHE_OBJECT_SIZE, NR_FIELDS };

	for (int i = 0; i < machine.nr_image; i++) {
		for (uint64_t pfn = machine.image[i].first; pfn < machine.image[i].end && pfn < machine.end_pfn; pfn++) {
			if (class_of_pfn[pfn] == CLASS_RESERVED)
				reclass(pfn, 1, CLASS_KERNEL_IMAGE);
		}
	}
	if (!machine.nr_ram) {
		missing_add("areas", "/proc/iomem does not say where RAM is, so no content of a page may be read");
		return;
	}
	vm_object_bytes = struct_bytes("vm_struct");
	if (fields_there("areas", needed) && vm_object_bytes <= MAX_VM_BYTES) {
		find_candidates();
		drop_unlisted();
		read_vms();
	}
	tables_walk(see_mapped);
	drop_unmapped();
	if (nr_areas && !any_name())
		missing_add("areas", "/proc/kallsyms hides its addresses, which needs CAP_SYSLOG and kernel.kptr_restrict below 2: areas have no callers, and stacks are vmalloc");
}

const struct area *area_at(size_t index)
{
	return index < nr_areas ? &areas[index] : NULL;
}
