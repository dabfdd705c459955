// SPDX-License-Identifier: MIT
/*
 * The ALIASES message. SLUB merges caches of like objects, and its tracepoints give the name of
 * the one that was created first. /sys/kernel/slab has a link for each name: UNIX -> :A-0001152.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "trace.h"

#define SLAB_DIRECTORY "/sys/kernel/slab"
/* A machine has a few hundred; a reader takes no message beyond 1 MiB. */
#define MAX_ALIASES_BYTES (512 * 1024)
#define MAX_TARGET 256

/* Appends the name and the last part of the path that its link leads to. A cache may go meanwhile. */
static void put_alias(FILE *out, int directory, const char *name)
{
	char target[MAX_TARGET];
	ssize_t length = readlinkat(directory, name, target, sizeof(target) - 1);
	const char *last;

	if (length <= 0 || length >= (ssize_t)sizeof(target) - 1)
		return;
	target[length] = 0;
	last = strrchr(target, '/');
	fprintf(out, "%s%c%s%c", name, 0, last ? last + 1 : target, 0);
}

void aliases_send(void)
{
	struct part part = { 0 };
	struct dirent *entry;
	char *text;
	FILE *out;
	DIR *directory = opendir(SLAB_DIRECTORY);

	if (!directory)
		return;
	out = open_memstream(&text, &part.length);
	if (!out)
		die("out of memory");
	while ((entry = readdir(directory)) && ftell(out) < MAX_ALIASES_BYTES)
		if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN)
			put_alias(out, dirfd(directory), entry->d_name);
	closedir(directory);
	fclose(out);
	part.bytes = text;
	if (part.length > 0)
		stream_message(MESSAGE_ALIASES, &part, 1);
	free(text);
}
