// SPDX-License-Identifier: MIT
/* Which hierarchy of cgroups counts memory here, and where it is mounted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel.h"

/*
 * /proc/self/cgroup: a line `4:memory:/a/b` for a hierarchy of version 1, `0::/a/b` for that of version 2.
 * /proc/cgroups would say the same, but to read it makes new kernels complain in their log.
 */
enum cgroup_way cgroup_way_of(const char *path, uint32_t *hierarchy)
{
	enum cgroup_way way = CGROUP_NONE;
	char *line = NULL, *state;
	size_t size = 0;
	FILE *in = fopen(path, "re");

	*hierarchy = 0;
	if (!in)
		return CGROUP_NONE;
	while (way != CGROUP_MEMORY && getline(&line, &size, in) > 0) {
		char *number = strtok_r(line, ":", &state), *controllers;

		if (number && strcmp(number, "0") == 0) {
			way = CGROUP_UNIFIED;
			continue;
		}
		controllers = strtok_r(NULL, ":", &state);
		for (char *name = controllers ? strtok_r(controllers, ",", &state) : NULL; name;
		     name = strtok_r(NULL, ",", &state)) {
			if (strcmp(name, "memory") != 0)
				continue;
			way = CGROUP_MEMORY;
			*hierarchy = (uint32_t)strtoul(number, NULL, 10);
		}
	}
	free(line);
	fclose(in);
	return way;
}

/* mountinfo writes a blank as \040, and so on. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned octal;

		if (*text == '\\' && sscanf(text + 1, "%3o", &octal) == 1) {
			*to++ = (char)octal;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = 0;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length) {
		if ((at == list || at[-1] == ',') && (at[length] == 0 || at[length] == ',' || at[length] == '\n'))
			return true;
	}
	return false;
}

/* One line: ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [more...] - TYPE SOURCE SUPER */
bool cgroup_mount(const char *path, enum cgroup_way way, char *point, size_t bytes)
{
	const char *wanted = way == CGROUP_UNIFIED ? "cgroup2" : "cgroup";
	char *line = NULL, root[4096], at[4096], type[64], super[4096];
	bool found = false;
	size_t size = 0;
	FILE *in = fopen(path, "re");

	if (!in)
		return false;
	while (!found && getline(&line, &size, in) > 0) {
		const char *behind = strstr(line, " - ");

		if (!behind || sscanf(line, "%*s %*s %*s %4095s %4095s", root, at) != 2 ||
		    sscanf(behind, " - %63s %*s %4095[^\n]", type, super) != 2 || strcmp(type, wanted) != 0)
			continue;
		if (way == CGROUP_MEMORY && !has_word(super, "memory"))
			continue;
		unescape(at);
		found = strlen(at) < bytes;
		if (found)
			strcpy(point, at);
	}
	free(line);
	fclose(in);
	return found;
}
