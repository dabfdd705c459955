// SPDX-License-Identifier: MIT
/* The file, pipe or device that -o names: opened without harm to what is there already. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "stream.h"

/* how long a pipe may have no reader when we begin */
#define READER_WAIT_NS 10000000000ull

/* A new file, for its owner alone: the stream has kernel addresses. */
static int open_new(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* A new file takes the old one's name: whoever may read the old one, or has it open, has only that. */
static int open_instead(const char *path)
{
	char beside[PATH_MAX];
	int fd, error;

	if (snprintf(beside, sizeof(beside), "%s.%d.tmp", path, getpid()) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open_new(beside);
	if (fd >= 0 && rename(beside, path) != 0) {
		error = errno;
		unlink(beside);
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Signals are blocked, and read later. */
static bool stop_is_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM));
}

/* A device or pipe. A pipe without a reader must not hold us up: opening it would wait for one. */
static int open_stream(const char *path)
{
	uint64_t until = monotonic_ns() + READER_WAIT_NS;

	for (;;) {
		int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		if (fd >= 0 || errno != ENXIO)
			return fd;
		if (stop_is_pending())
			die("stopped before anybody read %s", path);
		if (monotonic_ns() > until)
			die("nobody reads %s: start its reader first", path);
		poll(NULL, 0, 10);
	}
}

int output_open(const char *path)
{
	bool is_descriptor = strncmp(path, "/dev/std", 8) == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
			     strncmp(path, "/proc/self/fd/", 14) == 0;
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT ? open_new(path) : -1;
	if (S_ISLNK(status.st_mode) && !is_descriptor)
		die("%s is a symbolic link, which is not followed: name the file that it leads to", path);
	if (S_ISREG(status.st_mode))
		return access(path, W_OK) == 0 ? open_instead(path) : -1;
	return open_stream(path);
}
