/* SPDX-License-Identifier: MIT */
/* What this kernel is: its symbols, its tracepoints and functions, its unwind table, its limits. */
#ifndef KERNEL_H
#define KERNEL_H

#include "base.h"

/* ---- kallsyms.c: the kernel's symbols ---- */

struct name {
	const char *symbol;
	const char *module; /* "": core kernel */
	uint64_t address;   /* where the symbol starts */
};

#define KALLSYMS "/proc/kallsyms"

void kallsyms_load(const char *path);
/* The same, with the symbols of data. */
void kallsyms_load_all(const char *path);
/* False when the address has no name. */
bool kallsyms_name(uint64_t return_address, struct name *name);
/* The function that starts there. */
bool kallsyms_function(uint64_t address, struct name *name);
/* Where the kernel's code begins; 0: addresses are hidden. */
uint64_t kallsyms_first(void);
/* The variable at an address, and where the next begins, UINT64_MAX: nowhere; needs kallsyms_load_all(). */
bool kallsyms_data(uint64_t address, struct name *name, uint64_t *end);
/* Looks up symbols of any kind, data too, up to NULL; 0 for one that is not there. */
void kallsyms_addresses(const char *path, const char *const *wanted, uint64_t *addresses);

/* ---- machinery.c: the tracing itself ---- */

/* True if the address is in a function whose name begins with `prefix`. */
bool kallsyms_is(uint64_t return_address, const char *prefix);
/* True if the address is in the code that calls tracing programs. */
bool kallsyms_is_machinery(uint64_t return_address);
/* The number of leading frames that belong to the tracing itself. */
uint32_t kallsyms_machinery(const __u64 *frames, uint32_t depth);

/* ---- layouts.c: which variant of a program fits this kernel ---- */

struct btf;

const char *layouts_open(void); /* NULL, or why there is no BTF */
/* Takes these types for the kernel's. */
void layouts_use(struct btf *types);
/* The program's name, or NULL and *why set. */
const char *btf_program_for(const char *tracepoint, const char **why);
const char *tp_program_for(const char *tracepoint, const char **why);
size_t layouts_page_struct_bytes(void);
int btf_function_id(const char *name); /* < 0: there is none */
bool btf_has_tracepoint(const char *name);
/* The name of the type of a tracepoint's argument, from 0; "*" for a pointer, NULL: there is no such argument. */
const char *btf_tracepoint_argument(const char *tracepoint, int index);
/* Its result and its arguments, one letter each (layouts.c); false if there is no such function. */
bool btf_prototype(const char *name, char *letters, size_t size);

/* ---- vmemmap.c: where struct page 0 lies, without a measurement ---- */

#define MAX_ZONES 64

/* Page frame numbers from `first` up to `end`. */
struct zone_span {
	uint64_t first, end;
};

struct vmemmap_evidence {
	const uint64_t *pages; /* struct pages that were seen */
	uint32_t nr_pages;
	uint64_t page_bytes;   /* sizeof(struct page) */
	uint64_t vmalloc;      /* an address that vmalloc gave */
	struct zone_span zones[MAX_ZONES];
	int nr_zones;
};

/* Reads the zones that have pages from /proc/zoneinfo; returns how many. */
int zones_read(const char *path, struct zone_span *zones, int max);
/* True if all pages lie in zones if the array starts there. */
bool vmemmap_fits(const struct vmemmap_evidence *evidence, uint64_t start);
/* The only start of the alignment that x86 gives it which fits; 0: there is none, or more than one. */
uint64_t vmemmap_by_alignment(const struct vmemmap_evidence *evidence);

/* ---- functions.c: functions that stand in for tracepoints ---- */

struct function_hook {
	const char *function;  /* its name in this kernel */
	const char *program;
	const char *mode;      /* "fentry" or "fexit" */
	uint32_t nr_arguments;
	bool returns_bool;
};

/* False and *why set when it cannot be hooked. */
bool function_for(enum hook_slot slot, struct function_hook *hook, const char **why);

/* True if the kernel has the function and lets us hook functions at all. */
bool function_hookable(const char *name);

/* ---- orc.c: the kernel's unwind table ---- */

struct orc_frame {
	enum pc_kind kind;
	int offset;
	uint32_t bp; /* how far below the frame's end bp was saved, 0: it was not saved */
};

/* Two arrays sorted by address: places, relative to themselves, and the entry that holds from each on. */
struct orc_table {
	uint64_t text_start, text_end; /* the kernel's core text */
	uint64_t place;                /* where `places` lies in the kernel */
	int32_t *places;
	uint8_t *entries;
	size_t nr;
};

/* The layout of an entry, from the kernel's types. NULL, or why it is not known. */
const char *orc_layout(const struct btf *types);
size_t orc_entry_bytes(void);
/* Uses this table from now on; orc_forget() frees its arrays. Returns NULL, or why it is refused. */
const char *orc_use(const struct orc_table *table);
void orc_forget(void);
struct orc_frame orc_frame(uint64_t pc, bool interrupted);
/* The table's entry for pc as text. */
const char *orc_words(uint64_t pc, bool interrupted);

/* ---- orc-read.c ---- */

/* Copies the table out of the kernel with a loaded program. NULL, or why there is none. */
const char *orc_read(struct unfreed *skel);

/* ---- hook-table.c ---- */

struct hook {
	const char *name;
	const char *group; /* NULL: a function, not a tracepoint */
	enum traced_allocator allocator;
	enum event_kind kind;
	bool essential;
};

extern const struct hook hooks[NR_SLOTS]; /* indexed by slot */

/* ---- cgroups.c: which hierarchy of cgroups counts memory ---- */

/* By /proc/self/cgroup, or a file like it; and the number of that hierarchy, 0 for version 2. */
enum cgroup_way cgroup_way_of(const char *path, uint32_t *hierarchy);
/* Where it is mounted, by /proc/self/mountinfo or a file like it; false: nowhere that we can see. */
bool cgroup_mount(const char *path, enum cgroup_way way, char *point, size_t bytes);

/* ---- zone-sums.c: /proc/zoneinfo in short ---- */

/* One line a name with its sum; nothing if the text is not a zoneinfo. */
void zone_sums_put(FILE *out, const char *zoneinfo);
/* The same of the lines of /proc/vmstat that count a balloon's pages. */
void balloon_sums_put(FILE *out, const char *vmstat);

/* ---- memory-facts.c ---- */

/* Pages of a CPU's part of the first percpu chunk, by the kernel's log; 0: the log does not say. */
uint64_t percpu_pages_in_log(const char *log);
/* Of all CPUs together; 0 = not known. */
uint64_t percpu_first_chunk_bytes(void);
/* True if the pages that a balloon driver gave to the host are still in MemTotal. */
bool balloon_in_total(void);

/* ---- program-info.c ---- */

/* The time that a program has run, ns, if the kernel measures it; 0 for fd < 0. */
uint64_t program_run_ns(int fd);
int stack_depth_limit(void); /* kernel.perf_event_max_stack */
/* Returns when every program that was running at the call has ended. */
void wait_for_programs(void);

#endif
