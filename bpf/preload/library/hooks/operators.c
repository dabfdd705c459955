// SPDX-License-Identifier: MIT
/*
 * operator new and delete of allocators that do not call malloc() for them (jemalloc, tcmalloc, mimalloc): of
 * unfreed-heap-new.so alone. What libstdc++'s call is seen by the hook of malloc(), and is not recorded here.
 *
 * The real new may throw, and leave its hook so: no mark is set around it.
 */
#include <malloc.h>
#include <stdlib.h>
#include "hook.h"

#define RTLD_NEXT ((void *)-1l)

extern void *dlsym(void *, const char *) __attribute__((weak));

typedef void *any_new(uint64_t, uint64_t, uint64_t);
typedef void any_delete(void *, uint64_t, uint64_t);

struct operator {
	void *real;
	bool own; /* of the allocator, and does not call malloc() */
};

/* The next one; without one, as in a program of C that loads a library of C++: what libstdc++'s would call. */
static COLD void find(struct operator *operator, const char *name, void *otherwise)
{
	void *found = dlsym ? dlsym(RTLD_NEXT, name) : NULL;

	operator->own = found && resolve() && same_image((uint64_t)(uintptr_t)found, (uint64_t)(uintptr_t)real.malloc);
	__atomic_store_n(&operator->real, found ? found : otherwise, __ATOMIC_RELEASE);
}

static void *plain_new(uint64_t bytes, uint64_t second, uint64_t third)
{
	void *at = malloc(bytes ? bytes : 1);

	(void)second;
	(void)third;
	/* there is nobody who could throw */
	if (!at)
		__builtin_trap();
	return at;
}

/* An alignment is the second argument. */
static void *plain_new_aligned(uint64_t bytes, uint64_t alignment, uint64_t third)
{
	void *at = memalign(alignment, bytes ? bytes : 1);

	(void)third;
	if (!at)
		__builtin_trap();
	return at;
}

static void plain_delete(void *at, uint64_t second, uint64_t third)
{
	(void)second;
	(void)third;
	free(at);
}

/* The arguments of each are these or fewer, in registers. */
#define NEW(name, plain) \
	EXPORT void *name(uint64_t bytes, uint64_t second, uint64_t third) \
	{ \
		static struct operator next; \
		struct thread *self; \
		void *at; \
\
		if (unlikely(!__atomic_load_n(&next.real, __ATOMIC_ACQUIRE))) \
			find(&next, #name, (void *)plain); \
		thread.last_alloc = 0; \
		at = ((any_new *)next.real)(bytes, second, third); \
		/* some have a function of malloc's kin do it */ \
		self = next.own && thread.last_alloc != (uint64_t)(uintptr_t)at ? begin(FRAME) : NULL; \
		return self ? end_alloc(self, FRAME, at, bytes) : at; \
	}

#define DELETE(name) \
	EXPORT void name(void *at, uint64_t second, uint64_t third) \
	{ \
		static struct operator next; \
		struct thread *self; \
\
		if (unlikely(!__atomic_load_n(&next.real, __ATOMIC_ACQUIRE))) \
			find(&next, #name, (void *)plain_delete); \
		self = at && next.own ? begin(FRAME) : NULL; \
		if (likely(self != NULL)) { \
			put_free(self, HEAP_FREE, at); \
			REAL(self, (((any_delete *)next.real)(at, second, third), 0)); \
		} else { \
			((any_delete *)next.real)(at, second, third); \
		} \
	}

/* new, new[]; without exceptions; with an alignment; both */
NEW(_Znwm, plain_new)
NEW(_Znam, plain_new)
NEW(_ZnwmRKSt9nothrow_t, plain_new)
NEW(_ZnamRKSt9nothrow_t, plain_new)
NEW(_ZnwmSt11align_val_t, plain_new_aligned)
NEW(_ZnamSt11align_val_t, plain_new_aligned)
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, plain_new_aligned)
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, plain_new_aligned)

/* delete, delete[]; with the size; and as above */
DELETE(_ZdlPv)
DELETE(_ZdaPv)
DELETE(_ZdlPvm)
DELETE(_ZdaPvm)
DELETE(_ZdlPvRKSt9nothrow_t)
DELETE(_ZdaPvRKSt9nothrow_t)
DELETE(_ZdlPvSt11align_val_t)
DELETE(_ZdaPvSt11align_val_t)
DELETE(_ZdlPvmSt11align_val_t)
DELETE(_ZdaPvmSt11align_val_t)
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t)
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t)
