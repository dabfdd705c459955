// SPDX-License-Identifier: MIT
/*
 * Which program on which hook: the plan. Each hook has a program and a mode,
 * or no program and the reason. hooks.c loads a plan as a whole; if the kernel
 * refuses it, hooks.c asks for one that needs less:
 *
 *   tp_btf  the tracepoint's arguments: the fastest, and each program has its own
 *           guard against recursion; with or without copies of pointers
 *   tp      the record made for perf, found through tracefs
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "attach.h"

static struct plan {
	const char *program[NR_SLOTS]; /* NULL: not in force */
	const char *mode[NR_SLOTS];
	const char *why[NR_SLOTS];     /* why it is not in force */
	struct function_hook function[NR_SLOTS];
	bool traced[NR_ALLOCATORS];
} plan;

const char *plan_program(enum hook_slot slot)
{
	return plan.program[slot];
}

const struct function_hook *plan_function(enum hook_slot slot)
{
	return plan.program[slot] && plan.function[slot].function ? &plan.function[slot] : NULL;
}

const char *hook_mode(enum hook_slot slot)
{
	return plan.program[slot] ? plan.mode[slot] : NULL;
}

const char *hook_absence(enum hook_slot slot)
{
	return plan.why[slot];
}

bool allocator_traced(enum traced_allocator allocator)
{
	return plan.traced[allocator];
}

bool any_allocator_traced(void)
{
	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (plan.traced[a])
			return true;
	}
	return false;
}

/* ---- tracefs: the classic programs are attached by a number found there ---- */

/* NULL, or why there is no tracefs */
static const char *reach_tracefs(void)
{
	if (access("/sys/kernel/debug/tracing/events/kmem", R_OK) == 0 ||
	    access("/sys/kernel/tracing/events/kmem", R_OK) == 0)
		return NULL;
	if (errno == EACCES && !has_right(RIGHT_SYS_ADMIN))
		return "tracefs shows its files to root only";
	/* mount it for this process alone: the machine stays as it is */
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) != 0)
		return "tracefs is not mounted and could not be mounted";
	note("tracefs was not mounted: mounted on /sys/kernel/tracing for the collector alone");
	return NULL;
}

/* ---- the plan ---- */

static void plan_tp(enum hook_slot slot)
{
	static const char *no_tracefs;
	static bool asked;

	if (!asked)
		no_tracefs = reach_tracefs();
	asked = true;
	plan.why[slot] = no_tracefs;
	if (no_tracefs)
		return;
	plan.program[slot] = tp_program_for(hooks[slot].name, &plan.why[slot]);
	plan.mode[slot] = "tp";
}

static void plan_on_function(enum hook_slot slot)
{
	if (!function_for(slot, &plan.function[slot], &plan.why[slot]))
		return;
	plan.program[slot] = plan.function[slot].program;
	plan.mode[slot] = plan.function[slot].mode;
}

static bool is_of_a_move(enum hook_slot slot)
{
	return hooks[slot].kind == KIND_PAGE_MOVE;
}

static void plan_hook(enum hook_slot slot, enum plan_way way)
{
	const char *program = btf_program_for(hooks[slot].name, &plan.why[slot]);

	if (is_of_a_move(slot) && program && way == WAY_TP) {
		plan.why[slot] = "moves are followed only by tp_btf programs";
		return;
	}
	if (is_of_a_move(slot) && !program)
		return;
	if (!program && strstr(plan.why[slot], "no such tracepoint"))
		return; /* plan_make() may find a function for it */
	if (!program && options->attach == ATTACH_BTF)
		return;
	if (!program || way == WAY_TP) {
		plan_tp(slot);
		return;
	}
	plan.program[slot] = program;
	plan.mode[slot] = "tp_btf";
}

static bool functions_allowed;

void plan_allow_functions(bool allowed)
{
	functions_allowed = allowed;
}

void plan_drop(enum hook_slot slot, const char *why)
{
	plan.program[slot] = NULL;
	plan.why[slot] = why;
}

/* True if a function can be hooked where the tracepoint is missing. */
static bool stands_in(enum hook_slot slot)
{
	return !hooks[slot].group || slot == SLOT_ALLOC_VMAP_AREA || slot == SLOT_FREE_VMAP_AREA;
}

/* The function shows every move, so the tracepoints are left out; without it, both of a pair are needed. */
static void plan_moves(void)
{
	static const enum hook_slot pairs[][2] = {
		{ SLOT_SET_MIGRATION_PTE, SLOT_REMOVE_MIGRATION_PTE },
		{ SLOT_SET_MIGRATION_PMD, SLOT_REMOVE_MIGRATION_PMD },
	};
	const char *why = NULL;

	if (plan.program[SLOT_MOVE_CALL])
		why = "the function shows all moves";
#ifndef __x86_64__
	else
		why = "the form of an entry that waits for a move is known for x86-64 alone";
#endif
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool both = plan.program[pairs[i][0]] && plan.program[pairs[i][1]];

		for (int side = 0; side < 2 && (why || !both); side++) {
			if (plan.program[pairs[i][side]])
				plan_drop(pairs[i][side], why ? why : "its counterpart is missing");
		}
	}
}

void plan_make(enum plan_way way, bool pages_tp)
{
	memset(&plan, 0, sizeof(plan));
	memcpy(plan.traced, options->allocators, sizeof(plan.traced));
	for (int i = 0; i < NR_SLOTS; i++) {
		if (!options->allocators[hooks[i].allocator])
			plan.why[i] = "not asked for";
		else if (hooks[i].group)
			plan_hook(i, pages_tp && hooks[i].allocator == ALLOCATOR_PAGE && !is_of_a_move(i) ? WAY_TP : way);
	}
	for (int i = 0; i < NR_SLOTS; i++) {
		if (!plan.program[i] && options->allocators[hooks[i].allocator] && stands_in(i)) {
			if (functions_allowed && way != WAY_TP && !(pages_tp && hooks[i].allocator == ALLOCATOR_PAGE))
				plan_on_function(i);
			else if (!hooks[i].group)
				plan.why[i] = way == WAY_TP ? "functions are hooked only beside tp_btf" :
							      "the kernel refuses the programs";
		}
	}
	plan_moves();
	/* an allocator is traced with all its essential hooks or not at all */
	for (int i = 0; i < NR_SLOTS; i++) {
		if (hooks[i].essential && !plan.program[i])
			plan.traced[hooks[i].allocator] = false;
	}
	for (int i = 0; i < NR_SLOTS; i++) {
		if (plan.program[i] && !plan.traced[hooks[i].allocator]) {
			plan.program[i] = NULL;
			plan.why[i] = "its counterpart is missing";
		}
	}
}

typedef void tell_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void tell_what_is_missing(tell_note *tell)
{
	const char *cache_program = plan.program[SLOT_KMEM_CACHE_ALLOC];
	int max_depth = stack_depth_limit();

	if (max_depth < MAX_DEPTH)
		tell("kernel.perf_event_max_stack is %d: longer call paths lose their outer frames",
		     max_depth);
	if (cache_program && !strstr(cache_program, "_cache_alloc_cache"))
		tell("kmem_cache_alloc names no cache %s: its events have sizes instead",
		     strcmp(plan.mode[SLOT_KMEM_CACHE_ALLOC], "tp") == 0 ?
			     "as a classic tracepoint" : "on this kernel");
	if (plan.traced[ALLOCATOR_SLAB] && !plan.program[SLOT_KMEM_CACHE_FREE_BULK])
		tell("frees in bulk and by kfree_rcu() are not seen: kmem_cache_free_bulk: %s",
		     plan.why[SLOT_KMEM_CACHE_FREE_BULK]);
	/* before 5.13 there is no such function, and nothing is missed */
	if (plan.traced[ALLOCATOR_PAGE] && !plan.program[SLOT_ALLOC_PAGES_BULK] &&
	    !strstr(plan.why[SLOT_ALLOC_PAGES_BULK], "no such function"))
		tell("pages allocated in bulk are not seen: alloc_pages_bulk: %s",
		     plan.why[SLOT_ALLOC_PAGES_BULK]);
	if (plan.traced[ALLOCATOR_PAGE] && !plan.program[SLOT_MOVE_CALL])
		tell(plan.program[SLOT_REMOVE_MIGRATION_PTE] ?
			     "pages that the kernel moves are followed while a process maps them: folio_migrate_flags: %s" :
			     "pages that the kernel moves (compaction) are not followed: folio_migrate_flags: %s",
		     plan.why[SLOT_MOVE_CALL]);
	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (!options->allocators[a] || plan.traced[a])
			continue;
		for (int i = 0; i < NR_SLOTS; i++) {
			if ((int)hooks[i].allocator == a && hooks[i].essential && plan.why[i] &&
			    !strstr(plan.why[i], "counterpart")) {
				tell("%s is not traced: %s: %s", allocators[a].name, hooks[i].name,
				     plan.why[i]);
				break;
			}
		}
	}
}

void plan_note_what_is_missing(void)
{
	tell_what_is_missing(note);
}

void plan_say_what_is_missing(void)
{
	tell_what_is_missing(say_note);
}
