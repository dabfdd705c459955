/* SPDX-License-Identifier: MIT */
/* Reading the kernel's own memory, and where in it what lies. */
#ifndef MEMORY_H
#define MEMORY_H

#include "attach.h"
#include "copy.h"
#include "kernel.h"

/* ---- copy.c: reading kernel memory ---- */

struct copy_stats {
	uint64_t calls, bytes, longest_call_ns;
};

extern struct copy_stats copy_stats;

/* The program's maps: requests, and where it copies what they name. */
extern struct copy_requests *copy_requests;
extern const uint8_t *copy_buffer;

/* Loads the copying program. Dies with a sentence if the kernel refuses. */
void copy_open(void);
/* Runs requests `first` up to `first + count`, then rests if it is time. */
void copy_call(uint32_t first, uint32_t count);
/* Not on kernels without bpf_snprintf() (5.13) and bpf_loop(). */
bool copy_can_name(void);
/* "function+0x5a/0x90 [module]", or something else; until the next read. */
const char *copy_name(uint64_t address);
/* How many blocks one call may copy; 0: none, they are read as everything else. */
uint32_t copy_blocks_most(void);
/* Copies those of copy_requests->block, by its rule, and rests. */
void copy_blocks(void);
/* Runs `look_around` on a CPU, -1 = this one. False if that CPU is not online. */
bool copy_look_around(int cpu, struct copy_self *self);

/* ---- rest.c: pauses, as --budget wants ---- */

/* CPU time of this process; with that of children that it waited for. */
uint64_t process_cpu_ns(void);
uint64_t all_cpu_ns(void);
/* Rests if it is time: after each call of the program, and in loops that compute. */
void rest(void);
/* In between there is no pause: a look at struct pages, and the read of content that it is for. They nest. */
void together_begin(void);
void together_end(void);

/* In each round of a loop that computes, whose rounds are short: the time is not asked for in each. */
static inline void rest_sometimes(void)
{
	static uint32_t round;

	if (!(++round % 4096))
		rest();
}

/* ---- read.c ---- */

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

struct btf;

/* ---- fields.c: where the kernel keeps what, by name, from its BTF ---- */

/* X(identifier, struct, member): the member may be a path, "css.flags"; of names with | between, the first that there is. */
#define CENSUS_FIELDS(X) \
	X(TASK_FILES, "task_struct", "files") \
	X(TASK_PID, "task_struct", "pid") \
	X(TASK_TGID, "task_struct", "tgid") \
	X(TASK_COMM, "task_struct", "comm") \
	X(TASK_MM, "task_struct", "mm") \
	X(FILES_FDT, "files_struct", "fdt") \
	X(FDT_FD, "fdtable", "fd") \
	X(FDT_MAX_FDS, "fdtable", "max_fds") \
	X(SOCKET_SK, "socket", "sk") \
	X(SKB_NEXT, "sk_buff", "next") \
	X(FCLONES_SECOND, "sk_buff_fclones", "skb2") \
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
	X(SLAB_FROZEN, "slab|page", "frozen") \
	X(SLAB_OBJ_EXTS, "slab|page", "obj_exts|memcg_data|obj_cgroups") \
	X(SLAB_STRIDE, "slab", "stride") \
	X(SLAB_EXTS_IN_OBJECT, "slab", "obj_exts_in_object") \
	X(CACHE_NAME, "kmem_cache", "name") \
	X(CACHE_SIZE, "kmem_cache", "size") \
	X(CACHE_OBJECT_SIZE, "kmem_cache", "object_size") \
	X(CACHE_OFFSET, "kmem_cache", "offset") \
	X(CACHE_LEFT_PAD, "kmem_cache", "red_left_pad") \
	X(CACHE_RANDOM, "kmem_cache", "random") \
	X(CACHE_REFCOUNT, "kmem_cache", "refcount") \
	X(CACHE_CPU_SLAB, "kmem_cache", "cpu_slab") \
	X(CACHE_CPU_SHEAVES, "kmem_cache", "cpu_sheaves") \
	X(CACHE_NODES, "kmem_cache", "per_node|node") \
	X(CPU_FREELIST, "kmem_cache_cpu", "freelist") \
	X(CPU_SLAB, "kmem_cache_cpu", "slab|page") \
	X(SHEAVES_MAIN, "slub_percpu_sheaves", "main") \
	X(SHEAVES_SPARE, "slub_percpu_sheaves", "spare") \
	X(SHEAVES_RCU_FREE, "slub_percpu_sheaves", "rcu_free") \
	X(SHEAF_SIZE, "slab_sheaf", "size") \
	X(SHEAF_OBJECTS, "slab_sheaf", "objects") \
	X(NODE_BARN, "kmem_cache_node", "barn") \
	X(PER_NODE_BARN, "kmem_cache_per_node_ptrs", "barn") \
	X(BARN_FULL, "node_barn", "sheaves_full") \
	X(BARN_EMPTY, "node_barn", "sheaves_empty") \
	X(TASK_STACK, "task_struct", "stack") \
	X(TASK_SP, "task_struct", "thread.sp") \
	X(TASK_ON_CPU, "task_struct", "on_cpu") \
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
	X(AREA_LIST, "vmap_area", "list") \
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
/* The types themselves, once they are read. */
const struct btf *fields_btf(void);
/* Of a struct, 0 = not known: "page", "pipe_buffer", "vmap_area", "slabobj_ext", "folio", "sk_buff", "sk_buff_fclones". */
uint32_t struct_bytes(const char *name);
/* True if all are there, up to NR_FIELDS; else the stage is missing, and why_missing() has each. */
bool fields_there(const char *stage, const enum field_id *wanted);

static inline bool has_field(enum field_id id)
{
	return fields[id].offset >= 0;
}

/* A member of at most 8 bytes, from the bytes where it lies. */
static inline uint64_t field_at(const uint8_t *bytes, const struct field *field)
{
	uint64_t value = 0;

	__builtin_memcpy(&value, bytes, field->bytes < 8 ? field->bytes : 8);
	return field->bits ? value >> field->shift & ((1ull << field->bits) - 1) : value;
}

/* The same, of an object's copy. */
static inline uint64_t field_of(const uint8_t *object, enum field_id id)
{
	return field_at(object + fields[id].offset, &fields[id]);
}

/* The same, of an object in the kernel; 0 if it cannot be read. */
uint64_t kernel_field(uint64_t object, enum field_id id);

/* ---- names.c: the functions that addresses are in ---- */

/*
 * `all`: reads /proc/kallsyms, for whoever looks for functions in all that is read. Else the kernel is asked for each name that is
 * wanted, if it can: to read them all takes 40 ms of CPU time. Needs CAP_SYSLOG; without, there are no names.
 */
void names_open(bool all);
/* The function that has the byte at an address; false: it has no name. The name stays. */
bool name_of_code(uint64_t address, struct name *name);

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

/* Of an entry of a page table: it maps something; and that is memory itself, above the last level. */
#define TABLE_PRESENT 1u
#define TABLE_LEAF (1u << 7)

/* The last entry on the way to an address, 0 if a table may not be read; its table, and what each entry there is for: 1 << shift bytes. */
struct walked {
	uint64_t table, entry;
	int shift;
};

/* By this process's page tables. `may_read` is asked of each table but the first; NULL: all may be. */
struct walked walk_tables(uint64_t address, bool (*may_read)(uint64_t pfn));
/* UINT64_MAX: nothing is mapped there. */
uint64_t walked_pfn(const struct walked *at, uint64_t address);

#endif
