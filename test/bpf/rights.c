// SPDX-License-Identifier: MIT
/*
 * Reads the kernel's symbols, gives up rights, and reads them again. Argument: "keep" keeps
 * SYS_ADMIN. Prints whether they had addresses each time, what is left as /proc/self/status has it,
 * and whether a program that it starts has more.
 */
#include <stdlib.h>
#include <string.h>
#include "kernel.h"

/* The loader's own table; without addresses it has no symbols, and a note says so. */
static void print_names(const char *when)
{
	static const char *const wanted[] = { "_stext", NULL };
	static uint64_t start;
	struct name name;

	if (!start)
		kallsyms_addresses(KALLSYMS, wanted, &start);
	kallsyms_load(KALLSYMS);
	printf("%s %s\n", when, start && kallsyms_name(start + 1, &name) ? "names" : "no names");
}

int main(int argc, char **argv)
{
	print_names("before");
	drop_rights(argc > 1 && strcmp(argv[1], "keep") == 0, argc > 1 && strcmp(argv[1], "processes") == 0);
	print_names("after");
	for (size_t i = 0; notes_at(i); i++)
		printf("note: %s\n", notes_at(i));
	fflush(stdout);
	return system("grep -E '^(CapPrm|CapBnd|CapAmb|NoNewPrivs)' /proc/$PPID/status; grep CapEff /proc/self/status") != 0;
}
