// SPDX-License-Identifier: MIT
/* Areas of kernel address space, each of them a node: which one holds an address, and what its name is. */
#include "kernel.h"
#include "references.h"

static uint64_t first_start, last_end;
static uint32_t nr_areas;
static uint32_t *area_names; /* texts */
static const struct area **all;
static uint64_t *own; /* a bit for each node */

const struct area *area_of_node(uint32_t node)
{
	return all[node - first_area];
}

uint32_t areas_open(void)
{
	struct name name;

	while (area_at(nr_areas))
		nr_areas++;
	all = room_for((nr_areas + 1ull) * sizeof(*all));
	area_names = room_for((nr_areas + 1ull) * sizeof(*area_names));
	for (uint32_t i = 0; i < nr_areas; i++) {
		all[i] = area_at(i);
		area_names[i] = text_id(area_caller(all[i], &name) ? name.symbol : "");
		if (all[i]->end > last_end)
			last_end = all[i]->end;
	}
	first_start = nr_areas ? all[0]->start : 0;
	return nr_areas;
}

uint32_t node_of_area(uint64_t address)
{
	uint32_t low = 0, high = nr_areas;

	if (address - first_start >= last_end - first_start)
		return NO_NODE;
	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (all[middle]->start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < all[low - 1]->end ? first_area + low - 1 : NO_NODE;
}

uint32_t area_chain(uint32_t node)
{
	return chain_of(LINK_AREA, area_names[node - first_area], 0, 0);
}

void areas_note_own(void)
{
	own = room_for((nr_nodes / 64 + 1) * 8ull);
	for (uint32_t i = 0; i < nr_areas; i++) {
		uint32_t node = node_of_object(all[i]->link);

		if (node != NO_NODE)
			set_bit(own, node);
	}
}

/*
 * A vmap_area and a vm_struct know their area, also one that nobody wants any more; and a vmap_area's end
 * may be the start of the next. What a vm_struct knows of another area is its own: its array of pages.
 */
bool area_is_known_to(uint32_t area, uint32_t node)
{
	return has_bit(own, node) || node_of_object(area_of_node(area)->vm) == node;
}

static bool is_own(const struct area *area)
{
	for (int i = 0; i < bases.nr_own; i++) {
		if (bases.own[i].address >= area->start && bases.own[i].address < area->end)
			return true;
	}
	return false;
}

static bool is_still_there(const struct area *area)
{
	return safe_field(area->vm, F_VM_ADDR) == area->start && !(safe_field(area->vm, F_VM_FLAGS) & 1);
}

/* Without its guard page, where the vm_struct knows its pages. */
uint64_t area_end(const struct area *area)
{
	uint64_t end = area->nr_pages ? area->start + (area->nr_pages << 12) : area->end;

	return end < area->end ? end : area->end;
}

bool area_may_be_read(const struct area *area)
{
	return area->kind != AREA_IOREMAP && area->kind != AREA_VMAP && !is_own(area) && is_still_there(area);
}

void area_read_part(uint64_t address, uint64_t bytes, const struct reader *reader, uint64_t tag)
{
	uint32_t node = node_of_area(address);
	const struct area *area = node == NO_NODE ? NULL : area_of_node(node);

	if (!area || area->kind != AREA_VMALLOC || !area_may_be_read(area) || bytes > area_end(area) - address)
		return;
	mapped_read(reader, address, address + bytes, tag);
}
