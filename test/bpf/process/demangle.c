// SPDX-License-Identifier: MIT
/* Asks demangle.c: a line on stdin is a name; "= NAME" as its language writes it, "-" if it is none. */
#include <stdio.h>
#include <string.h>
#include "process.h"

int main(void)
{
	static char line[1 << 16];

	while (fgets(line, sizeof(line), stdin)) {
		const char *name;

		line[strcspn(line, "\n")] = 0;
		name = demangled(line);
		printf("%s%s\n", name ? "= " : "-", name ? name : "");
	}
	return 0;
}
