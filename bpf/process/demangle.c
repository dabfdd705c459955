// SPDX-License-Identifier: MIT
/*
 * Names of C++ and Rust as their languages write them, without parameters, by libiberty's demanglers. A name may be
 * written so that each part of it is twice the one before: what grows too long is given up in the middle.
 */
#include <setjmp.h>
#include <string.h>
#include <libiberty/demangle.h>
#include "process.h"

/* The demanglers take memory of the stack for each byte; that of C++ takes names of up to 1,024 bytes alone. */
#define MOST_MANGLED 4096

static char text[MOST_DEMANGLED + 1];
static size_t nr;
static jmp_buf too_long;

static void add(const char *more, size_t bytes, void *unused)
{
	(void)unused;
	if (bytes > MOST_DEMANGLED - nr)
		longjmp(too_long, 1);
	memcpy(text + nr, more, bytes);
	nr += bytes;
	text[nr] = 0;
}

const char *demangled(const char *name)
{
	bool rust = strncmp(name, "_R", 2) == 0, either = strncmp(name, "_Z", 2) == 0;

	nr = 0;
	if ((!rust && !either) || strlen(name) > MOST_MANGLED || setjmp(too_long))
		return NULL;
	if (rust_demangle_callback(name, DMGL_NO_OPTS, add, NULL))
		return text;
	/* it may have written a part of it */
	nr = 0;
	return either && cplus_demangle_v3_callback(name, DMGL_ANSI, add, NULL) ? text : NULL;
}
