// SPDX-License-Identifier: MIT
/*
 * What may be read, without a walk over all pages: safe.c reads by the classes that the walk has found, and asks
 * each page once more. Here the class of a page is found when it is wanted, from its struct page alone, which
 * is what the walk does; the rules stay those of safe.c.
 */
#include <string.h>
#include "names.h"

#define PAGE 4096u

static bool is_of_device(uint64_t pfn)
{
	for (int i = 0; i < nr_walk_spans; i++) {
		if (walk_spans[i].device && pfn >= walk_spans[i].first && pfn < walk_spans[i].end)
			return true;
	}
	return false;
}

/* Finds the class that the page has now; true if its content may be read. */
static bool find_class(uint64_t pfn)
{
	enum page_class class;

	if (pfn >= machine.end_pfn || !in_ram(pfn) || is_of_device(pfn))
		return false;
	class = class_now(pfn);
	/* what is kept of it is never older than this */
	if (class_of_pfn[pfn])
		reclass(pfn, 1, class);
	else
		class_set(pfn, 1, class);
	return page_may_be_read(pfn);
}

static bool find_class_of_address(uint64_t address)
{
	uint64_t pfn = pfn_of_linear(address);
	struct walked at;

	if (!is_kernel_address(address))
		return false;
	if (pfn != UINT64_MAX)
		return find_class(pfn);
	at = walk_tables(address, find_class);
	return find_class(walked_pfn(&at, address));
}

bool see(uint64_t address, void *to, size_t bytes)
{
	if (address + bytes < address) {
		memset(to, 0, bytes);
		return false;
	}
	for (uint64_t at = address & ~(uint64_t)(PAGE - 1); at < address + bytes; at += PAGE) {
		if (!find_class_of_address(at)) {
			memset(to, 0, bytes);
			return false;
		}
	}
	return safe_read(address, to, bytes);
}

uint64_t see_word(uint64_t address)
{
	uint64_t word = 0;

	see(address, &word, 8);
	return word;
}

uint64_t see_field(uint64_t object, enum name_field id)
{
	const struct field *field = &name_fields[id];
	uint8_t bytes[8] = { 0 };

	if (!object || !has_name_field(id) ||
	    !see(object + (uint64_t)field->offset, bytes, field->bytes < 8 ? field->bytes : 8))
		return 0;
	return field_at(bytes, field);
}

void see_string(uint64_t address, char *to, size_t size)
{
	size_t done = 0;

	memset(to, 0, size);
	while (done < size - 1) {
		size_t part = PAGE - (address + done) % PAGE;

		if (part > size - 1 - done)
			part = size - 1 - done;
		/* in the next page it is cut where that may not be read */
		if (!see(address + done, to + done, part) || memchr(to + done, 0, part))
			return;
		done += part;
	}
}
