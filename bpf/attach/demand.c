// SPDX-License-Identifier: MIT
/*
 * Whether what was asked for is traced. A kernel without events of vmalloc or percpu memory
 * is an old kernel, and a note says so. But a trace without pages or slabs must not be taken
 * for a whole one, nor one without an allocator that was named: that ends with a sentence.
 */
#include <stdio.h>
#include <string.h>
#include "attach.h"

static bool must_be_traced(enum traced_allocator allocator)
{
	bool all = true;

	for (int a = 0; a < NR_ALLOCATORS; a++)
		all = all && options->allocators[a];
	return options->allocators[allocator] && (!all || allocator == ALLOCATOR_PAGE || allocator == ALLOCATOR_SLAB);
}

/* The first hook that the allocator lacks, and why: "mm_page_alloc: no ...". */
static const char *what_is_missing(enum traced_allocator allocator)
{
	static char text[256];

	for (int i = 0; i < NR_SLOTS; i++) {
		if (hooks[i].allocator == allocator && hooks[i].essential && hook_absence(i) && !hook_mode(i) &&
		    !strstr(hook_absence(i), "counterpart")) {
			snprintf(text, sizeof(text), "%s: %s", hooks[i].name, hook_absence(i));
			return text;
		}
	}
	return "";
}

static const char *remedy(enum traced_allocator allocator)
{
	if (allocator == ALLOCATOR_PAGE && !has_right(RIGHT_SYS_ADMIN))
		return "give it CAP_SYS_ADMIN, or as uid 0 a mounted tracefs, or CAP_SYSLOG on a kernel with CONFIG_KALLSYMS_ALL";
	if (allocator == ALLOCATOR_PAGE)
		return "mount tracefs: mount -t tracefs tracefs /sys/kernel/tracing";
	return "--probe shows what this kernel has";
}

/* The allocators that are traced, as --allocator takes them. */
static const char *rest(void)
{
	static char text[64];
	size_t length = 0;

	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (allocator_traced(a))
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s", length ? "," : "",
						   allocators[a].name);
	}
	return text;
}

const char *demand_unmet(void)
{
	static char text[768];

	for (int a = 0; a < NR_ALLOCATORS; a++) {
		if (!must_be_traced(a) || allocator_traced(a))
			continue;
		snprintf(text, sizeof(text), "%s memory cannot be traced here: %s%s%s; %s; or leave it out: --allocator %s",
			 allocators[a].name, what_is_missing(a),
			 a == ALLOCATOR_PAGE && pfn_absence() ? "; " : "",
			 a == ALLOCATOR_PAGE && pfn_absence() ? pfn_absence() : "", remedy(a), rest());
		return text;
	}
	return NULL;
}
