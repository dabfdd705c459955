/* SPDX-License-Identifier: MIT */
/*
 * The library that is preloaded into programs whose heap is traced. It runs within malloc(): it never calls malloc()
 * itself, nor anything of the C library that might, but while it looks for the next malloc() and when threads end.
 * A signal handler may interrupt it anywhere and call malloc() too; it may also leave it by longjmp().
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "heap-ring.h"
#include "syscalls.h"
#include "unwind.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((noinline, cold))

#define MOST_FRAMES 127
#define REGIONS 4

/* Memory that can be read, with a stack in it. */
struct region {
	uint64_t start, end;
};

/* A frame of a walk that is under way, and what its step to the caller took. */
struct frame_up {
	uint64_t key, sp, bp;
	uint64_t cfa;       /* the return address was read below it, if `read` */
	uint64_t cfa_at;    /* where the CFA was read; 0: it was not */
	uint64_t bp_at;     /* where the caller's bp was read; 0: it was not */
	bool uses_bp, keeps_bp, read;
};

struct memo_frame {
	uint64_t key;       /* address, HEAP_INTERRUPTED */
	uint64_t sp, bp;
	uint64_t hash;      /* of the path from the root to it */
	uint32_t place;     /* of that path; 0: not known */
	uint16_t checks;    /* so many words decide what lies between it and the root */
	bool needs_bp;      /* its bp does so too */
};

#define LATE_RECORDS 256

/* What a thread has beside its ring: its last walk, from the root on, and records that wait. */
struct memo {
	uint64_t seed;      /* path_seed; another: it is void */
	uint64_t highest;   /* of the addresses */
	unsigned nr;
	bool unlike;        /* the walk that is under way has passed a signal handler: it is not kept */
	struct memo_frame frames[MOST_FRAMES];
	uint64_t addresses[3 * MOST_FRAMES], values[3 * MOST_FRAMES];
	struct frame_up up[MOST_FRAMES];
	/* of signal handlers that interrupted a record; word 0 is written last */
	uint32_t nr_late;
	uint64_t late[LATE_RECORDS][3];
};

struct thread {
	uint64_t key;       /* process->key ^ JOINED, if it has a ring of this process */
	uint64_t *words;
	uint64_t mask;
	struct heap_slot *slot;
	uint64_t tail;      /* as it was seen last */
	uint64_t outer;     /* the mark of the outermost hook that is in the real function; 0: none */
	uint64_t pushing;   /* the mark of a record that is being written; 0: none */
	uint32_t inner;     /* calls that were taken for inner ones, one after the other */
	uint64_t last_alloc;
	int64_t until_sample; /* bytes */
	uint64_t random;
	uint64_t walks;     /* begun so far */
	struct memo *memo;
	uint64_t without_until; /* there was no ring left for it, CPU's counter; 0: it has one, or never wanted one */
	bool joining;
	unsigned next_region;
	struct region regions[REGIONS];
};

#define JOINED 0x6a6f696e65642e2eull

/* Of one process: a page that the kernel clears in the child of a fork, however it forks. */
struct process {
	uint64_t key;       /* changes with each life; 0: it has not said hello */
	uint64_t join_lock, sample_lock; /* by the thread that has it */
};

enum state { STATE_NEW, STATE_ON, STATE_OFF };

extern __thread struct thread thread __attribute__((tls_model("initial-exec")));
extern struct process *process;
extern struct heap_shared *shared; /* of this life; NULL: there is none */
extern enum state state;

/* ---- locks: false if this thread has it already, in what a signal handler interrupted, or another has left it so ---- */

#define MOST_YIELDS 1000000

static inline bool lock_take(uint64_t *lock)
{
	uint64_t self = (uint64_t)(uintptr_t)&thread;

	for (unsigned yields = 0; yields < MOST_YIELDS; yields++) {
		uint64_t free = 0;

		if (__atomic_compare_exchange_n(lock, &free, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
		if (free == self)
			return false;
		CALL(SYS_sched_yield, 0, 0, 0);
	}
	return false;
}

static inline void lock_give(uint64_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* ---- resolve.c: the functions that come after ours ---- */

struct real {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	void *(*memalign)(size_t, size_t);
	void *(*valloc)(size_t);
	void *(*pvalloc)(size_t);
	int (*dlclose)(void *);
};

extern struct real real;
extern bool resolved;
extern uint32_t hello_flags;
extern uint32_t plain_mallocs; /* that were not recorded */
/* False: it is just being done, and memory is of the arena. */
bool resolve(void);
void *arena_take(size_t bytes, size_t alignment);
bool of_arena(const void *at);
size_t arena_size(const void *at);

/* ---- join.c: hello, threads, forks ---- */

/* The thread with a ring; NULL: it is not traced, or not now. */
struct thread *join(void);
void switch_off(void);

static inline struct thread *traced(void)
{
	if (likely((thread.key ^ __atomic_load_n(&process->key, __ATOMIC_RELAXED)) == JOINED))
		return &thread;
	return join();
}

/* ---- ask.c: words with the collector ---- */

/* Reads the environment; false: there is no collector in it. */
bool ask_open(void);
/* Number of the process; 0: no answer, or it is not traced. *memory: the descriptor that came, -1: none. */
uint32_t ask(struct heap_ask *ask, int *memory);
/* False: nobody listens any more. */
bool ask_is_heard(void);

/* ---- marks: words on the stack that say that their function has not been left, by longjmp() or otherwise ---- */

#define MARK 0x6d61726b6d61726bull

static inline void mark_set(volatile uint64_t *mark, uint64_t *where)
{
	*mark = MARK ^ (uint64_t)(uintptr_t)mark;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	*(volatile uint64_t *)where = (uint64_t)(uintptr_t)mark;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void mark_clear(volatile uint64_t *mark, uint64_t *where)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	*(volatile uint64_t *)where = 0;
	*mark = 0;
}

/* ---- ring.c ---- */

void put_alloc(struct thread *self, uint64_t frame, const void *at, uint64_t bytes);
void put(struct thread *self, uint8_t kind, uint64_t address);
uint64_t time_now(uint32_t *cpu);

/* ---- walk.c: the call path ---- */

/* True: the function that has set a mark is a caller of the one with this frame, or was interrupted by it. */
bool mark_holds(struct thread *self, uint64_t mark, uint64_t frame);
bool interrupts_hook(struct thread *self, uint64_t frame);
/* The place of the path from the frame of a hook on; 0: it found no room. */
uint32_t call_path(struct thread *self, uint64_t frame);
struct memo *memo_of(uint32_t slot);

/* ---- steps.c ---- */

/* By an address behind a call; with HEAP_INTERRUPTED by that of the next instruction. */
uint64_t step_of(uint64_t key);
/* Steps of code that is gone are forgotten. */
void steps_purge(void);

/* ---- rows.c ---- */

/* enum unwind_kind, and what is no code */
#define STEP_NO_CODE 8

/* A step in one word: kind 4 bits, bp kind 2, interrupts 1, plt_from 4, cfa 25, bp_offset 28. */
static inline uint64_t step_pack(const struct unwind_step *step)
{
	return step->kind | (uint64_t)step->bp << 4 | (uint64_t)step->interrupts << 6 | (uint64_t)step->plt_from << 7 |
	       ((uint64_t)step->cfa & 0x1ffffff) << 11 | (uint64_t)step->bp_offset << 36;
}

static inline int64_t step_cfa(uint64_t step)
{
	return (int64_t)(step << 28) >> 39;
}

static inline int64_t step_bp_offset(uint64_t step)
{
	return (int64_t)step >> 36;
}

/* The step of an instruction. */
uint64_t step_at(uint64_t pc);

/* ---- images.c ---- */

struct found_image {
	uint64_t pc, start, end;
	const uint8_t *header; /* .eh_frame_hdr; NULL: it has none */
	bool executable;       /* pc lies in code */
};

/* The image in which an address lies. */
bool find_image(uint64_t pc, struct found_image *image);
bool is_image(uint64_t pc);
bool same_image(uint64_t pc, uint64_t other);
/* What is loaded when a program says hello is read with the answer; this tells of one that was loaded since. */
void images_begin(void);
void announce(uint64_t start);
/* Before libraries are unloaded, and after. */
void images_before_unload(void);
void images_after_unload(void);

/* ---- maps.c ---- */

struct found_map {
	uint64_t start, end;
	bool readable, executable, stack;
};

/* The mapping that holds an address, by /proc/self/maps; false: none, or it cannot be read now. */
bool maps_find(uint64_t address, struct found_map *found);

/* ---- paths.c ---- */

/* The place of a path, whose root comes first here; 0: there is no room. */
uint32_t path_intern(const struct memo_frame *frames, unsigned nr, uint64_t hash);
/* Known paths hold no more: another life, or other code at known addresses. */
void paths_renew(void);
extern uint64_t path_seed;

/* ---- sample.c ---- */

/* True: the block is in the sample. */
bool sample_takes(struct thread *self, uint64_t bytes);
void sample_add(uint64_t address);
/* True: the block was in the sample, and is forgotten. */
bool sample_remove(uint64_t address);
void sample_open(void);
extern bool sampling;

/* ---- audit.c ---- */

void audit(const struct memo_frame *frames, unsigned nr);

#endif
