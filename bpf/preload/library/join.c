// SPDX-License-Identifier: MIT
/* A process says hello to the collector at its first event, and once more as the child of a fork; a thread takes a ring. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "library.h"

#define WIPE_ON_FORK 18 /* MADV_WIPEONFORK, Linux 4.14 */
#define GET_NAME 16     /* PR_GET_NAME */
#define TRY_AGAIN (1ull << 28) /* of the CPU's counter: some tenth of a second */

extern int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *) __attribute__((weak));
extern int pthread_key_create(unsigned *, void (*)(void *)) __attribute__((weak));
extern int pthread_setspecific(unsigned, const void *) __attribute__((weak));

static struct process none;
struct process *process = &none;
struct heap_shared *shared;
enum state state;
__thread struct thread thread;

static uint64_t lives;   /* hellos so far, of the processes that this one is a copy of too */
static uint32_t number;  /* of this process, or of the one that it is a copy of */
static uint32_t forks;   /* that were said */
static uint32_t forking; /* the one that is under way; 0: none */
static unsigned exit_key;
static bool has_exit_key;

static struct heap_slot *slots(void)
{
	return (struct heap_slot *)((char *)shared + HEAP_SLOTS_AT);
}

/* ---- threads ---- */

static struct heap_slot *free_slot(uint32_t tid)
{
	for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
		uint32_t nobody = 0;

		if (__atomic_load_n(&slots()[i].tid, __ATOMIC_RELAXED) == 0 &&
		    __atomic_compare_exchange_n(&slots()[i].tid, &nobody, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &slots()[i];
	}
	return NULL;
}

/* Rings of threads that ended where no destructor ran. */
static struct heap_slot *abandoned_slot(uint32_t tid)
{
	long pid = CALL(SYS_getpid, 0, 0, 0);

	for (uint32_t i = 0; i < HEAP_SLOTS; i++) {
		uint32_t owner = __atomic_load_n(&slots()[i].tid, __ATOMIC_RELAXED);

		if (owner && CALL(SYS_tgkill, pid, owner, 0) == -ESRCH &&
		    __atomic_compare_exchange_n(&slots()[i].tid, &owner, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &slots()[i];
	}
	return NULL;
}

static bool take_slot(struct thread *self)
{
	uint32_t tid = (uint32_t)CALL(SYS_gettid, 0, 0, 0);
	struct heap_slot *slot = free_slot(tid);
	uint32_t at;

	if (!slot)
		slot = abandoned_slot(tid);
	if (!slot) {
		if (!self->without_until)
			__atomic_fetch_add(&shared->threads_without, 1, __ATOMIC_RELAXED);
		self->without_until = __builtin_ia32_rdtsc() + TRY_AGAIN;
		return false;
	}
	self->without_until = 0;
	at = (uint32_t)(slot - slots());
	CALL(SYS_prctl, GET_NAME, slot->comm, 0);
	self->slot = slot;
	self->words = (uint64_t *)((char *)shared + heap_ring_at(at));
	self->mask = heap_ring_words(at) - 1;
	self->tail = __atomic_load_n(&slot->tail, __ATOMIC_ACQUIRE);
	self->memo = memo_of(at);
	self->outer = self->pushing = 0;
	self->key = process->key ^ JOINED;
	if (has_exit_key)
		pthread_setspecific(exit_key, self);
	return true;
}

static void thread_ends(void *ended)
{
	struct thread *self = ended;

	/* after a fork its ring may be another process's */
	if (self == &thread && (self->key ^ process->key) == JOINED)
		__atomic_store_n(&self->slot->tid, 0, __ATOMIC_RELEASE);
	self->key = 0;
}

/* ---- processes ---- */

static bool map_memory(int file)
{
	long at = file < 0 ? -1 : call6(SYS_mmap, 0, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, 0);

	if (file >= 0)
		CALL(SYS_close, file, 0, 0);
	if (at < 0 && at > -4096)
		return false;
	shared = (struct heap_shared *)at;
	if (shared->version == HEAP_RING_VERSION)
		return true;
	CALL(SYS_munmap, shared, HEAP_BYTES, 0);
	shared = NULL;
	return false;
}

static bool hello(void)
{
	struct heap_ask question = { .kind = ASK_HELLO, .flags = hello_flags, .time = time_now(NULL) };
	int memory;

	if (!ask_open())
		return false;
	if (lives) {
		question.flags |= HELLO_FORKED;
		question.parent = number;
		question.fork = forking;
	}
	if (shared)
		CALL(SYS_munmap, shared, HEAP_BYTES, 0);
	shared = NULL;
	number = ask(&question, &memory);
	if (!map_memory(memory) || !number)
		return false;
	forking = forks = 0;
	if (!lives)
		images_begin();
	lives++;
	paths_renew();
	sample_open();
	return true;
}

/* A page that a child does not inherit; where the kernel cannot do that, forks are told by a handler alone. */
static bool open_process(void)
{
	static bool opening;
	long at;

	if (process != &none)
		return true;
	if (__atomic_exchange_n(&opening, true, __ATOMIC_ACQUIRE))
		return false;
	at = call6(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0 && at > -4096)
		return false;
	CALL(SYS_madvise, at, 4096, WIPE_ON_FORK);
	__atomic_store_n(&process, (struct process *)at, __ATOMIC_RELEASE);
	return true;
}

static bool join_process(void)
{
	if (!open_process() || !lock_take(&process->join_lock))
		return false;
	if (!process->key && state != STATE_OFF) {
		if (hello()) {
			state = STATE_ON;
			__atomic_store_n(&process->key, lives << 32 | number, __ATOMIC_RELEASE);
		} else {
			state = STATE_OFF;
		}
	}
	lock_give(&process->join_lock);
	return state == STATE_ON;
}

COLD struct thread *join(void)
{
	struct thread *self = &thread;
	bool joined = false;

	if (state == STATE_OFF || self->joining)
		return NULL;
	/* what this thread does is lost */
	if (self->without_until > __builtin_ia32_rdtsc() && process->key) {
		__atomic_fetch_add(&shared->lost, 1, __ATOMIC_RELAXED);
		return NULL;
	}
	self->joining = true;
	if (resolve() && join_process())
		joined = take_slot(self);
	self->joining = false;
	return joined ? self : NULL;
}

/* The collector has gone: from now on every call is the real function's. */
void switch_off(void)
{
	state = STATE_OFF;
	__atomic_store_n(&process->key, 0, __ATOMIC_RELEASE);
}

/* ---- forks ---- */

static void before_fork(void)
{
	struct thread *self = traced();

	if (!self)
		return;
	/* threads may fork at the same time: a child knows one number that is not before its own */
	forking = __atomic_add_fetch(&forks, 1, __ATOMIC_RELAXED);
	put(self, HEAP_FORKING, forking);
}

static void after_fork_in_parent(void)
{
	forking = 0;
}

static void after_fork_in_child(void)
{
	/* where the kernel did not clear it */
	memset(process, 0, sizeof(*process));
	traced();
}

static __attribute__((constructor)) void start(void)
{
	struct thread *self;

	has_exit_key = pthread_key_create && pthread_setspecific && pthread_key_create(&exit_key, thread_ends) == 0;
	if (__register_atfork)
		__register_atfork(before_fork, after_fork_in_parent, after_fork_in_child, NULL);
	/* a program that never calls malloc() says hello too */
	self = traced();
	if (self && has_exit_key)
		pthread_setspecific(exit_key, self);
}
