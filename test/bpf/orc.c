// SPDX-License-Identifier: MIT
/*
 * Asks orc.c about a table (orc-text.h). Argument: the form. On stdin the entries, a line
 * "end of table", then addresses, each with or without " interrupted" behind it:
 *   -> "KIND OFFSET bp BP", or the reason why the table is refused
 */
#include "orc-text.h"

int main(int argc, char **argv)
{
	static const char *const kinds[] = {
		[PC_NOT_FOR_US] = "not for us", [PC_CALL] = "call", [PC_HIDDEN] = "hidden", [PC_BP] = "bp",
		[PC_BP_INDIRECT] = "bp indirect", [PC_SP_INDIRECT] = "sp indirect", [PC_REGS] = "regs",
		[PC_INTERRUPTED] = "interrupted", [PC_END] = "end",
	};
	const char *why = argc == 2 ? orc_text_read(stdin, argv[1]) : "usage";
	char line[64];

	if (why)
		puts(why);
	while (!why && fgets(line, sizeof(line), stdin)) {
		struct orc_frame frame = orc_frame(strtoull(line, NULL, 16), strstr(line, "interrupted") != NULL);

		if (frame.kind == PC_NOT_FOR_US || frame.kind == PC_END)
			puts(kinds[frame.kind]);
		else
			printf("%s %+d bp %u\n", kinds[frame.kind], frame.offset, frame.bp);
	}
	orc_forget();
	return 0;
}
