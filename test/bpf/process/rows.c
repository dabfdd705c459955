// SPDX-License-Identifier: MIT
/*
 * Asks eh-frame.c about a file. Arguments: the file; "sections" or "segments", by which its .eh_frame is found.
 * On stdin addresses, hex:
 *   -> "FDES ROWS BYTES STEPS NOT-PLAIN UNREADABLE SECTION-BYTES MICROSECONDS", or the reason why there are none
 *   -> for each address "KIND CFA BP [interrupts], FUNCTION START END"
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "process.h"

static uint64_t cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void put(const struct unwind_rows *rows, uint64_t address)
{
	static const char *const kinds[] = { "none", "rsp", "rbp", "*rbp", "plt", "signal", "end", "other" };
	static const char *const bps[] = { "same", "c", "b", "lost" };
	const struct unwind_step *step = rows_step(rows, address);
	uint64_t start, end;

	printf("%s%+d %s", kinds[step->kind], step->cfa, bps[step->bp]);
	if (step->bp == BP_AT_CFA || step->bp == BP_AT_BP)
		printf("%+d", step->bp_offset);
	if (step->kind == UNWIND_PLT)
		printf(" from %u", step->plt_from);
	if (step->interrupts)
		printf(" interrupts");
	if (rows_function(rows, address, &start, &end))
		printf(", %" PRIx64 " %" PRIx64, start, end);
	puts("");
}

int main(int argc, char **argv)
{
	static struct elf_file elf;
	struct unwind_rows rows;
	char line[64];
	uint64_t began;
	const char *why;
	int file;

	if (argc != 3)
		return 2;
	file = open(argv[1], O_RDONLY | O_CLOEXEC);
	began = cpu_us();
	why = elf_open(&elf, file);
	if (strcmp(argv[2], "segments") == 0)
		elf.nr_sections = 0;
	if (!why)
		why = eh_frame_rows(&elf, &rows);
	elf_close(&elf);
	close(file);
	if (why) {
		puts(why);
		return 0;
	}
	printf("%u %u %" PRIu64 " %u %u %u %" PRIu64 " %" PRIu64 "\n", rows.nr_functions, rows.nr, rows_bytes(&rows), rows.nr_steps,
	       rows.not_plain, rows.unreadable, rows.section_bytes, cpu_us() - began);
	while (fgets(line, sizeof(line), stdin))
		put(&rows, strtoull(line, NULL, 16));
	rows_free(&rows);
	return 0;
}
