/* SPDX-License-Identifier: MIT */
/* Files that the loads of this folder write and read. */
#ifndef LOAD_FILES_H
#define LOAD_FILES_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns 0, or -1 with errno. */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good ? 0 : -1;
}

/* Moves the calling process into the cgroup of this folder. */
static int join_cgroup(const char *folder)
{
	char path[128], number[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	return put(path, number);
}

#endif
