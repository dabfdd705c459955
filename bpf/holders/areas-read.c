// SPDX-License-Identifier: MIT
/*
 * What areas of kernel address space refer to. Devices (VM_IOREMAP) are never read, nor are the maps of the
 * copying program, which are full of kernel pointers. An area is read after its vm_struct was read again, page
 * by page as the page tables and struct pages allow; of the stack of a task that waits only what is in use.
 */
#include <stdlib.h>
#include "holders.h"

/*
 * At the top of a stack lie the registers of the program, struct pt_regs and what is kept free behind it:
 * numbers of a program refer to nothing, and this program's are addresses that it has just found.
 */
#define USER_REGISTERS 184u

/* Stacks of tasks: what lies above sp is in use. */
static struct stack {
	uint64_t start, sp;
} *stacks;
static size_t nr_stacks, stacks_room;

void stack_note(const uint8_t *task)
{
	if (!has_field(F_TASK_STACK) || !has_field(F_TASK_SP) || !has_field(F_TASK_ON_CPU))
		return;
	if (nr_stacks == stacks_room) {
		stacks_room = stacks_room ? stacks_room * 2 : 1024;
		stacks = realloc(stacks, stacks_room * sizeof(*stacks));
		if (!stacks)
			die("out of memory");
	}
	stacks[nr_stacks].start = field_of(task, F_TASK_STACK);
	/* of a task that runs all of it may be in use */
	stacks[nr_stacks++].sp = field_of(task, F_TASK_ON_CPU) ? 0 : field_of(task, F_TASK_SP);
}

void stacks_forget(void)
{
	nr_stacks = 0;
}

static int by_stack(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void see_root(void *context, uint64_t tag, uint64_t offset, const uint8_t *piece, uint32_t bytes)
{
	(void)context, (void)tag, (void)offset;
	if (piece)
		notes_of_root((const uint64_t *)piece, bytes / 8);
}

static void read_root(uint64_t start, uint64_t end)
{
	static const struct reader reader = { see_root, NULL, true };

	mapped_read(&reader, start, end, 0);
}

static void read_stack(const struct area *area)
{
	struct stack key = { area->start, 0 };
	const struct stack *stack = nr_stacks ? bsearch(&key, stacks, nr_stacks, sizeof(key), by_stack) : NULL;
	uint64_t from;

	if (!stack)
		return;
	from = stack->sp >= area->start && stack->sp < area->end ? stack->sp & ~7ull : area->start;
	notes_begin_root(LINK_STACK, RANK_LIST, "");
	if (from < area_end(area) - USER_REGISTERS)
		read_root(from, area_end(area) - USER_REGISTERS);
}

void area_read(uint32_t node)
{
	const struct area *area = area_of_node(node);

	if (area->kind == AREA_VMALLOC && area_may_be_read(area))
		notes_read_node(node, LINK_AREA, chain_at(area_chain(node))->name, area->start, area_end(area));
}

/* What a poisoned page refers to is not known: what it alone leads to looks as if nobody held it. */
static void say_poisoned(void)
{
	uint64_t nr = pages_of_class(CLASS_HWPOISON);

	if (nr)
		missing_add(options->census_stages[CENSUS_ORPHANS] ? "orphans" : "holders",
			    "what %llu pages with a hardware error (hwpoison) refer to is not known: they are not read",
			    (unsigned long long)nr);
}

void areas_scan(void)
{
	say_poisoned();
	if (nr_stacks)
		qsort(stacks, nr_stacks, sizeof(*stacks), by_stack);
	for (uint32_t node = first_area; node < nr_nodes; node++) {
		const struct area *area = area_of_node(node);

		if (area->kind == AREA_VMALLOC) {
			area_read(node);
		} else if (!area_may_be_read(area)) {
			continue;
		} else if (area->kind == AREA_STACK) {
			read_stack(area);
		} else {
			notes_begin_root(LINK_AREA, RANK_DATA, text_at(chain_at(area_chain(node))->name));
			read_root(area->start, area_end(area));
		}
	}
}
