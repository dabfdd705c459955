// SPDX-License-Identifier: MIT
/* /proc/PID/maps, a line for each mapping (fs/proc/task_mmu.c, show_map_vma). The path is of the process's making. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "process.h"

/* A number of digits alone, then `after`; strtoull would take signs and spaces too. */
static bool take_number(char **at, int base, char after, uint64_t *value)
{
	static const char digits[] = "0123456789abcdef";
	char *end = *at + strspn(*at, base == 16 ? digits : "0123456789");

	if (end == *at || end - *at > (base == 16 ? 16 : 20) || (*end != after && !(after == ' ' && *end == 0)))
		return false;
	*value = strtoull(*at, NULL, base);
	*at = *end ? end + 1 : end;
	return true;
}

static bool take_rights(char **at, struct mapping *mapping)
{
	const char *rights = *at;

	if (strlen(rights) < 5 || rights[4] != ' ')
		return false;
	mapping->readable = rights[0] == 'r';
	mapping->writable = rights[1] == 'w';
	mapping->executable = rights[2] == 'x';
	mapping->shared = rights[3] == 's';
	*at += 5;
	return true;
}

bool mapping_parse(char *line, struct mapping *mapping)
{
	char *at = line;
	uint64_t major, minor;

	memset(mapping, 0, sizeof(*mapping));
	line[strcspn(line, "\n")] = 0;
	if (!take_number(&at, 16, '-', &mapping->start) || !take_number(&at, 16, ' ', &mapping->end) || !take_rights(&at, mapping) ||
	    !take_number(&at, 16, ' ', &mapping->offset) || !take_number(&at, 16, ':', &major) || !take_number(&at, 16, ' ', &minor) ||
	    !take_number(&at, 10, ' ', &mapping->inode) || mapping->start >= mapping->end)
		return false;
	mapping->major = (uint32_t)major;
	mapping->minor = (uint32_t)minor;
	/* what follows the padding is the path, spaces and all; one that begins with a space is not told from padding */
	mapping->path = at + strspn(at, " ");
	return true;
}

const char *mappings_each(pid_t pid, mapping_visit *visit, void *context)
{
	char name[64], *line = NULL;
	size_t room = 0;
	struct mapping mapping;
	FILE *maps;
	bool any = false;

	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	maps = fopen(name, "re");
	if (!maps)
		return "its mappings cannot be read";
	while (getline(&line, &room, maps) > 0) {
		if (!mapping_parse(line, &mapping))
			continue;
		any = true;
		if (!visit(context, &mapping))
			break;
	}
	free(line);
	fclose(maps);
	/* a process that has ended, and a thread of the kernel, have none */
	return any ? NULL : "it has no mappings";
}
