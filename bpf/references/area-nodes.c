// SPDX-License-Identifier: MIT
/* Areas of kernel address space, each of them a node: which one holds an address, and what its name is. */
#include "kernel.h"
#include "references.h"

static uint64_t first_start, last_end;
static uint32_t nr_areas;
static uint32_t *area_names; /* texts */
static const struct area **all;

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

/*
 * True for the words of an area's own vmap_area and vm_struct: they know every area, also one that nobody
 * wants any more. va_end may be the start of the next.
 */
bool area_is_described(uint32_t node, const uint64_t *words, uint32_t nr, uint32_t at)
{
	const uint32_t start = (uint32_t)fields[F_AREA_START].offset / 8, end = (uint32_t)fields[F_AREA_END].offset / 8;
	const uint32_t addr = (uint32_t)fields[F_VM_ADDR].offset / 8, size = (uint32_t)fields[F_VM_SIZE].offset / 8;
	uint64_t word = words[at], gap = end - start;

	if (word == area_of_node(node)->start && at >= addr && at - addr + size < nr) {
		/* vm_struct: the size with its guard page, or without */
		uint64_t bytes = words[at - addr + size], real = area_of_node(node)->end - word;

		if (bytes && bytes <= real && bytes + 4096 >= real)
			return true;
	}
	if (word == area_of_node(node)->start && at + gap < nr && words[at + gap] == area_of_node(node)->end)
		return true;
	if (at < gap || word % 4096)
		return false;
	node = node_of_area(words[at - gap]);
	return node != NO_NODE && area_of_node(node)->start == words[at - gap] && area_of_node(node)->end == word;
}
