// SPDX-License-Identifier: MIT
/* An allocator that calls the one of the C library, as tools do that are preloaded: each call is within another one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

static volatile long calls;

__attribute__((noinline)) void *malloc(size_t bytes)
{
	static void *(*real)(size_t);
	void *block;

	if (!real)
		real = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	block = real(bytes);
	/* not jumped to */
	calls++;
	return block;
}

__attribute__((noinline)) void *realloc(void *before, size_t bytes)
{
	static void *(*real)(void *, size_t);
	void *block;

	if (!real)
		real = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	block = real(before, bytes);
	calls++;
	return block;
}

__attribute__((noinline)) void free(void *block)
{
	static void (*real)(void *);

	if (!real)
		real = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	real(block);
	calls++;
}
