// SPDX-License-Identifier: MIT
/*
 * Records into the ring of a thread, which is seen when `head` says so. A signal handler that interrupts this leaves its
 * records in a list; who was interrupted writes them behind its own. If a handler has left this by longjmp(), nothing
 * of the record was seen.
 */
#include <time.h>
#include "library.h"

#define HEAP_ALLOC 6
#define ROOM_PAUSE_NS 100000
/* Without a beat for so long, some half a second, it is asked whether the collector is there; some minute: whatever it is. */
#define PAUSES_TO_ASK 3000
#define MOST_PAUSES 400000

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
		if (shared->flags & HEAP_MAY_LOSE)
			break;
		if (__atomic_load_n(&shared->beats, __ATOMIC_RELAXED) != beats) {
			beats = shared->beats;
			pauses = 0;
		}
		if (__atomic_load_n(&shared->off, __ATOMIC_RELAXED) || pauses == MOST_PAUSES ||
		    (pauses % PAUSES_TO_ASK == PAUSES_TO_ASK - 1 && !ask_is_heard())) {
			switch_off();
			break;
		}
		if (pauses == 0)
			__atomic_fetch_add(&shared->waits, 1, __ATOMIC_RELAXED);
		sleep_ns(ROOM_PAUSE_NS);
	}
	__atomic_fetch_add(&shared->lost, 1, __ATOMIC_RELAXED);
	return false;
}

static inline void write_words(struct thread *self, uint64_t first, uint64_t second, uint64_t third, unsigned words)
{
	uint64_t at;

	/* while this waits, handlers may write */
	while (at = __atomic_load_n(&self->slot->head, __ATOMIC_RELAXED), unlikely(at + words - self->tail > self->mask + 1)) {
		if (!make_room(self, at, words))
			return;
	}
	__atomic_store_n(&self->words[at & self->mask], first, __ATOMIC_RELAXED);
	__atomic_store_n(&self->words[(at + 1) & self->mask], second, __ATOMIC_RELAXED);
	if (words == 3)
		__atomic_store_n(&self->words[(at + 2) & self->mask], third, __ATOMIC_RELAXED);
	__atomic_store_n(&self->slot->head, at + words, __ATOMIC_RELEASE);
}

/* One instruction: a handler that interrupts it comes before or after. */
static inline uint32_t next_late(struct memo *memo)
{
	uint32_t one = 1;

	__asm__ volatile("xaddl %0, %1" : "+r"(one), "+m"(memo->nr_late) : : "memory");
	return one;
}

/* False: a handler has left one more. */
static inline bool empty_late(struct memo *memo, uint32_t nr)
{
	uint32_t none = 0;
	bool done;

	__asm__ volatile("cmpxchgl %3, %1" : "=@ccz"(done), "+m"(memo->nr_late), "+a"(nr) : "r"(none) : "memory");
	return done;
}

static COLD void write_late(struct thread *self)
{
	struct memo *memo = self->memo;
	uint32_t i = 0;

	do {
		for (; i < __atomic_load_n(&memo->nr_late, __ATOMIC_RELAXED); i++) {
			uint64_t *late = memo->late[i % LATE_RECORDS];

			/* 0: its handler has left it */
			if (late[0])
				write_words(self, late[0], late[1], late[2], heap_record_words((uint8_t)late[0]));
			late[0] = 0;
		}
	} while (!empty_late(memo, i));
}

/* False: there are too many, so that it is no handler that they come from, but an outer record that was left. */
static COLD bool keep_for_later(struct thread *self, uint64_t first, uint64_t second, uint64_t third)
{
	uint32_t at = next_late(self->memo);
	uint64_t *late = self->memo->late[at];

	if (at >= LATE_RECORDS)
		return false;
	late[1] = second;
	late[2] = third;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	late[0] = first;
	return true;
}

static inline __attribute__((always_inline)) void push(struct thread *self, uint64_t first, uint64_t second, uint64_t third, unsigned words)
{
	volatile uint64_t mark;

	if (unlikely(self->pushing != 0) && mark_holds(self, self->pushing, (uint64_t)(uintptr_t)&mark) &&
	    keep_for_later(self, first, second, third))
		return;
	mark_set(&mark, &self->pushing);
	/* of one that was left */
	if (unlikely(self->memo->nr_late))
		write_late(self);
	write_words(self, first, second, third, words);
	do {
		if (unlikely(__atomic_load_n(&self->memo->nr_late, __ATOMIC_RELAXED)))
			write_late(self);
		mark_clear(&mark, &self->pushing);
		/* a handler may have come before the mark was cleared */
	} while (unlikely(__atomic_load_n(&self->memo->nr_late, __ATOMIC_RELAXED)) && (mark_set(&mark, &self->pushing), true));
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
