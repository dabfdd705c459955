/* SPDX-License-Identifier: MIT */
/* The census: what each page of the machine is, by reading the kernel's own memory. */
#ifndef CENSUS_H
#define CENSUS_H

#include "attach.h"
#include "copy.h"

/* ---- copy.c: reading kernel memory ---- */

struct copy_stats {
	uint64_t calls, bytes, longest_call_ns;
};

extern struct copy_stats copy_stats;

/* Loads the copying program. Dies with a sentence if the kernel refuses. */
void copy_open(void);
/* False if a byte of it cannot be read; then `to` has zeros. May be called from a piece_done. */
bool kernel_read(uint64_t address, void *to, size_t bytes);
/* 0 if it cannot be read. */
uint64_t kernel_word(uint64_t address);
/* A string of the kernel as it is, cut at size - 1 bytes; "" if it cannot be read. */
void kernel_string(uint64_t address, char *to, size_t size);

/*
 * Called for each request of a reader, in their order. `piece` lies in the program's buffer, aligned to 8
 * bytes, until the call returns; NULL: it cannot be read. `offset`: where the piece lies in what was asked for.
 */
typedef void piece_done(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes);

/*
 * Many reads in few calls of the program. One reader at a time: run it before another is used. A piece_done
 * may read by itself (kernel_read), but must not add to a reader.
 * `split`: what is longer than a call comes in pieces, and so does what cannot be read whole (4 KiB each).
 * Without it a request must not be longer than 64 KiB, and comes whole or not at all.
 */
struct reader {
	piece_done *done;
	void *context;
	bool split;
};

void reader_add(const struct reader *reader, uint64_t address, uint64_t bytes, uint64_t tag);
void reader_run(const struct reader *reader);
/* Runs `look_around` on a CPU, -1 = this one. False if that CPU is not online. */
bool copy_look_around(int cpu, struct copy_self *self);

/* ---- fields.c: where the kernel keeps what, by name, from its BTF ---- */

/* X(identifier, struct, member): the member may be a path, "css.flags"; of names with | between, the first that there is. */
#define CENSUS_FIELDS(X) \
	X(TASK_FILES, "task_struct", "files") \
	X(TASK_MM, "task_struct", "mm") \
	X(FILES_FDT, "files_struct", "fdt") \
	X(FDT_FD, "fdtable", "fd") \
	X(FILE_PRIVATE, "file", "private_data") \
	X(PIPE_BUFS, "pipe_inode_info", "bufs") \
	X(PIPE_BUFFER_PAGE, "pipe_buffer", "page") \
	X(MM_PGD, "mm_struct", "pgd") \
	X(ARRAY_PPTRS, "bpf_array", "pptrs") \
	X(PAGE_FLAGS, "page", "flags") \
	X(PAGE_COMPOUND, "page", "compound_head|compound_info") \
	X(PAGE_TYPE, "page", "page_type") \
	X(PAGE_MAPCOUNT, "page", "_mapcount") \
	X(PAGE_REFCOUNT, "page", "_refcount") \
	X(PAGE_LRU, "page", "lru") \
	X(PAGE_MAPPING, "page", "mapping") \
	X(PAGE_PRIVATE, "page", "private") \
	X(PAGE_PP_MAGIC, "page", "pp_magic") \
	X(PAGE_MEMCG, "page", "memcg_data") \
	X(PAGE_MEM_CGROUP, "page", "mem_cgroup") \
	X(PAGE_COMPOUND_ORDER, "page", "compound_order") \
	X(PAGE_COMPOUND_DTOR, "page", "compound_dtor") \
	X(PAGE_COMPOUND_MAPCOUNT, "page", "compound_mapcount") \
	X(FOLIO_ORDER, "folio", "_folio_order") \
	X(FOLIO_DTOR, "folio", "_folio_dtor") \
	X(FOLIO_FLAGS_1, "folio", "_flags_1") \
	X(FOLIO_LARGE_MAPCOUNT, "folio", "_large_mapcount") \
	X(FOLIO_ENTIRE_MAPCOUNT, "folio", "_entire_mapcount") \
	X(FOLIO_NR_MAPPED, "folio", "_nr_pages_mapped") \
	X(SLAB_CACHE, "slab|page", "slab_cache") \
	X(SLAB_FREELIST, "slab|page", "freelist") \
	X(SLAB_OBJECTS, "slab|page", "objects") \
	X(SLAB_INUSE, "slab|page", "inuse") \
	X(SLAB_OBJ_EXTS, "slab|page", "obj_exts|memcg_data|obj_cgroups") \
	X(SLAB_STRIDE, "slab", "stride") \
	X(SLAB_EXTS_IN_OBJECT, "slab", "obj_exts_in_object") \
	X(CACHE_NAME, "kmem_cache", "name") \
	X(CACHE_SIZE, "kmem_cache", "size") \
	X(CACHE_OBJECT_SIZE, "kmem_cache", "object_size") \
	X(CACHE_OFFSET, "kmem_cache", "offset") \
	X(CACHE_LEFT_PAD, "kmem_cache", "red_left_pad") \
	X(OBJ_EXT_OBJCG, "slabobj_ext", "objcg") \
	X(OBJCG_MEMCG, "obj_cgroup", "memcg") \
	X(MEMCG_CGROUP, "mem_cgroup", "css.cgroup") \
	X(MEMCG_FLAGS, "mem_cgroup", "css.flags") \
	X(MEMCG_SS, "mem_cgroup", "css.ss") \
	X(TASK_CGROUPS, "task_struct", "cgroups") \
	X(CSS_SET_SUBSYS, "css_set", "subsys") \
	X(CGROUP_KN, "cgroup", "kn") \
	X(KN_NAME, "kernfs_node", "name") \
	X(KN_ID, "kernfs_node", "id") \
	X(KN_PARENT, "kernfs_node", "__parent|parent") \
	X(AREA_START, "vmap_area", "va_start") \
	X(AREA_END, "vmap_area", "va_end") \
	X(AREA_VM, "vmap_area", "vm") \
	X(VM_ADDR, "vm_struct", "addr") \
	X(VM_SIZE, "vm_struct", "size") \
	X(VM_FLAGS, "vm_struct", "flags") \
	X(VM_NR_PAGES, "vm_struct", "nr_pages") \
	X(VM_PAGES, "vm_struct", "pages") \
	X(VM_CALLER, "vm_struct", "caller")

/* Values of enums; an enum may have no name. */
#define CENSUS_VALUES(X) \
	X(PG_head) X(PG_slab) X(PG_reserved) X(PG_hwpoison) X(PG_lru) X(PG_swapbacked) X(PG_swapcache) X(PG_hugetlb) \
	X(PGTY_buddy) X(PGTY_offline) X(PGTY_table) X(PGTY_guard) X(PGTY_hugetlb) X(PGTY_slab) X(PGTY_zsmalloc) \
	X(PGTY_unaccepted) X(PGTY_large_kmalloc) \
	X(PG_buddy) X(PG_offline) X(PG_table) X(PG_guard) X(PG_zsmalloc) X(PG_unaccepted) X(PG_large_kmalloc) \
	X(HUGETLB_PAGE_DTOR) X(CSS_DYING) X(memory_cgrp_id)

#define AS_FIELD(id, ...) F_##id,
#define AS_VALUE(id) V_##id,
enum field_id { CENSUS_FIELDS(AS_FIELD) NR_FIELDS };
enum value_id { CENSUS_VALUES(AS_VALUE) NR_VALUES };

struct field {
	int32_t offset;       /* bytes, -1: this kernel does not have it */
	uint32_t bytes;       /* of the member, of an array one element; of a bit field, those to read */
	uint8_t shift, bits;  /* bits: 0 = no bit field */
};

extern struct field fields[NR_FIELDS];
extern int64_t values[NR_VALUES]; /* -1: this kernel does not have it */

/* Reads the BTF at `path`, NULL = the kernel's. NULL, or why it cannot be read. */
const char *fields_open(const char *path);
/* Of a struct, 0 = not known: "page", "pipe_buffer", "vmap_area", "slabobj_ext", "folio". */
uint32_t struct_bytes(const char *name);
/* True if all are there, up to NR_FIELDS; else the stage is missing, and why_missing() has each. */
bool fields_there(const char *stage, const enum field_id *wanted);

static inline bool has_field(enum field_id id)
{
	return fields[id].offset >= 0;
}

/* A member of at most 8 bytes, of an object's copy. */
static inline uint64_t field_of(const uint8_t *object, enum field_id id)
{
	const struct field *field = &fields[id];
	uint64_t value = 0;

	__builtin_memcpy(&value, object + field->offset, field->bytes < 8 ? field->bytes : 8);
	return field->bits ? value >> field->shift & ((1ull << field->bits) - 1) : value;
}

/* The same, of an object in the kernel; 0 if it cannot be read. */
uint64_t kernel_field(uint64_t object, enum field_id id);

/* ---- missing.c: stages that cannot run here ---- */

void missing_add(const char *stage, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct missing {
	const char *stage;
	char *what;
};

const struct missing *missing_at(size_t index); /* NULL past the last */

/* ---- machine.c: what /proc says of it ---- */

struct zone {
	int node;
	char name[16];
	uint64_t first, spanned, present, managed; /* pages */
};

struct span {
	uint64_t first, end; /* pfns */
};

#define MAX_SPANS 256

struct machine {
	struct zone zones[MAX_ZONES];
	int nr_zones;
	struct span ram[MAX_SPANS];    /* "System RAM" */
	int nr_ram;
	struct span image[16];         /* the kernel's code and data */
	int nr_image;
	uint64_t end_pfn;              /* past the last zone */
};

extern struct machine machine;

void machine_read(const char *zoneinfo, const char *iomem);
bool in_ram(uint64_t pfn);
/* Of all zones, now. */
uint64_t free_pages(const char *zoneinfo);
/* A line of /proc/meminfo, bytes; 0: there is none. */
uint64_t meminfo_bytes(const char *name);

/* ---- bases.c: where the kernel keeps its memory ---- */

#define MAX_OWN 8

struct bases {
	uint64_t vmemmap;          /* struct page 0 */
	uint64_t page_bytes;       /* sizeof(struct page) */
	uint64_t linear;           /* physical address 0 */
	uint64_t task;             /* task_struct of this process */
	uint64_t pgd;              /* of this process: its upper half is the kernel's */
	int levels;                /* of page tables, 4 or 5 */
	uint64_t frame_mask;       /* the bits of an entry that are a physical address */
	uint64_t *percpu;          /* by CPU; 0: that CPU is offline */
	int nr_cpus;
	uint64_t table_pfn;        /* a page table of this process */
	uint64_t own_pfns[16];     /* anonymous pages that this process keeps */
	int nr_own_pfns;
	struct { uint64_t address, bytes; } own[MAX_OWN]; /* maps of the copying program: full of kernel pointers */
	int nr_own;
};

extern struct bases bases;

/* Dies with a sentence if they cannot be found. */
void bases_find(void);

static inline uint64_t page_of_pfn(uint64_t pfn)
{
	return bases.vmemmap + pfn * bases.page_bytes;
}

static inline uint64_t linear_of_pfn(uint64_t pfn)
{
	return bases.linear + (pfn << 12);
}

/* True of the upper half of the address space. */
static inline bool is_kernel_address(uint64_t address)
{
	return address >> 56 == 0xff;
}

/* Of a linear address, or of a struct page; UINT64_MAX: it is none of a zone. */
uint64_t pfn_of_linear(uint64_t address);
uint64_t pfn_of_page(uint64_t page);

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

/*
 * `page`: a copy of `left` struct pages from `pfn` on, at least one; *nr: how many pages have this class.
 * Of a tail its head is read.
 */
enum page_class page_decide(uint64_t pfn, const uint8_t *page, uint64_t left, uint64_t *nr);
/* The class that a page has now, by its struct page; to be asked before its content is read. */
enum page_class class_now(uint64_t pfn);

/* ---- pages.c: what each page is ---- */

/* False if it cannot be done here; missing.c has why. */
bool pages_open(void);
/* Looks at pages from `pfn` on, about `most` of them; returns where to go on, UINT64_MAX: that was all. */
uint64_t pages_walk(uint64_t pfn, uint64_t most);

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

/* ---- owners.c: cgroups ---- */

/* Called by pages.c: `word` is page.memcg_data. */
void owner_saw(uint64_t pfn, uint64_t nr, enum page_class class, uint64_t word, uint32_t page_type);
/* After the walk, and after the areas, which give pages their last class. */
void owners_find(void);

struct owner {
	uint64_t group;
	bool kernel;    /* charged as the kernel's own memory */
	uint32_t what;  /* class; of CLASS_SLAB its cache << 8 */
	uint64_t count; /* pages; of CLASS_SLAB objects */
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

void checks_before(void); /* the walk; needs CAP_SYSLOG */
void checks_after(void);
const struct check *check_at(size_t index); /* NULL past the last */

/* ---- report.c ---- */

#define MAX_STEPS 16

struct census_times {
	uint64_t began; /* monotonic_ns() */
	struct step_time {
		const char *step;
		uint64_t ns;
	} steps[MAX_STEPS];
	size_t nr;
};

/* False, with errno set, if it could not be written. */
bool report_put(FILE *to, const struct census_times *times);

/* ---- census.c ---- */

/* Writes the result to stdout; returns the exit status. */
int census_run(void);

#endif
