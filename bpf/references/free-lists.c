// SPDX-License-Identifier: MIT
/*
 * Objects that are free. A slab has a list of its own, in its objects; the CPU that takes from it has
 * another; and since 6.18 free objects wait in sheaves, arrays of pointers of each CPU (main, spare,
 * rcu_free) and of each node (its barn).
 *
 * A link lies in the object at cache->offset. With CONFIG_SLAB_FREELIST_HARDENED it is mixed with
 * cache->random and the bytes of its own address in reverse (freelist_ptr_encode() in mm/slub.c, since 5.7).
 */
#include <stdlib.h>
#include <string.h>
#include "nodes.h"

#define MAX_SHEAF 1024u
/* Of one node; a list that goes on is going round. */
#define MAX_SHEAVES 4096
#define MAX_NODES 64

uint64_t *free_bits_of_sheaves;

struct facts {
	uint64_t random;
	uint32_t link; /* where it lies in an object */
	bool merged;
};

static struct facts *facts;
static uint64_t *sheaf_bits; /* a bit for each node */
static bool has_cpu_slabs, has_sheaves;

static struct cpu_list {
	uint32_t block;
	uint64_t list;
} *cpu_lists;
static size_t nr_cpu_lists, room;

static uint64_t bytes_of_bits(void)
{
	return (nr_nodes / 64 + 1) * 8ull;
}

bool cache_is_merged(uint16_t cache)
{
	return facts[cache].merged;
}

bool is_sheaf(uint32_t node)
{
	return has_bit(sheaf_bits, node);
}

/* ---- lists in slabs ---- */

bool free_list_walk(const struct block *block, uint64_t list, const uint8_t *content, uint64_t *free_bits)
{
	const struct shape *shape = &shapes[block->cache];
	uint64_t start = linear_of_pfn(block->pfn) + shape->pad, random = facts[block->cache].random;
	uint32_t link = facts[block->cache].link;
	bool hardened = has_field(F_CACHE_RANDOM);

	while (list) {
		uint64_t offset = list - start, index = offset / shape->size, at, word;

		if (list < start || index >= block->objects || index * shape->size != offset || has_bit(free_bits, index))
			return false;
		set_bit(free_bits, index);
		at = offset + shape->pad + link;
		memcpy(&word, content + at, 8);
		list = hardened ? word ^ random ^ __builtin_bswap64(linear_of_pfn(block->pfn) + at) : word;
	}
	return true;
}

/* ---- lists of CPUs ---- */

static void add_cpu_list(uint64_t slab, uint64_t list)
{
	uint64_t pfn = pfn_of_page(slab);
	uint32_t id = pfn == UINT64_MAX ? 0 : block_at(pfn);

	if (!id || !list)
		return;
	if (nr_cpu_lists == room) {
		room = room ? room * 2 : 512;
		cpu_lists = realloc(cpu_lists, room * sizeof(*cpu_lists));
		if (!cpu_lists)
			die("out of memory");
	}
	cpu_lists[nr_cpu_lists++] = (struct cpu_list){ id - 1, list };
}

static int by_block(const void *a, const void *b)
{
	const struct cpu_list *x = a, *y = b;

	return x->block < y->block ? -1 : x->block > y->block;
}

uint64_t cpu_list_of(uint32_t block)
{
	struct cpu_list key = { block, 0 };
	const struct cpu_list *found = nr_cpu_lists ? bsearch(&key, cpu_lists, nr_cpu_lists, sizeof(key), by_block) : NULL;

	return found ? found->list : 0;
}

static void read_cpu_slab(uint64_t cache)
{
	uint64_t place = safe_field(cache, F_CACHE_CPU_SLAB);

	for (int cpu = 0; place && cpu < bases.nr_cpus; cpu++) {
		uint64_t here = place + bases.percpu[cpu];

		if (bases.percpu[cpu])
			add_cpu_list(safe_field(here, F_CPU_SLAB), safe_field(here, F_CPU_FREELIST));
	}
}

/* ---- sheaves ---- */

static void mark(uint64_t *bits, uint64_t address)
{
	uint32_t node = node_of_object(address);

	if (node != NO_NODE)
		set_bit(bits, node);
}

static void read_sheaf(uint64_t sheaf)
{
	uint64_t objects[MAX_SHEAF], nr;

	if (node_of_object(sheaf) == NO_NODE)
		return;
	mark(sheaf_bits, sheaf);
	nr = safe_field(sheaf, F_SHEAF_SIZE);
	if (!nr || nr > MAX_SHEAF || !safe_read(sheaf + (uint64_t)fields[F_SHEAF_OBJECTS].offset, objects, nr * 8))
		return;
	for (uint64_t i = 0; i < nr; i++)
		mark(free_bits_of_sheaves, objects[i]);
}

static uint64_t safe_word(uint64_t address)
{
	uint64_t word;

	return safe_read(address, &word, 8) ? word : 0;
}

/* A sheaf begins with its place in the list. */
static void read_list(uint64_t head)
{
	uint64_t next = safe_word(head);

	for (int nr = 0; next && next != head && nr < MAX_SHEAVES; next = safe_word(next), nr++)
		read_sheaf(next);
}

static void read_barn(uint64_t barn)
{
	if (!barn)
		return;
	read_list(barn + (uint64_t)fields[F_BARN_FULL].offset);
	if (has_field(F_BARN_EMPTY))
		read_list(barn + (uint64_t)fields[F_BARN_EMPTY].offset);
}

static uint64_t barn_of(uint64_t cache, int node)
{
	uint64_t nodes = cache + (uint64_t)fields[F_CACHE_NODES].offset, here;

	if (has_field(F_PER_NODE_BARN))
		return safe_word(nodes + (uint64_t)node * struct_bytes("kmem_cache_per_node_ptrs") +
				   (uint64_t)fields[F_PER_NODE_BARN].offset);
	here = has_field(F_NODE_BARN) ? safe_word(nodes + (uint64_t)node * 8) : 0;
	return here ? safe_field(here, F_NODE_BARN) : 0;
}

static int nr_memory_nodes(void)
{
	int last = 0;

	for (int i = 0; i < machine.nr_zones; i++)
		last = machine.zones[i].node > last ? machine.zones[i].node : last;
	return last < MAX_NODES ? last + 1 : MAX_NODES;
}

static void read_sheaves(uint64_t cache)
{
	uint64_t place = safe_field(cache, F_CACHE_CPU_SHEAVES);

	if (!place)
		return;
	for (int cpu = 0; cpu < bases.nr_cpus; cpu++) {
		uint64_t here = place + bases.percpu[cpu];

		if (!bases.percpu[cpu])
			continue;
		read_sheaf(safe_field(here, F_SHEAVES_MAIN));
		read_sheaf(safe_field(here, F_SHEAVES_SPARE));
		read_sheaf(safe_field(here, F_SHEAVES_RCU_FREE));
	}
	for (int node = 0; node < nr_memory_nodes(); node++)
		read_barn(barn_of(cache, node));
}

static bool sheaves_are_known(void)
{
	static const enum field_id needed[] = { F_SHEAVES_MAIN, F_SHEAVES_SPARE, F_SHEAVES_RCU_FREE, F_SHEAF_SIZE, F_SHEAF_OBJECTS,
						F_BARN_FULL, F_CACHE_NODES, NR_FIELDS };

	if (!fields_there("types", needed))
		return false;
	if (!has_field(F_PER_NODE_BARN) && !has_field(F_NODE_BARN))
		missing_add("types", "field barn of struct kmem_cache_node is not in this kernel's BTF");
	return true;
}

void free_lists_open(void)
{
	facts = calloc(nr_caches + 1, sizeof(*facts));
	if (!facts)
		die("out of memory");
	free_bits_of_sheaves = room_for(bytes_of_bits());
	sheaf_bits = room_for(bytes_of_bits());
	has_cpu_slabs = has_field(F_CACHE_CPU_SLAB) && has_field(F_CPU_SLAB) && has_field(F_CPU_FREELIST);
	has_sheaves = has_field(F_CACHE_CPU_SHEAVES) && sheaves_are_known();
	for (size_t i = 1; i < nr_caches; i++) {
		facts[i].random = has_field(F_CACHE_RANDOM) ? safe_field(caches[i].address, F_CACHE_RANDOM) : 0;
		facts[i].link = caches[i].offset;
		facts[i].merged = (int32_t)safe_field(caches[i].address, F_CACHE_REFCOUNT) > 1;
	}
}

void free_lists_read(void)
{
	nr_cpu_lists = 0;
	memset(free_bits_of_sheaves, 0, bytes_of_bits());
	memset(sheaf_bits, 0, bytes_of_bits());
	for (size_t i = 1; i < nr_caches; i++) {
		if (has_cpu_slabs)
			read_cpu_slab(caches[i].address);
		if (has_sheaves)
			read_sheaves(caches[i].address);
	}
	if (nr_cpu_lists)
		qsort(cpu_lists, nr_cpu_lists, sizeof(*cpu_lists), by_block);
}
