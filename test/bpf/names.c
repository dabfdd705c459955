// SPDX-License-Identifier: MIT
/*
 * Asks names.c for names of functions. Arguments: "all", "asked" or "table-only" (a kernel that cannot be asked), whether
 * CAP_SYSLOG is there (0 or 1), and addresses in hex. The kernel answers with the lines of stdin: "ADDRESS TEXT". Prints what
 * each is, and how often the kernel was asked, and whether all symbols were read.
 */
#include <stdlib.h>
#include <string.h>
#include "memory.h"

static char answers[64][1024];
static int nr_answers, asked_times;
static bool can_name, has_syslog, read_all;

bool copy_can_name(void)
{
	return can_name;
}

bool has_right(enum right right)
{
	return right == RIGHT_SYSLOG && has_syslog;
}

const char *copy_name(uint64_t address)
{
	char *text;

	asked_times++;
	for (int i = 0; i < nr_answers; i++) {
		if (strtoull(answers[i], &text, 16) == address)
			return text + 1;
	}
	return "";
}

void kallsyms_load_all(const char *path)
{
	read_all = strcmp(path, KALLSYMS) == 0;
}

/* Of return addresses: the one behind the byte that is asked for. */
bool kallsyms_name(uint64_t return_address, struct name *name)
{
	*name = (struct name){ "from_table", "", 0x1000 };
	return return_address == 0x1001;
}

void die(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	can_name = strcmp(argv[1], "table-only") != 0;
	has_syslog = atoi(argv[2]);
	while (nr_answers < 64 && fgets(answers[nr_answers], sizeof(answers[0]), stdin))
		answers[nr_answers][strcspn(answers[nr_answers], "\n")] = 0, nr_answers++;
	names_open(strcmp(argv[1], "all") == 0);
	for (int i = 3; i < argc; i++) {
		struct name name;

		if (name_of_code(strtoull(argv[i], NULL, 16), &name))
			printf("%s [%s] %llx\n", name.symbol, name.module, (unsigned long long)name.address);
		else
			puts("none");
	}
	printf("asked %d, table %d\n", asked_times, read_all);
	return 0;
}
