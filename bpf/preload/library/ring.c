// SPDX-License-Identifier: MIT
/*
 * Records into the ring of a thread. A signal handler that interrupts this writes its records in between: the words lie
 * in the ring before `head` says so, and whoever finds `head` moved writes again. Nothing of a record is seen before all of it.
 */
#include <time.h>
#include "library.h"

#define HEAP_ALLOC 6
#define ROOM_PAUSE_NS 100000
/* A collector that lives lets `beats` grow at least each second. */
#define PAUSES_WITHOUT_BEAT 200000

#pragma weak clock_gettime

/* Ordered behind all that this thread has read: who frees what another thread took comes later than it. */
uint64_t time_now(uint32_t *cpu)
{
	struct timespec now;
	uint32_t where = 0;
	uint64_t tsc;

	if (unlikely(shared && shared->flags & HEAP_NO_TSC) && clock_gettime) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		tsc = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	} else {
		tsc = __builtin_ia32_rdtscp(&where);
	}
	/* the kernel keeps the CPU's number in the low 12 bits */
	if (cpu)
		*cpu = where & 0xfff;
	return tsc;
}

static COLD bool make_room(struct thread *self, uint64_t head, unsigned words)
{
	uint32_t beats = shared->beats;

	for (unsigned pauses = 0;; pauses++) {
		self->tail = __atomic_load_n(&self->slot->tail, __ATOMIC_ACQUIRE);
		if (head + words - self->tail <= self->mask + 1)
			return true;
		if (shared->flags & HEAP_MAY_LOSE || __atomic_load_n(&shared->off, __ATOMIC_RELAXED) || pauses == PAUSES_WITHOUT_BEAT)
			break;
		if (shared->beats != beats) {
			beats = shared->beats;
			pauses = 0;
		}
		if (pauses == 0)
			__atomic_fetch_add(&shared->waits, 1, __ATOMIC_RELAXED);
		sleep_ns(ROOM_PAUSE_NS);
	}
	__atomic_fetch_add(&shared->lost, 1, __ATOMIC_RELAXED);
	if (!(shared->flags & HEAP_MAY_LOSE))
		state = STATE_OFF;
	return false;
}

/* Of this thread alone: no lock, but one instruction. */
static inline bool advance(uint64_t *head, uint64_t from, uint64_t to)
{
	bool done;

	__asm__ volatile("cmpxchg %3, %1" : "=@ccz"(done), "+m"(*head), "+a"(from) : "r"(to) : "memory");
	return done;
}

static inline void push(struct thread *self, uint64_t first, uint64_t second, uint64_t third, unsigned words)
{
	uint64_t *head = &self->slot->head, at;

	do {
		at = __atomic_load_n(head, __ATOMIC_RELAXED);
		if (unlikely(at + words - self->tail > self->mask + 1) && !make_room(self, at, words))
			return;
		__atomic_store_n(&self->words[at & self->mask], first, __ATOMIC_RELAXED);
		__atomic_store_n(&self->words[(at + 1) & self->mask], second, __ATOMIC_RELAXED);
		if (words == 3)
			__atomic_store_n(&self->words[(at + 2) & self->mask], third, __ATOMIC_RELAXED);
	} while (unlikely(!advance(head, at, at + words)));
}

void put(struct thread *self, uint8_t kind, uint64_t address)
{
	push(self, (time_now(NULL) - shared->time_base) << 8 | kind, address, 0, 2);
}

void put_alloc(struct thread *self, uint64_t frame, const void *at, uint64_t bytes)
{
	uint64_t address = (uint64_t)(uintptr_t)at, path = call_path(self, frame), time;
	uint32_t cpu;

	if (bytes > HEAP_SIZE_MOST)
		bytes = HEAP_SIZE_MOST;
	time = time_now(&cpu) - shared->time_base;
	push(self, time << 8 | HEAP_ALLOC, (path & 0xffff) << HEAP_ADDRESS_BITS | address,
	     (uint64_t)cpu << 48 | path >> 16 << HEAP_SIZE_BITS | bytes, 3);
}
