// SPDX-License-Identifier: MIT
/*
 * Asks kallsyms.c about a text. Arguments: the text's file. Then lines on stdin:
 *   name ADDRESS            -> "symbol+offset [module]" or "-"
 *   is ADDRESS PREFIX       -> "yes" or "no"
 *   machinery ADDRESS...    -> how many leading frames belong to the tracing itself
 *   find NAME               -> the symbol's address or "-"
 *   function ADDRESS        -> the function that starts there, or "-"
 *   data ADDRESS            -> the last variable that starts there or below, or "-"
 *   first                   -> where code begins
 */
#include <stdlib.h>
#include <string.h>
#include "kernel.h"

static void print_name(uint64_t address)
{
	struct name name;

	if (!kallsyms_name(address, &name))
		puts("-");
	else
		printf("%s+%#llx [%s]\n", name.symbol, (unsigned long long)(address - name.address), name.module);
}

static void print_address(const char *path, const char *symbol)
{
	const char *const wanted[] = { "not there", symbol, NULL };
	uint64_t addresses[2];

	kallsyms_addresses(path, wanted, addresses);
	if (addresses[0])
		abort();
	if (addresses[1])
		printf("%llx\n", (unsigned long long)addresses[1]);
	else
		puts("-");
}

int main(int argc, char **argv)
{
	char line[4096];

	if (argc != 2)
		return 2;
	kallsyms_load_all(argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		char *save = NULL, *what = strtok_r(line, " \n", &save), *word = strtok_r(NULL, " \n", &save);
		__u64 frames[64];
		uint32_t depth = 0;

		if (strcmp(what, "first") == 0) {
			printf("%llx\n", (unsigned long long)kallsyms_first());
			continue;
		}
		if (strcmp(what, "function") == 0 || strcmp(what, "data") == 0) {
			struct name name;
			uint64_t address = strtoull(word, NULL, 16), end;

			if (*what == 'f' ? kallsyms_function(address, &name) : kallsyms_data(address, &name, &end))
				printf("%s+%#llx [%s]\n", name.symbol, (unsigned long long)(address - name.address), name.module);
			else
				puts("-");
			continue;
		}
		if (strcmp(what, "find") == 0) {
			print_address(argv[1], word);
			continue;
		}
		for (; word; word = strtok_r(NULL, " \n", &save)) {
			if (strcmp(what, "is") == 0 && depth == 1)
				break;
			frames[depth++] = strtoull(word, NULL, 16);
		}
		if (strcmp(what, "name") == 0)
			print_name(frames[0]);
		else if (strcmp(what, "is") == 0)
			puts(kallsyms_is(frames[0], word) ? "yes" : "no");
		else
			printf("%u\n", kallsyms_machinery(frames, depth));
	}
	for (size_t i = 0; notes_at(i); i++)
		printf("note: %s\n", notes_at(i));
	return 0;
}
