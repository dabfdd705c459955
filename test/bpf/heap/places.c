// SPDX-License-Identifier: MIT
/*
 * Loads a library and prints what of it is to be probed. Arguments: the library, a prefix or "".
 *   -> "NAME ROLE MOVED START OFFSET" for each place, "end LEFT-OUT", those that may throw (unless THROWING is set); or with "names" as the first: for each name on stdin "ROLE OPERATOR"
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "heap.h"

static struct heap_settings settings;
const struct heap_settings *heap_settings = &settings;

static void put_names(void)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		printf("%d %d\n", heap_role_of(line, settings.prefix), heap_is_operator(line));
	}
}

static void put_places(const char *library)
{
	static struct heap_place places[MOST_HEAP_PLACES];
	struct process_code code = { 0 };
	unsigned throwing, left_out = 0;

	code_read(&code, getpid());
	for (uint32_t i = 0; i < code.nr; i++) {
		struct image *image = strstr(code.codes[i].path, library) ? code_image(&code, &code.codes[i]) : NULL;
		unsigned nr = image ? heap_places(image, getpid(), &code.codes[i].mapping, places, &throwing) : 0;

		if (image)
			left_out += throwing;
		for (unsigned j = 0; j < nr; j++)
			printf("%s %u %u %" PRIx64 " %" PRIx64 "\n", places[j].name, places[j].role, places[j].moved_by, places[j].start, places[j].offset);
	}
	printf("end %u\n", left_out);
	code_free(&code);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	settings.prefix = argv[2];
	settings.throwing = getenv("THROWING") != NULL;
	if (strcmp(argv[1], "names") == 0) {
		put_names();
		return 0;
	}
	if (!strstr(argv[1], "libc.so") && !dlopen(argv[1], RTLD_LAZY)) {
		puts(dlerror());
		return 1;
	}
	put_places(argv[1]);
	return 0;
}
