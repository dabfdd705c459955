// SPDX-License-Identifier: MIT
/*
 * Lines on stdin:
 *   "maps PID"      -> for each mapping of code "IMAGE PATH", or "- WHY"
 *   "steps PID"     -> for each mapping of code how many of some 512 places have a plain step, how many no row, its path
 *   "limit BYTES"   -> the bytes of all tables, once no more than that are kept
 *   "unlink PATH"   -> removes a file
 *   "parse LINE"    -> a line of /proc/PID/maps, taken apart
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "process.h"

static struct process_code code;

static void put_maps(pid_t pid)
{
	const char *why = code_read(&code, pid);

	if (why)
		puts(why);
	for (uint32_t i = 0; !why && i < code.nr; i++) {
		const struct image *image = code_image(&code, &code.codes[i]);

		if (image)
			printf("%u %s\n", image->number, image->path);
		else
			printf("- %s\n", code.codes[i].no_image);
	}
	code_free(&code);
}

static void put_steps(pid_t pid)
{
	code_read(&code, pid);
	for (uint32_t i = 0; i < code.nr; i++) {
		const struct mapping *mapping = &code.codes[i].mapping;
		uint64_t kinds[UNWIND_OTHER + 1] = { 0 }, start = mapping->start, end = mapping->end;

		for (uint64_t at = start; at < end; at += (end - start) / 512 + 1)
			kinds[code_step(&code, at)->kind]++;
		printf("%" PRIu64 " of %" PRIu64 " %s\n", kinds[UNWIND_SP] + kinds[UNWIND_BP], kinds[UNWIND_NO_ROW], code.codes[i].path);
	}
	code_free(&code);
}

static void put_parsed(char *line)
{
	struct mapping mapping;

	if (!mapping_parse(line, &mapping))
		puts("none");
	else
		printf("%" PRIx64 " %" PRIx64 " %c%c%c%c %" PRIx64 " %u:%u %" PRIu64 " '%s'\n", mapping.start, mapping.end,
		       mapping.readable ? 'r' : '-', mapping.writable ? 'w' : '-', mapping.executable ? 'x' : '-',
		       mapping.shared ? 's' : 'p', mapping.offset, mapping.major, mapping.minor, mapping.inode, mapping.path);
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		if (strncmp(line, "maps ", 5) == 0)
			put_maps(atoi(line + 5));
		else if (strncmp(line, "steps ", 6) == 0)
			put_steps(atoi(line + 6));
		else if (strncmp(line, "parse ", 6) == 0)
			put_parsed(line + 6);
		else if (strncmp(line, "unlink ", 7) == 0) {
			line[strcspn(line, "\n")] = 0;
			unlink(line + 7);
		} else if (strncmp(line, "limit ", 6) == 0) {
			images_limit(strtoull(line + 6, NULL, 10));
			printf("%" PRIu64 "\n", images_bytes());
		}
	}
	images_forget();
	return 0;
}
