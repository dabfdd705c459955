// SPDX-License-Identifier: MIT
/*
 * Asks layouts.c about types that the input describes. Lines on stdin:
 *   event NAME ARGUMENTS     a tracepoint (typedef btf_trace_NAME); arguments as letters
 *   record NAME MEMBER...    the record of a classic tracepoint (struct trace_event_raw_NAME)
 *   function NAME RESULT ARGUMENTS
 *   page BYTES               struct page
 * then the questions:
 *   btf NAME, tp NAME        -> the program, or "- REASON"
 *   prototype NAME           -> letters, or "-"
 *   pagesize                 -> bytes
 *
 * Letters as in layouts.c, and others for types that must read the same: l = u64 through a
 * typedef, L = const u64, e = an enum, C = const struct kmem_cache *, v = void,
 * B = bool, f = a struct by value, o = a pointer to another struct.
 */
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "kernel.h"

static struct btf *types;

static int must(int id)
{
	if (id < 0) {
		fprintf(stderr, "libbpf refuses a type: %d\n", id);
		exit(1);
	}
	return id;
}

static int structure(const char *name, int bytes)
{
	int id = btf__find_by_name_kind(types, name, BTF_KIND_STRUCT);

	return id > 0 ? id : must(btf__add_struct(types, name, (__u32)bytes));
}

static int type_of(char letter)
{
	switch (letter) {
	case 'i': return must(btf__add_int(types, "u64", 8, 0));
	case 'I': return must(btf__add_int(types, "u32", 4, 0));
	case 'l': return must(btf__add_typedef(types, "size_t", type_of('i')));
	case 'L': return must(btf__add_const(types, type_of('i')));
	case 'e': return must(btf__add_enum(types, "zone", 4));
	case 'p': return must(btf__add_ptr(types, must(btf__add_const(types, 0))));
	case 'c': return must(btf__add_ptr(types, structure("kmem_cache", 256)));
	case 'C': return must(btf__add_ptr(types, must(btf__add_const(types, structure("kmem_cache", 256)))));
	case 'P': return must(btf__add_ptr(types, structure("page", 64)));
	case 's': return must(btf__add_ptr(types, must(btf__add_const(types, must(btf__add_int(types, "char", 1, BTF_INT_CHAR))))));
	case 'o': return must(btf__add_ptr(types, structure("vmap_area", 72)));
	case 'f': return structure("vmap_area", 72);
	case 'B': return must(btf__add_int(types, "_Bool", 1, BTF_INT_BOOL));
	case 'v': return 0;
	}
	fprintf(stderr, "no such letter: %c\n", letter);
	exit(2);
}

/* A function type; the types of its arguments must exist before it. */
static int prototype(char result, const char *arguments, bool of_probe)
{
	int ids[32], nr = 0, result_id = type_of(result), id;

	if (of_probe)
		ids[nr++] = must(btf__add_ptr(types, 0));
	for (; *arguments; arguments++)
		ids[nr++] = type_of(*arguments);
	id = must(btf__add_func_proto(types, result_id));
	for (int i = 0; i < nr; i++)
		must(btf__add_func_param(types, "", ids[i]));
	return id;
}

static void add_event(const char *name, const char *arguments)
{
	char typedef_name[128];

	snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", name);
	must(btf__add_typedef(types, typedef_name, must(btf__add_ptr(types, prototype('v', arguments, true)))));
}

static void add_record(const char *name, char *members)
{
	char struct_name[128], *save = NULL;
	int integer = type_of('i');
	__u32 bit = 0;

	snprintf(struct_name, sizeof(struct_name), "trace_event_raw_%s", name);
	must(btf__add_struct(types, struct_name, 64));
	for (char *member = strtok_r(members, " ", &save); member; member = strtok_r(NULL, " ", &save), bit += 64)
		must(btf__add_field(types, member, integer, bit, 0));
}

static void answer(const char *program, const char *const *why)
{
	if (program)
		puts(program);
	else
		printf("- %s\n", *why);
}

int main(void)
{
	char line[512], letters[16];
	const char *why = "";

	types = btf__new_empty();
	layouts_use(types);
	while (fgets(line, sizeof(line), stdin)) {
		char *save = NULL, *what, *name, *rest;

		line[strcspn(line, "\n")] = 0;
		what = strtok_r(line, " ", &save);
		name = strtok_r(NULL, " ", &save);
		rest = save ? save : "";
		if (strcmp(what, "event") == 0)
			add_event(name, rest);
		else if (strcmp(what, "record") == 0)
			add_record(name, rest);
		else if (strcmp(what, "function") == 0)
			must(btf__add_func(types, name, BTF_FUNC_STATIC, prototype(rest[0], rest + 2, false)));
		else if (strcmp(what, "page") == 0)
			structure("page", atoi(name));
		else if (strcmp(what, "btf") == 0)
			answer(btf_program_for(name, &why), &why);
		else if (strcmp(what, "tp") == 0)
			answer(tp_program_for(name, &why), &why);
		else if (strcmp(what, "prototype") == 0)
			puts(btf_prototype(name, letters, sizeof(letters)) ? letters : "-");
		else if (strcmp(what, "pagesize") == 0)
			printf("%zu\n", layouts_page_struct_bytes());
		else
			return 2;
	}
	return 0;
}
