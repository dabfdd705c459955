// SPDX-License-Identifier: MIT
/*
 * Asks references/ about a kernel that the input describes: its memory is a buffer here. First argument:
 *   shapes               every object of every slab of 8 bytes to 64 KiB is found by each of its bytes
 *   free SIZE OBJECTS RANDOM LINK INDEX...    a slab whose list of free objects has these; -1 ends it torn,
 *                        an index again is a ring. RANDOM 0: no CONFIG_SLAB_FREELIST_HARDENED
 *                        -> the free ones, "torn" if the list is not sound
 *   chains               lines "LINK<LINK..." on stdin, a link is NAME or NAME=HINT, the farthest last; of a
 *                        line that begins with "below " the first link has no hint and is put below the rest
 *                        -> each line's number and its chain as JSON
 *   tally                lines "A B AMOUNT" on stdin -> the same, added up by pairs
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "references.h"

#define LINEAR 0xffff888000000000ull
#define VMEMMAP 0xffffea0000000000ull

/* ---- the kernel ---- */

static uint8_t memory[1 << 20];

struct bases bases = { .linear = LINEAR, .vmemmap = VMEMMAP, .page_bytes = 64 };
struct machine machine = { .end_pfn = sizeof(memory) >> 12 };
struct field fields[NR_FIELDS];
struct cache_seen *caches;
size_t nr_caches;

bool kernel_read(uint64_t address, void *to, size_t bytes)
{
	uint64_t offset = address - LINEAR;

	memset(to, 0, bytes);
	if (offset >= sizeof(memory) || bytes > sizeof(memory) - offset)
		return false;
	memcpy(to, memory + offset, bytes);
	return true;
}

bool safe_read(uint64_t address, void *to, size_t bytes)
{
	return kernel_read(address, to, bytes);
}

uint64_t kernel_word(uint64_t address)
{
	uint64_t word;

	kernel_read(address, &word, 8);
	return word;
}

uint64_t kernel_field(uint64_t object, enum field_id id)
{
	return has_field(id) ? kernel_word(object + (uint64_t)fields[id].offset) : 0;
}

uint64_t safe_field(uint64_t object, enum field_id id)
{
	return kernel_field(object, id);
}

uint64_t pfn_of_page(uint64_t page)
{
	return page < VMEMMAP ? UINT64_MAX : (page - VMEMMAP) / 64;
}

uint64_t pfn_of_linear(uint64_t address)
{
	return address - LINEAR < sizeof(memory) ? (address - LINEAR) >> 12 : UINT64_MAX;
}

bool fields_there(const char *stage, const enum field_id *wanted)
{
	(void)stage, (void)wanted;
	return true;
}

void missing_add(const char *stage, const char *fmt, ...)
{
	(void)stage, (void)fmt;
}

uint32_t struct_bytes(const char *name)
{
	(void)name;
	return 0;
}

/* ---- nodes, of one slab ---- */

struct block *blocks;
struct shape *shapes;
uint32_t **block_chunks;
uint32_t nr_nodes = 1 << 16;

void *room_for(uint64_t bytes)
{
	return calloc(1, bytes);
}

uint32_t node_of_object(uint64_t address)
{
	(void)address;
	return NO_NODE;
}

static struct shape made_shape(uint32_t size, uint32_t pad)
{
	return (struct shape){ ((1ull << INVERSE_SHIFT) + size - 1) / size, size, pad };
}

static void check_shapes(void)
{
	for (uint32_t size = 8; size <= 65536; size += size < 8192 ? 8 : 4096) {
		struct shape shape = made_shape(size, 0);

		/* an order-3 slab at least, as the allocator takes */
		for (uint32_t offset = 0; offset < (size > 32768 ? size : 32768u); offset++) {
			if (object_index(&shape, offset) != offset / size) {
				printf("object of %u bytes, offset %u: %u\n", size, offset, object_index(&shape, offset));
				return;
			}
		}
	}
	puts("all found");
}

static void ask_free(char **argument)
{
	uint32_t size = (uint32_t)atoi(argument[0]), link = (uint32_t)atoi(argument[3]);
	uint64_t random = strtoull(argument[2], NULL, 0), bits[65536 / 64] = { 0 }, list = 0, *before = &list;
	struct block block = { .pfn = 4, .order = 3, .objects = (uint16_t)atoi(argument[1]), .cache = 1 };
	uint64_t base = LINEAR + (4 << 12), place = 0;
	bool sound;

	memset(fields, 0xff, sizeof(fields));
	fields[F_CACHE_RANDOM].offset = random ? 64 : -1;
	memcpy(memory + 64, &random, 8);
	caches = calloc(2, sizeof(*caches));
	caches[1] = (struct cache_seen){ .address = LINEAR, .size = size, .object_size = size, .offset = link };
	nr_caches = 2;
	shapes = calloc(2, sizeof(*shapes));
	shapes[1] = made_shape(size, 0);
	free_lists_open();
	free_lists_read();
	for (argument += 4;; argument++) {
		uint64_t object = !*argument ? 0 : **argument == '-' ? base + 3 : base + (uint64_t)atoi(*argument) * size;

		/* as the kernel writes a link: to itself mixed, at its place */
		*before = before == &list ? object : random ? object ^ random ^ __builtin_bswap64(place) : object;
		if (!object || **argument == '-')
			break;
		place = object + link;
		before = (uint64_t *)(memory + (place - LINEAR));
		if (*before)
			break;
	}
	sound = free_list_walk(&block, list, memory + (4 << 12), bits);
	for (uint32_t i = 0; i < block.objects; i++) {
		if (has_bit(bits, i))
			printf("%u ", i);
	}
	puts(sound ? "" : "torn");
}

/* ---- chains ---- */

static struct hint hints[64] = { { "", "", HINT_NONE } };
static uint32_t nr_hints = 1;

const struct hint *hint_at(uint32_t id)
{
	return &hints[id];
}

static uint32_t add_hint(const char *name)
{
	for (uint32_t i = 1; i < nr_hints; i++) {
		if (strcmp(hints[i].name, name) == 0)
			return i;
	}
	hints[nr_hints] = (struct hint){ strdup(name), nr_hints % 2 ? "" : "mod", nr_hints % 2 ? HINT_FUNCTION : HINT_OPS };
	return nr_hints++;
}

static uint32_t build(char *text)
{
	char *rest = strchr(text, '<'), *hint;
	uint32_t up = 0;

	if (rest) {
		*rest = 0;
		up = build(rest + 1);
	}
	hint = strchr(text, '=');
	if (hint)
		*hint++ = 0;
	return chain_of(LINK_SLAB, text_id(text), hint ? add_hint(hint) : 0, up);
}

static void ask_chains(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		uint32_t chain;

		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "below ", 6) == 0) {
			char *rest = strchr(line, '<');

			*rest = 0;
			chain = build(rest + 1);
			chain = chain_below(LINK_SLAB, text_id(line + 6), chain);
		} else {
			chain = build(line);
		}
		printf("%u {", chain);
		chain_put(stdout, chain);
		puts("}");
	}
}

static void ask_tally(void)
{
	struct tally tally = { 0 };
	uint32_t a, b;
	uint64_t amount;

	while (scanf("%" SCNu32 " %" SCNu32 " %" SCNu64, &a, &b, &amount) == 3)
		tally_add(&tally, a, b, amount);
	for (uint32_t i = 0; i < tally.nr; i++)
		printf("%u %u %" PRIu64 "\n", tally.rows[i].a, tally.rows[i].b, tally.rows[i].amount);
}

int main(int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[1], "shapes") == 0)
		check_shapes();
	else if (strcmp(argv[1], "free") == 0)
		ask_free(argv + 2);
	else if (strcmp(argv[1], "tally") == 0)
		ask_tally();
	else
		ask_chains();
	return 0;
}
