// SPDX-License-Identifier: MIT
/* One look: nodes are numbered, and all that may refer to them is read. */
#include "holders.h"

static bool fields_are_there(void)
{
	static const enum field_id needed[] = { F_SLAB_CACHE, F_SLAB_FREELIST, F_SLAB_OBJECTS, F_CACHE_SIZE, F_CACHE_OBJECT_SIZE,
						F_CACHE_OFFSET, F_CACHE_REFCOUNT, F_PAGE_MAPPING, F_PAGE_PRIVATE, NR_FIELDS };

	return fields_there("holders", needed);
}

bool look_at_all(void)
{
	if (!fields_are_there() || !nodes_build(areas_open()))
		return false;
	areas_note_own();
	free_lists_open();
	members_open();
	words_open();
	messages_open();
	graph_open();
	image_open();
	hints_open();
	sources_scan(NULL);
	census_took("objects");
	return true;
}

void look_forget(void)
{
	graph_forget();
	image_forget();
	nodes_forget_addresses();
	room_forget(reached, (nr_nodes / 64 + 1) * 8ull);
	room_forget(live, (nr_nodes / 64 + 1) * 8ull);
	room_forget(free_bits_of_sheaves, (nr_nodes / 64 + 1) * 8ull);
}
