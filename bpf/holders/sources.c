// SPDX-License-Identifier: MIT
/*
 * What is read for references, in this order: objects of slabs, large kmallocs, unaccounted pages, areas;
 * the kernel's own data, memory that was reserved at boot, and the words of struct pages. Content of pages
 * that belong to users, to files or to nobody is never read.
 */
#include <string.h>
#include "kernel.h"
#include "holders.h"

static uint16_t task_cache, file_cache;
static uint32_t node_now; /* of the blocks that are being read */
static uint64_t *used;

static void see_object(uint32_t node, const struct block *block, const uint64_t *words, uint32_t nr)
{
	if (used)
		set_bit(used, node);
	if (is_sheaf(node))
		return;
	if (block->cache == task_cache)
		stack_note((const uint8_t *)words);
	if (block->cache == task_cache && !notes_are_again())
		task_note((const uint8_t *)words);
	if (block->cache == file_cache && !notes_are_again())
		file_note(node, (const uint8_t *)words);
	notes_begin_node(node, LINK_SLAB, cache_name_id(block->cache));
	notes_of_node(words, nr, members_of(block->cache));
	notes_end_node();
}

static void see_block(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	const struct block *block = &blocks[tag];

	(void)context, (void)offset;
	if (node_now != block->first) {
		if (node_now != NO_NODE)
			notes_end_node();
		node_now = block->first;
		notes_begin_node(node_now, LINK_PAGE, text_id(class_names[block->class]));
	}
	if (piece)
		notes_of_page((const uint64_t *)piece, bytes / 8);
}

/* Blocks of one kind lie together; of targets only what the kernel holds itself is read. */
static void scan_blocks(void)
{
	static const struct reader reader = { see_block, NULL, true };
	uint32_t end;

	node_now = NO_NODE;
	for (uint32_t first = 0; first < nr_blocks; first = end) {
		uint8_t class = blocks[first].class;

		for (end = first + 1; end < nr_blocks && blocks[end].class == class; end++)
			;
		if (class == CLASS_LARGE_KMALLOC || (class == CLASS_UNACCOUNTED && unaccounted_is_readable()))
			contents_of_blocks(first, end - first, &reader);
	}
	if (node_now != NO_NODE)
		notes_end_node();
}

/* Words up to the end of the variable that they belong to, where kallsyms shows variables. */
static void see_variables(uint64_t address, const uint64_t *words, uint32_t nr)
{
	struct name name;
	uint32_t part;
	uint64_t end;

	for (; nr; words += part, address += part * 8ull, nr -= part) {
		bool named = kallsyms_data(address, &name, &end);

		part = end - address > MAX_WORDS * 8 ? MAX_WORDS : (uint32_t)(end - address + 7) / 8;
		part = part < nr ? part : nr;
		notes_begin_root(LINK_STATIC, RANK_DATA, named ? name.symbol : "");
		notes_of_root(words, part);
	}
}

static void scan_image(void)
{
	uint64_t address;
	const uint64_t *words;
	uint32_t nr;

	for (int i = 0; (words = image_part(i, &address, &nr)); i++)
		see_variables(address, words, nr);
}

static void see_reserved(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context, (void)tag, (void)offset;
	if (piece)
		notes_of_root((const uint64_t *)piece, bytes / 8);
}

static void scan_reserved(void)
{
	static const struct reader reader = { see_reserved, NULL, true };
	uint64_t end;

	notes_begin_root(LINK_RESERVED, RANK_DATA, "");
	for (uint64_t pfn = 0; pfn < machine.end_pfn; pfn = end) {
		bool wanted = class_of_pfn[pfn] == CLASS_RESERVED && in_ram(pfn);

		for (end = pfn + 1; end < machine.end_pfn; end++) {
			if ((class_of_pfn[end] == CLASS_RESERVED && (!wanted || in_ram(end))) != wanted)
				break;
		}
		if (wanted)
			contents_of_pages(pfn, end, CLASS_RESERVED, &reader);
	}
}

void sources_scan(uint64_t *objects_in_use)
{
	used = objects_in_use;
	for (size_t i = 1; i < nr_caches; i++) {
		if (strcmp(caches[i].name, "task_struct") == 0)
			task_cache = (uint16_t)i;
		if (strcmp(caches[i].name, "filp") == 0)
			file_cache = (uint16_t)i;
	}
	stacks_forget();
	free_lists_read();
	image_read();
	if (!notes_are_again())
		messages_read();
	objects_scan(NULL, see_object);
	say_step("holders", 0, 0);
	scan_blocks();
	areas_scan();
	scan_image();
	scan_reserved();
	struct_pages_scan();
}
