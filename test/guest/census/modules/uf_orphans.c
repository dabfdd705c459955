// SPDX-License-Identifier: GPL-2.0
/*
 * Ground truth for a search for memory that nothing refers to. All of it is taken when the module is
 * loaded, and stays until it is removed:
 *
 *   lost   no pointer to it is anywhere: what this module must know it keeps inverted
 *   kept   a pointer to it lies where a search must find it: on a list, in an array, in per-CPU memory
 *
 * /proc/uf_orphans has one line for each: "SITE lost|kept ADDRESS BYTES ORDER", hexadecimal address of
 * the kernel's linear map or of an area; ORDER is -1 for what is no block of pages. Read it after the
 * search: it is text, but it is made from pointers.
 *
 * Arrays that are kept are exported: gcc deletes what is only written.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define MANY 300
#define FEW 20
#define OWN_BYTES 240
#define RING_BYTES 200
#define LARGE_BYTES 20000
#define AREA_BYTES (5 * PAGE_SIZE)

/* In an object on the list, not at its start: a search must know pointers into objects. */
struct listed {
	char before[24];
	struct list_head list;
};

/* In an object of the ring. */
struct ringed {
	char before[40];
	struct ringed *next;
};

struct percpu_kept {
	void *items[FEW];
};

/* Only in what these point at, and in no other place. */
static LIST_HEAD(kept_list);
static struct percpu_kept __percpu *kept_percpu;
void *uf_kept_objects[MANY];
struct page *uf_kept_pages[MANY];
void *uf_kept_areas[FEW];
void *uf_kept_large[FEW];
EXPORT_SYMBOL_GPL(uf_kept_objects);
EXPORT_SYMBOL_GPL(uf_kept_pages);
EXPORT_SYMBOL_GPL(uf_kept_areas);
EXPORT_SYMBOL_GPL(uf_kept_large);

static struct kmem_cache *cache;

static void *take_96(void)
{
	return kmalloc(96, GFP_KERNEL);
}

static void *take_700(void)
{
	return kmalloc(700, GFP_KERNEL);
}

static void *take_own(void)
{
	return kmem_cache_alloc(cache, GFP_KERNEL);
}

static void *take_ringed(void)
{
	return kmalloc(RING_BYTES, GFP_KERNEL);
}

static void *take_large(void)
{
	return kmalloc(LARGE_BYTES, GFP_KERNEL);
}

static void *take_area(void)
{
	return vmalloc(AREA_BYTES);
}

static void *take_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	return page ? page_address(page) : NULL;
}

static void *take_block(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);

	return page ? page_address(page) : NULL;
}

static void free_own(const void *object)
{
	kmem_cache_free(cache, (void *)object);
}

static void free_page_at(const void *address)
{
	free_page((unsigned long)address);
}

static void free_block_at(const void *address)
{
	free_pages((unsigned long)address, 2);
}

struct site {
	const char *name;
	bool lost;
	int count;
	long bytes;
	int order; /* of pages, -1: none */
	void *(*take)(void);
	void (*give_back)(const void *item);
	unsigned long inverted[MANY];
};

static struct site sites[] = {
	{ "kmalloc96", true, MANY, 96, -1, take_96, kfree },
	{ "kmalloc700", true, MANY, 700, -1, take_700, kfree },
	{ "own_cache", true, MANY, OWN_BYTES, -1, take_own, free_own },
	{ "ring", true, MANY, RING_BYTES, -1, take_ringed, kfree },
	{ "order0", true, MANY, PAGE_SIZE, 0, take_page, free_page_at },
	{ "order2", true, FEW, 4 * PAGE_SIZE, 2, take_block, free_block_at },
	{ "vmalloc", true, FEW, AREA_BYTES, -1, take_area, vfree },
	{ "kmalloc20000", true, FEW, LARGE_BYTES, -1, take_large, kfree },
	{ "on_list", false, MANY, 96, -1, take_96, kfree },
	{ "in_array", false, MANY, 700, -1, take_700, kfree },
	{ "pages_in_array", false, MANY, PAGE_SIZE, 0, take_page, free_page_at },
	{ "areas_in_array", false, FEW, AREA_BYTES, -1, take_area, vfree },
	{ "large_in_array", false, FEW, LARGE_BYTES, -1, take_large, kfree },
	{ "in_percpu", false, FEW, 96, -1, take_96, kfree },
};

static struct site *site(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sites) - 1 && strcmp(sites[i].name, name) != 0; i++)
		;
	return &sites[i];
}

static void *item(const struct site *from, int i)
{
	return (void *)~from->inverted[i];
}

static void give_back(void)
{
	unsigned int s;
	int i;

	for (s = 0; s < ARRAY_SIZE(sites); s++) {
		for (i = 0; i < sites[s].count; i++) {
			if (sites[s].inverted[i])
				sites[s].give_back(item(&sites[s], i));
		}
	}
	free_percpu(kept_percpu);
	kmem_cache_destroy(cache);
}

/* What an earlier owner left in them could point at each other. */
static int take_all(void)
{
	unsigned int s;
	void *taken;
	int i;

	for (s = 0; s < ARRAY_SIZE(sites); s++) {
		for (i = 0; i < sites[s].count; i++) {
			taken = sites[s].take();
			if (!taken)
				return -ENOMEM;
			memset(taken, 0x5a, sites[s].bytes);
			sites[s].inverted[i] = ~(unsigned long)taken;
		}
	}
	return 0;
}

static void close_ring(void)
{
	const struct site *ring = site("ring");
	int i;

	for (i = 0; i < MANY; i++)
		((struct ringed *)item(ring, i))->next = item(ring, (i + 1) % MANY);
}

static void keep(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		list_add_tail(&((struct listed *)item(site("on_list"), i))->list, &kept_list);
		uf_kept_objects[i] = item(site("in_array"), i);
		uf_kept_pages[i] = virt_to_page(item(site("pages_in_array"), i));
	}
	for (i = 0; i < FEW; i++) {
		uf_kept_areas[i] = item(site("areas_in_array"), i);
		uf_kept_large[i] = item(site("large_in_array"), i);
		per_cpu_ptr(kept_percpu, 0)->items[i] = item(site("in_percpu"), i);
	}
}

static int show(struct seq_file *file, void *unused)
{
	unsigned int s;
	int i;

	for (s = 0; s < ARRAY_SIZE(sites); s++) {
		for (i = 0; i < sites[s].count; i++)
			seq_printf(file, "%s %s %lx %ld %d\n", sites[s].name, sites[s].lost ? "lost" : "kept",
				   ~sites[s].inverted[i], sites[s].bytes, sites[s].order);
	}
	return 0;
}

static int __init load(void)
{
	/* a region for user copies: such a cache is never merged with another */
	cache = kmem_cache_create_usercopy("uf_lost", OWN_BYTES, 8, 0, 0, 8, NULL);
	kept_percpu = alloc_percpu(struct percpu_kept);
	if (!cache || !kept_percpu || take_all() || !proc_create_single("uf_orphans", 0400, NULL, show)) {
		give_back();
		return -ENOMEM;
	}
	close_ring();
	keep();
	return 0;
}

static void __exit unload(void)
{
	remove_proc_entry("uf_orphans", NULL);
	give_back();
}

module_init(load);
module_exit(unload);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("loses and keeps memory with a known truth, for the tests of unfreed");
