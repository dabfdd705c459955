// SPDX-License-Identifier: MIT
/*
 * Files as a process sees them. What its paths lead to is the process's choice: a pipe that never ends, a device, a
 * file system of its own that does not answer. So a file is looked at (O_PATH) before it is opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/openat2.h>
#include "process.h"

#define FUSE_MAGIC 0x65735546

/* Takes the descriptor. */
static int open_regular(int path)
{
	struct stat is;
	struct statfs system;
	char name[64];
	int file = -1;

	if (path < 0)
		return -1;
	if (fstat(path, &is) == 0 && S_ISREG(is.st_mode) && fstatfs(path, &system) == 0 && system.f_type != FUSE_MAGIC) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", path);
		file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	close(path);
	return file;
}

int process_open(pid_t pid, const char *path, bool follow)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW),
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char name[64];
	int root, file;

	snprintf(name, sizeof(name), "/proc/%d/root", pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	file = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	close(root);
	return open_regular(file);
}

/* The device need not agree: that of maps is another than that of stat(2) on overlayfs and btrfs. */
static int open_by_path(pid_t pid, const struct mapping *mapping)
{
	struct stat is;
	int file = *mapping->path == '/' ? process_open(pid, mapping->path, true) : -1;

	if (file >= 0 && (fstat(file, &is) != 0 || is.st_ino != mapping->inode)) {
		close(file);
		file = -1;
	}
	return file;
}

int mapping_open(pid_t pid, const struct mapping *mapping)
{
	char name[96];
	int file;

	if (!mapping->inode)
		return -1;
	snprintf(name, sizeof(name), "/proc/%d/map_files/%lx-%lx", pid, (unsigned long)mapping->start, (unsigned long)mapping->end);
	file = open_regular(open(name, O_PATH | O_CLOEXEC));
	return file >= 0 ? file : open_by_path(pid, mapping);
}

size_t process_read(pid_t pid, uint64_t address, void *to, size_t bytes)
{
	struct iovec here = { to, bytes }, there = { (void *)(uintptr_t)address, bytes };
	ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return got > 0 ? (size_t)got : 0;
}

bool process_numbers(pid_t pid, pid_t *own, uid_t *user)
{
	char name[64], line[256];
	FILE *status;

	*own = pid;
	*user = (uid_t)-1;
	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	status = fopen(name, "re");
	if (!status)
		return false;
	while (fgets(line, sizeof(line), status)) {
		/* one number for each namespace, its own last */
		const char *last = strrchr(line, '\t');

		if (last && strncmp(line, "NSpid:", 6) == 0)
			*own = (pid_t)strtol(last, NULL, 10);
		else if (strncmp(line, "Uid:", 4) == 0)
			*user = (uid_t)strtoul(line + 4, NULL, 10);
	}
	fclose(status);
	return *user != (uid_t)-1;
}

const char *process_refused(pid_t pid)
{
#ifdef __x86_64__
	struct elf_file elf;
	char name[64];
	const char *why;
	int file;

	snprintf(name, sizeof(name), "/proc/%d/exe", pid);
	file = open_regular(open(name, O_PATH | O_CLOEXEC));
	if (file < 0)
		return "its program cannot be read";
	why = elf_open(&elf, file);
	elf_close(&elf);
	close(file);
	return why;
#else
	(void)pid;
	return "stacks of processes can be walked on x86-64 alone";
#endif
}
