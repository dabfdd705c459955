/* SPDX-License-Identifier: MIT */
/* Hooks: where events come from. Which programs fit this kernel, loading and attaching them. Part of collect.h. */
#ifndef HOOKS_H
#define HOOKS_H

/* ---- hook-table.c ---- */

struct hook {
	const char *name;     /* the tracepoint or function */
	const char *group;    /* its directory in tracefs, NULL: no tracepoint but a function */
	enum traced_allocator allocator;
	enum hook_slot slot;
	enum event_kind kind;
	bool essential;       /* without it the allocator cannot be traced */
};

extern const struct hook hooks[NR_SLOTS]; /* indexed by slot */

/* ---- plan.c: which program on which hook ---- */

enum plan_way { WAY_BTF, WAY_BTF_COPY, WAY_TP };
void plan_make(enum plan_way way, bool pages_tp);
/* Whether the next plans may hook functions, where tracepoints are missing. */
void plan_allow_functions(bool allowed);
/* It could not be attached after all. */
void plan_drop(enum hook_slot slot, const char *why);
const char *plan_program(enum hook_slot slot); /* NULL: none */
/* The function that it is attached to, NULL: a tracepoint */
const struct function_hook *plan_function(enum hook_slot slot);
void plan_note_what_is_missing(void);
/* "tp_btf", "tp", "fentry", "fexit", or NULL when the hook is not in force */
const char *hook_mode(enum hook_slot slot);
/* Why it is not, NULL when it is */
const char *hook_absence(enum hook_slot slot);
bool allocator_traced(enum traced_allocator allocator);
bool any_allocator_traced(void);
/* Puts the command's process back where tracefs was not mounted by us. */
void leave_mount_namespace(void);

/* ---- load.c ---- */

struct bpf_program;

/* Before load: settings and sizes that the parts above decide. `fast`: the object with cheap call paths. */
typedef void configure_programs(struct unfreed *skel, uint64_t ring_bytes, bool fast);
/* The programs of the plan. NULL with errno set when the kernel refuses. */
struct unfreed *load_programs(bool fast, bool copy_pointers, configure_programs *configure);
struct bpf_program *program_of(struct unfreed *skel, enum hook_slot slot);
/* Page events have a struct page, and not its pfn. */
bool needs_pfns(void);
/* Says why with that errno nothing could be loaded. */
void die_unloaded(int error) __attribute__((noreturn));

/* ---- hooks.c: choosing a way, attaching ---- */

/*
 * Chooses, loads, calibrates and attaches; the programs are idle until
 * hooks_start(). Dies with a sentence if nothing can be traced.
 */
struct unfreed *hooks_load(configure_programs *configure);
/*
 * Once there are symbols: switches cheap call paths on where they were loaded.
 * False: that could not be, the programs were loaded anew, and symbols are out of date.
 */
bool hooks_open_stacks(struct unfreed **skel);
/* Lets events flow; returns the moment that is time 0, CLOCK_MONOTONIC ns. */
uint64_t hooks_start(struct unfreed *skel);
/* No event after this. */
void hooks_quiet(struct unfreed *skel);
/* Quiet, and nothing stays attached. */
void hooks_stop(struct unfreed *skel);
/* Events for which the kernel ran no program at all. */
uint64_t hook_missed(enum hook_slot slot);
/* What the programs ran, ns, as far as the kernel measured it. */
uint64_t hooks_run_ns(void);
/* Gives hooks that begin to miss events their twins. */
void hooks_each_second(void);

/* ---- program-info.c ---- */

uint64_t program_run_ns(int fd);
int stack_depth_limit(void); /* kernel.perf_event_max_stack */
/* Returns when no program runs any more that began before the call. */
void wait_for_programs(void);

/* ---- twins.c: the second copies, for what interrupts the first ---- */

/* One bit per hook that is to have two. */
uint32_t twins_wanted(bool allocs_are_short);
void twins_load(struct unfreed *first, struct unfreed *(*open_object)(void));
/* After the first copy: it must come first. */
void twins_attach(enum hook_slot slot);
/* Second copies for hooks that have begun to miss events. */
void twins_each_second(const uint64_t *missed);
void twins_detach(void);
void twins_unload(void);
uint64_t twins_rescued(enum hook_slot slot);
uint64_t twins_run_ns(enum hook_slot slot);

/* ---- layouts.c: which variant of a program fits this kernel ---- */

/* The program's name, or NULL and *why set. */
const char *btf_program_for(const char *tracepoint, const char **why);
const char *tp_program_for(const char *tracepoint, const char **why);
size_t layouts_page_struct_bytes(void);
int btf_function_id(const char *name); /* < 0: there is none */
/* Its result and its arguments, a letter each (layouts.c); false if there is none. */
bool btf_prototype(const char *name, char *letters, size_t size);
const char *layouts_open(void); /* NULL, or why there is no BTF */

/* ---- functions.c: functions that stand in for tracepoints ---- */

struct function_hook {
	const char *function;  /* as this kernel calls it */
	const char *program;
	const char *mode;      /* "fentry" or "fexit" */
	uint32_t nr_arguments;
	bool returns_bool;
};

/* False and *why set when it cannot be hooked. */
bool function_for(enum hook_slot slot, struct function_hook *hook, const char **why);

/* ---- pfn.c ---- */

/* Learns skel->bss->vmemmap_start. NULL, or why it could not. */
const char *pfn_calibrate(struct unfreed *skel);

#endif
