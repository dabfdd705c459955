// SPDX-License-Identifier: MIT
/*
 * The functions that the program calls in place of its allocator's. A free is written before the real one, an alloc
 * after it: so two threads that free and get one address are written in their true order. Of calls within calls (an
 * allocator whose calloc() calls malloc()) the outermost counts.
 *
 * Compiled with frame pointers: the caller's registers are read from the frame.
 */
#include <errno.h>
#include <string.h>
#include "hook.h"

EXPORT void *malloc(size_t bytes)
{
	struct thread *self = begin(FRAME);

	if (likely(self != NULL))
		return end_alloc(self, FRAME, REAL(self, real.malloc(bytes)), bytes);
	plain_mallocs++;
	return resolve() ? real.malloc(bytes) : arena_take(bytes, 0);
}

EXPORT void free(void *at)
{
	struct thread *self;

	if (unlikely(!at) || unlikely(of_arena(at)))
		return;
	self = begin(FRAME);
	if (likely(self != NULL)) {
		put_free(self, HEAP_FREE, at);
		REAL(self, (real.free(at), 0));
	} else if (resolve()) {
		real.free(at);
	}
}

/* Old programs call it; a C library may not have it any more. */
EXPORT void cfree(void *at) __attribute__((alias("free"), copy(free)));

static uint64_t product(size_t nr, size_t bytes)
{
	size_t all;

	return __builtin_mul_overflow(nr, bytes, &all) ? UINT64_MAX : all;
}

EXPORT void *calloc(size_t nr, size_t bytes)
{
	struct thread *self = begin(FRAME);
	uint64_t all = product(nr, bytes);

	if (likely(self != NULL))
		return end_alloc(self, FRAME, REAL(self, real.calloc(nr, bytes)), all);
	if (resolve())
		return real.calloc(nr, bytes);
	/* the arena is used once: it is clear */
	return all == UINT64_MAX ? NULL : arena_take(all, 0);
}

static void *leave_arena(void *at, size_t bytes)
{
	size_t had = arena_size(at);
	void *now = resolve() ? real.malloc(bytes) : arena_take(bytes, 0);

	if (now)
		memcpy(now, at, had < bytes ? had : bytes);
	return now;
}

/* `frame`: of the hook. The block is free as soon as the real function is called: it may be another thread's before it returns. */
static inline __attribute__((always_inline)) void *reallocate(uint64_t frame, void *at, size_t bytes)
{
	struct thread *self;
	bool wrote = false;
	void *now;

	if (unlikely(of_arena(at)))
		return leave_arena(at, bytes);
	self = begin(frame);
	if (unlikely(!self))
		return resolve() ? real.realloc(at, bytes) : arena_take(bytes, 0);
	if (at && (!sampling || (wrote = sample_remove((uint64_t)(uintptr_t)at))))
		put(self, HEAP_FREE_UNLESS, (uint64_t)(uintptr_t)at);
	now = REAL(self, real.realloc(at, bytes));
	/* realloc(at, 0) has freed the block where it gives none */
	if (now || !at)
		return end_alloc(self, frame, now, bytes);
	if (bytes && (!sampling || wrote)) {
		if (sampling)
			sample_add((uint64_t)(uintptr_t)at);
		put(self, HEAP_UNDO, (uint64_t)(uintptr_t)at);
	}
	return NULL;
}

EXPORT void *realloc(void *at, size_t bytes)
{
	return reallocate(FRAME, at, bytes);
}

EXPORT void *reallocarray(void *at, size_t nr, size_t bytes)
{
	uint64_t all = product(nr, bytes);

	if (all != UINT64_MAX)
		return reallocate(FRAME, at, all);
	errno = ENOMEM;
	return NULL;
}

EXPORT int posix_memalign(void **at, size_t alignment, size_t bytes)
{
	struct thread *self = begin(FRAME);
	int error;

	if (unlikely(!self)) {
		if (resolve() && real.posix_memalign)
			return real.posix_memalign(at, alignment, bytes);
		*at = arena_take(bytes, alignment);
		return *at ? 0 : ENOMEM;
	}
	error = REAL(self, real.posix_memalign(at, alignment, bytes));
	/* of a failed one *at is anything; an alignment that is none is no failed alloc */
	if (error != EINVAL)
		end_alloc(self, FRAME, error ? NULL : *at, bytes);
	return error;
}

#define ALIGNED(name) \
	EXPORT void *name(size_t alignment, size_t bytes) \
	{ \
		struct thread *self = begin(FRAME); \
 \
		if (likely(self != NULL)) \
			return end_alloc(self, FRAME, REAL(self, real.name(alignment, bytes)), bytes); \
		return resolve() ? real.name(alignment, bytes) : arena_take(bytes, alignment); \
	}

ALIGNED(aligned_alloc)
ALIGNED(memalign)

#define WHOLE_PAGES(name) \
	EXPORT void *name(size_t bytes) \
	{ \
		struct thread *self = begin(FRAME); \
 \
		if (likely(self != NULL)) \
			return end_alloc(self, FRAME, REAL(self, real.name(bytes)), bytes); \
		return resolve() ? real.name(bytes) : arena_take(bytes, 4096); \
	}

WHOLE_PAGES(valloc)
WHOLE_PAGES(pvalloc)

/* What is unloaded cannot be named any more: all that was recorded is read before. */
EXPORT int dlclose(void *library)
{
	int error;

	if (!resolve() || !real.dlclose)
		return -1;
	if (!traced())
		return real.dlclose(library);
	images_before_unload();
	error = real.dlclose(library);
	images_after_unload();
	return error;
}
