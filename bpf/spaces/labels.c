// SPDX-License-Identifier: MIT
/* Words for mappings that nobody saw being made. */
#include <stdio.h>
#include <string.h>
#include "spaces.h"

#define DELETED " (deleted)"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

const char *mapping_label(const struct mapping *mapping)
{
	static char label[256];
	const char *path = mapping->path, *slash = strrchr(path, '/');
	size_t length;

	if (!*path)
		return "anonymous memory";
	if (*path == '[')
		return path;
	if (begins(path, "/SYSV"))
		return "System V shared memory";
	if (begins(path, "/dev/zero"))
		return "shared anonymous memory";
	if (begins(path, "/memfd:"))
		slash = path;
	snprintf(label, sizeof(label), "%s", slash && slash[1] ? slash + 1 : path);
	length = strlen(label);
	if (length > strlen(DELETED) && strcmp(label + length - strlen(DELETED), DELETED) == 0)
		label[length - strlen(DELETED)] = 0;
	return label;
}
