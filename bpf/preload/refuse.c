// SPDX-License-Identifier: MIT
/* Programs into which the dynamic linker loads no library of ours: static ones, set-user-ID ones, other machines'. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "preload.h"

#define MOST_PATH 4096
#define MOST_NAMES (1u << 20)

/* The file that execvp(3) runs; -1: there is none, and it will say so itself. */
static int open_program(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char file[MOST_PATH];

	if (strchr(name, '/'))
		return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	for (path = path ? path : "/bin:/usr/bin"; *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		if (snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path), path, name) < (int)sizeof(file) && access(file, X_OK) == 0)
			return open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	return -1;
}

/* Names of needed libraries lie within the first bytes of a file; a name that lies there for another reason does no harm. */
static bool names_allocator(int file)
{
	static const char *const allocators[] = { "libjemalloc", "libtcmalloc", "libmimalloc" };
	char *start = malloc(MOST_NAMES);
	ssize_t bytes = start ? pread(file, start, MOST_NAMES, 0) : -1;
	bool found = false;

	for (unsigned i = 0; i < sizeof(allocators) / sizeof(allocators[0]) && bytes > 0; i++)
		found |= memmem(start, (size_t)bytes, allocators[i], strlen(allocators[i])) != NULL;
	free(start);
	return found;
}

bool preload_needs_operators(const char *name)
{
	const char *others = getenv("LD_PRELOAD");
	int file = others && *others ? -1 : open_program(name);
	bool needs = file >= 0 && names_allocator(file);

	if (file >= 0)
		close(file);
	return needs || (others && *others);
}

static bool has_interpreter(int file, const Elf64_Ehdr *header)
{
	for (unsigned i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr segment;

		if (pread(file, &segment, sizeof(segment), (off_t)(header->e_phoff + i * sizeof(segment))) != sizeof(segment))
			return false;
		if (segment.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static const char *refused(int file)
{
	Elf64_Ehdr header;
	struct stat is;

	if (fstat(file, &is) != 0 || pread(file, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return NULL; /* a script: its interpreter is traced */
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
		return "it is not a 64-bit x86 program: the heap of others cannot be traced";
	if (header.e_phentsize != sizeof(Elf64_Phdr) || !has_interpreter(file, &header))
		return "it is linked statically, so that no library can be preloaded into it: start it, and trace it by its number with --process";
	if ((is.st_mode & S_ISUID && is.st_uid != geteuid()) || (is.st_mode & S_ISGID && is.st_mode & S_IXGRP && is.st_gid != getegid()))
		return "it takes the rights of another user (set-user-ID), and preloads no library for that reason: start it, and trace it by its "
		       "number with --process";
	return NULL;
}

const char *preload_refused(const char *name)
{
	int file = open_program(name);
	const char *why = file < 0 ? NULL : refused(file);

	if (file >= 0)
		close(file);
	return why;
}
