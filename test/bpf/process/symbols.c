// SPDX-License-Identifier: MIT
/* Asks symbol-table.c about the symbols of a file, its argument. On stdin addresses, hex: "NAME START BYTES", or "-". */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "process.h"

int main(int argc, char **argv)
{
	static struct elf_file elf;
	struct symbol_table table;
	char line[64];
	int file = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (elf_open(&elf, file))
		return 1;
	puts(symbol_table_load(&table, &elf) ? ".symtab" : ".dynsym");
	while (fgets(line, sizeof(line), stdin)) {
		const struct symbol *symbol = symbol_table_find(&table, strtoull(line, NULL, 16));

		if (symbol)
			printf("%s %" PRIx64 " %u\n", table.names + symbol->name, symbol->start, symbol->bytes);
		else
			puts("-");
	}
	symbol_table_free(&table);
	elf_close(&elf);
	close(file);
	return 0;
}
