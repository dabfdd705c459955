// SPDX-License-Identifier: MIT
/*
 * victim PROC PID: what marks_ask_proc() finds in PROC/PID, a value a line, then the name. victim scope NAME...: which
 * scope a call path of these functions has.
 */
#include <stdlib.h>
#include <string.h>
#include "marks.h"

static char **names;

/* Stands for the kernel's symbols: address n is the n-th name. */
bool kallsyms_is(uint64_t return_address, const char *prefix)
{
	return strncmp(names[return_address - 1], prefix, strlen(prefix)) == 0;
}

int main(int argc, char **argv)
{
	static struct oom_record record;
	__u64 frames[MARK_FRAMES] = { 0 };

	if (argc > 1 && strcmp(argv[1], "scope") == 0) {
		names = argv + 2;
		for (int i = 0; i < argc - 2 && i < MARK_FRAMES; i++)
			frames[i] = (__u64)i + 1;
		printf("%d\n", marks_oom_scope(frames));
		return 0;
	}
	for (int i = 0; i < 9; i++)
		record.mark.value[i] = -1;
	record.mark.value[0] = atoi(argv[2]);
	marks_ask_proc(argv[1], &record);
	for (int i = 0; i < 9; i++)
		printf("%lld\n", (long long)record.mark.value[i]);
	printf("%s\n", record.comm);
	return 0;
}
