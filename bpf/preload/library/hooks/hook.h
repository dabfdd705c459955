/* SPDX-License-Identifier: MIT */
/* What all hooks are made of. Compiled with frame pointers: the caller's registers are read from the hook's frame. */
#ifndef HOOK_H
#define HOOK_H

#include "library.h"

enum { HEAP_FREE = 22, HEAP_FREE_UNLESS = 30, HEAP_UNDO = 31 };

#define EXPORT __attribute__((visibility("default")))
#define MOST_INNER 65536
#define FRAME ((uint64_t)(uintptr_t)__builtin_frame_address(0))

static COLD bool is_inner(struct thread *self, uint64_t frame)
{
	/* one that was left on another stack would hold for ever */
	if (self->inner++ < MOST_INNER && mark_holds(self, self->outer, frame))
		return !interrupts_hook(self, frame);
	self->inner = 0;
	self->outer = 0;
	return false;
}

/* The traced thread, if this call is an outermost one. */
static inline struct thread *begin(uint64_t frame)
{
	struct thread *self = traced();

	if (unlikely(!self) || (unlikely(self->outer) && is_inner(self, frame)))
		return NULL;
	return self;
}

/* A call of a real function. What it calls itself is not recorded. */
#define REAL(self, call) \
	({ \
		volatile uint64_t mark; \
		__typeof__(call) given; \
\
		mark_set(&mark, &(self)->outer); \
		given = call; \
		mark_clear(&mark, &(self)->outer); \
		given; \
	})

static inline void *end_alloc(struct thread *self, uint64_t frame, void *at, uint64_t bytes)
{
	self->last_alloc = (uint64_t)(uintptr_t)at;
	if (unlikely(sampling)) {
		if (!sample_takes(self, bytes))
			return at;
		sample_add((uint64_t)(uintptr_t)at);
	}
	put_alloc(self, frame, at, bytes);
	return at;
}

static inline void put_free(struct thread *self, uint8_t kind, void *at)
{
	if (likely(!sampling) || sample_remove((uint64_t)(uintptr_t)at))
		put(self, kind, (uint64_t)(uintptr_t)at);
}

#endif
