/* SPDX-License-Identifier: MIT */
/* Hooks: which programs fit this kernel, loading and attaching them. */
#ifndef ATTACH_H
#define ATTACH_H

#include "stacks.h"

/* ---- plan.c: which program on which hook ---- */

enum plan_way { WAY_BTF, WAY_BTF_COPY, WAY_TP };
void plan_make(enum plan_way way, bool pages_tp);
/* Whether the next plans may hook functions where tracepoints are missing. */
void plan_allow_functions(bool allowed);
/* The hook could not be attached after all. */
void plan_drop(enum hook_slot slot, const char *why);
const char *plan_program(enum hook_slot slot); /* NULL: none */
/* The function that the hook is attached to, NULL: a tracepoint */
const struct function_hook *plan_function(enum hook_slot slot);
void plan_note_what_is_missing(void);
/* The same for whoever watches the start; this plan may still be given up for another. */
void plan_say_what_is_missing(void);
/* "tp_btf", "tp", "fentry", "fexit", or NULL when the hook is not in force */
const char *hook_mode(enum hook_slot slot);
/* Why it is not in force, NULL when it is */
const char *hook_absence(enum hook_slot slot);
bool allocator_traced(enum traced_allocator allocator);
bool any_allocator_traced(void);

/* ---- load.c ---- */

struct bpf_program;

/*
 * Called before each load: sets the sizes and settings that layers above decide.
 * `fast`: the object is the one with fast call paths.
 */
typedef void configure_programs(struct unfreed *skel, uint64_t ring_bytes, bool fast);
/* The programs of the plan. NULL with errno set when the kernel refuses. */
struct unfreed *load_programs(bool fast, bool copy_pointers, configure_programs *configure);
struct bpf_program *program_of(struct unfreed *skel, enum hook_slot slot);
/* True if page events carry a struct page, and not its pfn. */
bool needs_pfns(void);
/* True if this process has the capabilities for it. */
bool may_load_programs(void);
/* Says why nothing could be loaded, from that errno. */
void die_unloaded(int error) __attribute__((noreturn));

/* ---- fast-object.c ---- */

/* The object file with fast call paths. */
const void *fast_object_bytes(size_t *bytes);

/* ---- hooks.c: choosing a way, attaching ---- */

/*
 * Chooses, loads, calibrates and attaches; the programs are idle until
 * hooks_start(). Dies with a sentence if nothing can be traced.
 */
struct unfreed *hooks_load(configure_programs *configure);
/*
 * Once there are symbols: switches fast call paths on where they were loaded.
 * False: that was not possible, the programs were loaded again, and symbols are out of date.
 */
bool hooks_open_stacks(struct unfreed **skel);
/* Lets events flow; returns the moment that is time 0, CLOCK_MONOTONIC ns. NULL, here and below: no programs were loaded. */
uint64_t hooks_start(struct unfreed *skel);
/* No event after this. */
void hooks_quiet(struct unfreed *skel);
/* Quiet, and nothing stays attached. */
void hooks_stop(struct unfreed *skel);
/* Events for which the kernel ran no program at all. */
uint64_t hook_missed(enum hook_slot slot);
/* The time that all programs have run, ns, as far as the kernel measured it. */
uint64_t hooks_run_ns(void);

/* ---- twins.c: a twin of a program takes the events of code that interrupts it ---- */

/* One bit per hook that may get a twin. */
uint32_t twins_wanted(bool allocs_are_short);
void twins_load(struct unfreed *first, struct unfreed *(*open_object)(void));
/* After the first program: that one must come first. */
void twins_attach(enum hook_slot slot);
/*
 * Attaches twins to hooks that have begun to miss events. `missed_by` is hook_missed(), which is
 * asked only for hooks that may still get a twin: each answer costs a system call.
 */
void twins_each_second(uint64_t (*missed_by)(enum hook_slot slot));
void twins_detach(void);
void twins_unload(void);
uint64_t twins_rescued(enum hook_slot slot);
uint64_t twins_run_ns(enum hook_slot slot);

/* ---- family.c ---- */

/* Learns skel->bss->self_tgids: this process and those that --self-pid names. */
void family_find(struct unfreed *skel);

/* ---- pfn.c ---- */

/* Learns skel->bss->vmemmap_start. NULL, or why it could not. */
const char *pfn_calibrate(struct unfreed *skel);
/* Why it could not, NULL if it could or was not asked. */
const char *pfn_absence(void);

/* ---- demand.c ---- */

/* NULL, or a sentence with the remedy: an allocator that was asked for is not traced. */
const char *demand_unmet(void);

#endif
