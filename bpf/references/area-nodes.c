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
