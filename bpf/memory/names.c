// SPDX-License-Identifier: MIT
/* Names of functions by addresses in them: from /proc/kallsyms as a whole, or each asked of the kernel when it is wanted first. */
#include <stdlib.h>
#include <string.h>
#include "memory.h"

static enum { NONE, TABLE, ASKED } source;

static struct asked {
	uint64_t address;
	struct name name; /* symbol NULL: it has none */
} *asked;
static size_t nr_asked, room;

void names_open(bool all)
{
	source = all || !copy_can_name() ? TABLE : has_right(RIGHT_SYSLOG) ? ASKED : NONE;
	if (source == TABLE)
		kallsyms_load_all(KALLSYMS);
}

/* "function+0x5a/0x90 [module]"; anything else is no function. */
static struct name parse(const char *text, uint64_t address)
{
	const char *plus = strchr(text, '+'), *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
	struct name name = { 0 };

	if (!plus || plus == text)
		return name;
	name.symbol = strndup(text, (size_t)(plus - text));
	name.module = close ? strndup(open + 1, (size_t)(close - open - 1)) : "";
	name.address = address - strtoull(plus + 1, NULL, 16);
	if (!name.symbol || !name.module)
		die("out of memory");
	return name;
}

static const struct name *ask(uint64_t address)
{
	for (size_t i = 0; i < nr_asked; i++) {
		if (asked[i].address == address)
			return &asked[i].name;
	}
	if (nr_asked == room) {
		room = room ? room * 2 : 128;
		asked = realloc(asked, room * sizeof(*asked));
		if (!asked)
			die("out of memory");
	}
	asked[nr_asked] = (struct asked){ address, parse(copy_name(address), address) };
	return &asked[nr_asked++].name;
}

bool name_of_code(uint64_t address, struct name *name)
{
	/* that is made for return addresses */
	if (source == TABLE)
		return kallsyms_name(address + 1, name);
	if (source == NONE)
		return false;
	*name = *ask(address);
	return name->symbol != NULL;
}
