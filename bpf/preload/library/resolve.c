// SPDX-License-Identifier: MIT
/*
 * The functions that come after ours: of the C library, or of an allocator that is preloaded or linked. dlsym() may
 * call malloc() itself; until it is done, memory comes from an arena, and is never given back.
 */
#include <string.h>
#include "library.h"

#define RTLD_NEXT ((void *)-1l)
#define ARENA_BYTES (256u << 10)
#define ALIGNMENT 16

/* Weak: a program of an older C library may have no dlsym(). */
extern void *dlsym(void *, const char *) __attribute__((weak));
extern void *__libc_malloc(size_t) __attribute__((weak));
extern void *__libc_calloc(size_t, size_t) __attribute__((weak));
extern void *__libc_realloc(void *, size_t) __attribute__((weak));
extern void __libc_free(void *) __attribute__((weak));
extern void *__libc_memalign(size_t, size_t) __attribute__((weak));

/* operator new; not by dlsym(), which takes memory to say that there is none */
extern void *_Znwm(size_t) __attribute__((weak));

struct real real;
bool resolved;
uint32_t hello_flags, plain_mallocs;

static uint8_t arena[ARENA_BYTES] __attribute__((aligned(ALIGNMENT)));
static size_t taken;
static bool resolving;

void *arena_take(size_t bytes, size_t alignment)
{
	size_t at, end;

	if (alignment < ALIGNMENT)
		alignment = ALIGNMENT;
	if (bytes > ARENA_BYTES || alignment > ARENA_BYTES)
		return NULL;
	do {
		at = __atomic_load_n(&taken, __ATOMIC_RELAXED);
		/* its size lies before a block */
		end = ((size_t)(arena + at) + ALIGNMENT + alignment - 1) / alignment * alignment - (size_t)arena;
		if (end + bytes > ARENA_BYTES)
			return NULL;
	} while (!__atomic_compare_exchange_n(&taken, &at, (end + bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1), false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	memcpy(arena + end - sizeof(bytes), &bytes, sizeof(bytes));
	return arena + end;
}

bool of_arena(const void *at)
{
	return (uintptr_t)at - (uintptr_t)arena < ARENA_BYTES;
}

size_t arena_size(const void *at)
{
	size_t bytes;

	memcpy(&bytes, (const uint8_t *)at - sizeof(bytes), sizeof(bytes));
	return bytes;
}

static void find(void *to, const char *name)
{
	void *found = dlsym ? dlsym(RTLD_NEXT, name) : NULL;

	memcpy(to, &found, sizeof(found));
}

/* Whether what the program calls is ours: an address alone does not say so, for it may be that of a program's PLT. */
static void look_around(void)
{
	void *(*first)(size_t) = dlsym ? dlsym(NULL, "malloc") : NULL;
	void (*last)(void *) = dlsym ? dlsym(NULL, "free") : NULL;
	uint64_t operator_new = (uint64_t)(uintptr_t)_Znwm;
	uint32_t before = plain_mallocs;

	if (first && last) {
		last(first(1));
		if (plain_mallocs == before)
			hello_flags |= HELLO_OWN_MALLOC;
	}
	/* libstdc++'s calls malloc(); an allocator's own has its own way, where this library has none (hooks/operators.c) */
	if (operator_new && same_image(operator_new, (uint64_t)(uintptr_t)real.malloc))
		hello_flags |= HELLO_OWN_NEW;
}

bool resolve(void)
{
	struct real found;

	if (resolved)
		return true;
	if (__atomic_exchange_n(&resolving, true, __ATOMIC_ACQUIRE))
		return false;
	find(&found.malloc, "malloc");
	find(&found.calloc, "calloc");
	find(&found.realloc, "realloc");
	find(&found.free, "free");
	find(&found.posix_memalign, "posix_memalign");
	find(&found.aligned_alloc, "aligned_alloc");
	find(&found.memalign, "memalign");
	find(&found.valloc, "valloc");
	find(&found.pvalloc, "pvalloc");
	find(&found.dlclose, "dlclose");
	if (!found.malloc || !found.free) {
		found.malloc = __libc_malloc;
		found.calloc = __libc_calloc;
		found.realloc = __libc_realloc;
		found.free = __libc_free;
		found.memalign = __libc_memalign;
	}
	real = found;
	__atomic_store_n(&resolved, true, __ATOMIC_RELEASE);
	look_around();
	return true;
}
