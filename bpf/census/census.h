/* SPDX-License-Identifier: MIT */
/* The census: what each page of the machine is. */
#ifndef CENSUS_H
#define CENSUS_H

#include "memory.h"

/* ---- page-marks.c: how this kernel marks its pages ---- */

/* X(identifier, name), from the decision list in pages.c. */
#define CENSUS_CLASSES(X) \
	X(NONE, "") /* not looked at */ \
	X(FREE, "free") \
	X(PERCPU_FREE, "percpu-free") \
	X(SLAB, "slab") \
	X(LARGE_KMALLOC, "large-kmalloc") \
	X(PAGETABLE, "pagetable") \
	X(KERNEL_PAGETABLE, "kernel-pagetable") \
	X(OFFLINE, "offline") \
	X(GUARD, "guard") \
	X(HUGETLB, "hugetlb") \
	X(ZSMALLOC, "zsmalloc") \
	X(UNACCEPTED, "unaccepted") \
	X(HWPOISON, "hwpoison") \
	X(RESERVED, "reserved") \
	X(MEMMAP, "memmap") \
	X(KERNEL_IMAGE, "kernel-image") \
	X(DEVICE, "device") \
	X(ANON, "anon") \
	X(ANON_HELD, "anon-held") /* no process maps it, and it is not in swap: something else holds it */ \
	X(MOVABLE, "movable") \
	X(PAGE_POOL, "page-pool") \
	X(SHMEM, "shmem") \
	X(FILE, "file") \
	X(LRU_NO_MAPPING, "lru-no-mapping") \
	X(VMALLOC, "vmalloc") \
	X(VMAP, "vmap") \
	X(STACK, "stack") \
	X(PERCPU, "percpu") \
	X(MODULE, "module") \
	X(UNACCOUNTED, "unaccounted") \
	X(TAIL_UNKNOWN, "tail-unknown") /* no reference, on no list */ \
	X(HOLE, "hole") /* its struct page cannot be read */

#define AS_CLASS(id, name) CLASS_##id,
enum page_class { CENSUS_CLASSES(AS_CLASS) NR_CLASSES };

extern const char *const class_names[NR_CLASSES];

struct page_marks {
	uint64_t head, slab, reserved, hwpoison, lru, swapbacked, swapcache; /* of page.flags; 0: this kernel has none */
	uint64_t hugetlb_flag;   /* of the second page's flags */
	int hugetlb_dtor;        /* -1: not marked so */
	enum page_class by_byte[256]; /* of the top byte of page_type; up to 6.11 by bits that are 0 */
	uint32_t base, bits[8];
	enum page_class by_bit[8];
	int nr_bits;
	uint32_t free_mask, free_value; /* page_type & free_mask == free_value: of a free block */
	bool any_poison;         /* the machine has pages that are poisoned */
};

extern struct page_marks marks;

/* False if this kernel's marks are not known; missing.c has why. */
bool marks_find(void);

/* Of page_type; CLASS_NONE: it has none. */
static inline enum page_class class_of_type(uint32_t type)
{
	if (!marks.nr_bits)
		return marks.by_byte[type >> 24];
	if (type == UINT32_MAX || (type & marks.base) != marks.base)
		return CLASS_NONE;
	for (int i = 0; i < marks.nr_bits; i++) {
		if (!(type & marks.bits[i]))
			return marks.by_bit[i];
	}
	return CLASS_NONE;
}

/* ---- classes.c: the class of each page ---- */

/* What the walk knows ahead are whole blocks of so many pages. */
#define CLASS_BLOCK 512u
#define CLASS_BLOCK_ORDER 9

/* What is walked of a zone: of two that overlap, the second lacks what both have. */
struct walk_span {
	uint64_t first, end;
	int node;
	bool device;
};

extern struct walk_span walk_spans[MAX_ZONES];
extern int nr_walk_spans;
/* By pfn, up to machine.end_pfn: enum page_class. The pages of a block all have its class. */
extern uint8_t *class_of_pfn;

void classes_open(void);
/* Of pages that have none; a block that reaches past its zone, or into pages that have one, is cut there. */
void class_set(uint64_t pfn, uint64_t nr, enum page_class class);
/* Of pages that have one. */
void reclass(uint64_t pfn, uint64_t nr, enum page_class class);
uint64_t pages_of_class(enum page_class class);
uint64_t pages_of_class_on(enum page_class class, int node);
/*
 * A page without a reference: perhaps on a list, which the page that comes next on it must confirm, or the one
 * before. lists_look() asks them; no reader may be in use.
 */
void list_note(uint64_t pfn, const uint8_t *page);
bool lists_are_full(void); /* lists_look() is due */
void lists_look(void);

/* ---- decide.c: what one page is ---- */

/* Of a struct page; larger ones are not known. */
#define MAX_PAGE_BYTES 128
/* Orders above this are no orders: 1 GiB pages have 18. */
#define MAX_ORDER 20

static inline uint64_t page_word(const uint8_t *page, enum field_id id)
{
	uint64_t word;

	__builtin_memcpy(&word, page + fields[id].offset, 8);
	return word;
}

static inline uint32_t page_half(const uint8_t *page, enum field_id id)
{
	uint32_t half;

	__builtin_memcpy(&half, page + fields[id].offset, 4);
	return half;
}

static inline bool page_is_tail(const uint8_t *page)
{
	return page_word(page, F_PAGE_COMPOUND) & 1;
}

/* Each page of a block has this mark of its own. */
static inline bool page_is_poisoned(const uint8_t *page)
{
	return page_word(page, F_PAGE_FLAGS) & marks.hwpoison;
}

/* The head of a tail's block; UINT64_MAX: it has none. */
uint64_t head_of_tail(uint64_t pfn, const uint8_t *tail);
/*
 * `page`: a copy of `left` struct pages from `pfn` on, at least one; *nr: how many pages have this class.
 * Of a tail its head is read.
 */
enum page_class page_decide(uint64_t pfn, const uint8_t *page, uint64_t left, uint64_t *nr);
/*
 * Of a page that speaks for itself alone, with its copy and those behind it: how many in a row, itself among them, are of
 * its class and have the same word `memcg`, by what page_decide() looks at. The others it may not know yet.
 */
uint64_t pages_alike(const uint8_t *page, uint64_t left, enum field_id memcg);
/* Where a head's order is: bytes from its struct page. */
uint32_t order_place(void);
/* The class that a page has now, by its struct page; to be asked before its content is read. */
enum page_class class_now(uint64_t pfn);

/* ---- blocks.c: 512 pages at a time ---- */

/* `pages`: struct pages of the block at `pfn`; of 1 << step_order pages each, bit by bit, whether they were copied. */
typedef void block_saw(uint64_t pfn, const uint8_t *pages, uint32_t copied);

void blocks_open(void);
/* Finds large free blocks, holes, and what is not set up, from `pfn` on; returns up to where. */
uint64_t blocks_look_ahead(uint64_t pfn, uint64_t end);
/* All its pages have a class. */
bool block_is_known(uint64_t pfn);
/* Not up to 6.1, nor with short calls. */
bool blocks_can_be_copied(void);
/* Copies those that are not known, from `pfn` up to `end`; what fails goes to `reader`. Returns where to go on. */
uint64_t blocks_copy(uint64_t pfn, uint64_t end, block_saw *saw, const struct reader *reader);

/* ---- pages.c: what each page is ---- */

/* False if it cannot be done here; missing.c has why. */
bool pages_open(void);
/* Looks at pages from `pfn` on, about `most` of them; returns where to go on, UINT64_MAX: that was all. */
uint64_t pages_walk(uint64_t pfn, uint64_t most);

/* ---- safe.c: what may be read of a page's content ---- */

/* Pages whose struct pages are looked at together before their content is read: 4 MiB. */
#define PAGES_TOGETHER 1024u

/* By the class that the walk found. */
bool page_may_be_read(uint64_t pfn);
/* Of a page that an area maps, by its struct page as it is now: not poisoned, and no type forbids it. */
bool area_page_may_be_read(const uint8_t *page);
/*
 * These read what lies in pages whose content may be read, which their struct pages, and those of their
 * blocks' heads, must confirm right before. safe_add() and safe_run() are reader_add() and reader_run() for
 * addresses of the linear map, at most 64 KiB each; for what may not be read, `done` is not called.
 */
bool safe_read(uint64_t address, void *to, size_t bytes);
uint64_t safe_field(uint64_t object, enum field_id id);
void safe_string(uint64_t address, char *to, size_t size);
void safe_add(const struct reader *reader, uint64_t address, uint32_t bytes, uint64_t tag);
void safe_run(const struct reader *reader);

/* ---- mapped.c: what lies outside the linear map, by the page tables ---- */

/*
 * Reads what is mapped from `start` up to `end`, in pieces, without the pages that may not be read or are not
 * there; their struct pages are looked at right before. Offsets are from `start` on. Not from a piece_done.
 */
void mapped_read(const struct reader *reader, uint64_t start, uint64_t end, uint64_t tag);

/* ---- slabs.c ---- */

struct slab_seen {
	uint64_t pfn;
	uint64_t exts;     /* the word that leads to its objects' owners */
	uint32_t stride;   /* bytes from one owner to the next, 0: sizeof(struct slabobj_ext) */
	uint16_t cache;    /* in caches */
	uint16_t objects;
	uint8_t order;
};

struct cache_seen {
	uint64_t address;
	char name[64];
	uint32_t size, object_size, offset, left_pad;
	uint64_t objects, slabs, pages;
};

extern struct slab_seen *slabs;
extern size_t nr_slabs;
extern struct cache_seen *caches;  /* [0]: slabs whose cache is not known */
extern size_t nr_caches;

/* Called by pages.c: `page` is the struct page of the first of `nr` pages. */
void slab_saw(uint64_t pfn, uint64_t nr, const uint8_t *page);
/* Reads names and sizes of the caches. */
void caches_name(void);

/* ---- tables.c: the kernel's page tables ---- */

/* `nr` pages from `pfn` on are mapped at an address outside the linear map; a pfn may be none of a zone. */
typedef void mapped_pages(uint64_t address, uint64_t pfn, uint64_t nr);

/* Marks tables that are not marked, and reports all that they map. */
void tables_walk(mapped_pages *found);

/* ---- areas.c: kernel address space with pages of its own ---- */

/* X(identifier, name) */
#define AREA_KINDS(X) \
	X(VMALLOC, "vmalloc") \
	X(VMAP, "vmap") \
	X(STACK, "stack") \
	X(PERCPU, "percpu") \
	X(MODULE, "module") \
	X(IOREMAP, "ioremap") /* never read: it may be a device */

#define AS_KIND(id, name) AREA_##id,
enum area_kind { AREA_KINDS(AS_KIND) NR_AREA_KINDS };

struct area {
	uint64_t start, end; /* with its guard page, if it has one */
	uint64_t vm;         /* its vm_struct */
	uint64_t link;       /* its place in the kernel's list of areas */
	uint64_t neighbours[2]; /* the next in that list, and the one before */
	uint64_t caller;     /* a return address */
	uint64_t flags, nr_pages; /* of the vm_struct */
	uint64_t pages;      /* that page tables map there */
	enum area_kind kind;
	bool real;
};

/* After the walk, and once kallsyms is loaded. Gives pages that nothing explained the class of their area. */
void areas_find(void);
/* The function that asked for it; false: it has no name. */
bool area_caller(const struct area *area, struct name *name);
const struct area *area_at(size_t index); /* by address; NULL past the last */

/* ---- charges.c: what is charged, by the words that say to whom ---- */

struct charge {
	uint64_t word;  /* the address of a memory cgroup, or of an obj_cgroup */
	uint32_t what;  /* class; of CLASS_SLAB its cache << 8 */
	bool kernel;    /* as the kernel's own memory */
	uint64_t count; /* pages; of CLASS_SLAB objects */
};

/* Called by the walk: `word` is page.memcg_data. */
void charge_saw(uint64_t pfn, uint64_t nr, enum page_class class, uint64_t word, uint32_t page_type);
/* After the walk, and after the areas, which give pages their last class: adds the objects of slabs. */
void charges_finish(void);
const struct charge *charge_at(size_t index); /* by word; NULL past the last */

/* ---- owners.c: cgroups ---- */

void owners_find(void);

struct owner {
	uint64_t group;
	bool kernel;    /* the rest as in struct charge */
	uint32_t what;
	uint64_t count;
};

struct group_name {
	const char *path;
	uint64_t id;
	bool dying;
};

const struct owner *owner_at(size_t index); /* NULL past the last */
struct group_name owner_group(const struct owner *owner);

/* ---- checks.c: beside the kernel's own counts ---- */

struct check {
	const char *what, *unit;
	uint64_t ours, theirs;
	double within; /* percent */
	bool ok;
};

void checks_open(void);   /* needs CAP_SYSLOG */
void checks_before(void); /* the walk */
void checks_after(void);
const struct check *check_at(size_t index); /* NULL past the last */

/* ---- report.c ---- */

#define MAX_STEPS 16

struct census_more;

struct census_times {
	uint64_t began; /* monotonic_ns() */
	struct step_time {
		const char *step;
		uint64_t ns, cpu_ns;
	} steps[MAX_STEPS];
	size_t nr;
};

/* False, with errno set, if it could not be written. */
bool report_put(FILE *to, const struct census_times *times, const struct census_more *more);

/* ---- census.c ---- */

/* The stages of a layer above. */
struct census_more {
	void (*begin)(void);    /* once memory can be read, and before it is */
	void (*run)(void);      /* after stage 1 */
	void (*put)(FILE *out); /* their members of the result, each with a comma before it */
};

/* Pages, caches and areas, as they are now: once in a process. False if it cannot be done; missing.c has why. */
bool census_look(void);
/* The step that ran until now took so long. */
void census_took(const char *step);
/* Writes the result to stdout, with --repeat several, one a line; returns the exit status. `more` may be NULL. */
int census_run(const struct census_more *more);

#endif
