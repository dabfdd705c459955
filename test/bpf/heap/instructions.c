// SPDX-License-Identifier: MIT
/*
 * Asks the decoder of heap/. Arguments: "lengths" or "places". On stdin lines of hex bytes:
 *   lengths: of one instruction and whatever follows -> its length, 0: it is none; and where a relative jump leads
 *   places:  of a function -> where its probe lies, and where it jumps to if it does nothing else
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "instruction.h"

static uint8_t *bytes;
static size_t nr_bytes;

/* In memory of just that size: a read past it ends the program. */
static void take(const char *line)
{
	nr_bytes = strspn(line, "0123456789abcdef") / 2;
	bytes = malloc(nr_bytes);
	for (size_t i = 0; i < nr_bytes; i++)
		sscanf(line + 2 * i, "%2hhx", &bytes[i]);
}

int main(int argc, char **argv)
{
	struct instruction is;
	char *line = NULL;
	size_t room = 0;
	int64_t target;

	while (argc == 2 && getline(&line, &room, stdin) > 0) {
		take(line);
		if (strcmp(argv[1], "lengths") == 0) {
			bool decoded = instruction_decode(bytes, nr_bytes, &is);

			printf("%d", decoded ? is.length : 0);
			if (decoded && is.is_relative)
				printf(" %" PRId64, is.target);
			puts("");
		} else {
			printf("%u", probe_place(bytes, nr_bytes));
			if (is_jump_alone(bytes, nr_bytes, &target))
				printf(" %" PRId64, target);
			puts("");
		}
		free(bytes);
	}
	free(line);
	return 0;
}
