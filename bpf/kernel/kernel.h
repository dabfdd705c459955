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

void kallsyms_load(void);
/* False when the address has no name. */
bool kallsyms_name(uint64_t return_address, struct name *name);
/* Looks up symbols of any kind, data too; 0 for one that is not there. */
void kallsyms_addresses(const char *const *wanted, uint64_t *addresses, int nr);
/* True if the address is in a function whose name begins with `prefix`. */
bool kallsyms_is(uint64_t return_address, const char *prefix);
/* True if the address is in the code that calls tracing programs. */
bool kallsyms_is_machinery(uint64_t return_address);
/* The number of leading frames that belong to the tracing itself. */
uint32_t kallsyms_machinery(const __u64 *frames, uint32_t depth);

/* ---- layouts.c: which variant of a program fits this kernel ---- */

const char *layouts_open(void); /* NULL, or why there is no BTF */
/* The program's name, or NULL and *why set. */
const char *btf_program_for(const char *tracepoint, const char **why);
const char *tp_program_for(const char *tracepoint, const char **why);
size_t layouts_page_struct_bytes(void);
int btf_function_id(const char *name); /* < 0: there is none */
/* Its result and its arguments, one letter each (layouts.c); false if there is no such function. */
bool btf_prototype(const char *name, char *letters, size_t size);

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

/* ---- orc.c: the kernel's unwind table ---- */

struct orc_frame {
	enum pc_kind kind;
	int offset;
	uint32_t bp; /* how far below the frame's end bp was saved, 0: it was not saved */
};

/* Reads the table with a loaded program. Returns NULL, or why there is none. */
const char *orc_read(struct unfreed *skel);
void orc_forget(void);
struct orc_frame orc_frame(uint64_t pc, bool interrupted);
/* The table's entry for pc as text. */
const char *orc_words(uint64_t pc, bool interrupted);

/* ---- hook-table.c ---- */

struct hook {
	const char *name;
	const char *group; /* NULL: a function, not a tracepoint */
	enum traced_allocator allocator;
	enum event_kind kind;
	bool essential;
};

extern const struct hook hooks[NR_SLOTS]; /* indexed by slot */

/* ---- program-info.c ---- */

/* What a program has run, ns, if the kernel measures it; 0 for fd < 0. */
uint64_t program_run_ns(int fd);
int stack_depth_limit(void); /* kernel.perf_event_max_stack */
/* Returns when every program that was running at the call has ended. */
void wait_for_programs(void);

#endif
