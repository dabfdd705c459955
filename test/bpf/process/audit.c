// SPDX-License-Identifier: MIT
/*
 * Preloaded into a real program: at each Nth call of malloc it walks the stack by user-walk.c, from a copy, and compares
 * the path with that of backtrace(3), which is libgcc's unwinder, in the same moment.
 *
 *   AUDIT_OUT    where the counts go: one line "equal N longer N shorter N different N ends N guessed N deep N reread N"
 *   AUDIT_EVERY  N, default 1
 *
 * longer: backtrace() stops where ours goes on. ends: the copy of 64 KiB ended before the path; the rest was read by
 * words. guessed: paths with a step by frame pointer. Then the paths that differ, "ours/theirs", the first few of them.
 */
#include <execinfo.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "process.h"

extern void *__libc_malloc(size_t bytes);

#define COPY_BYTES 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread int inside;
static uint64_t calls, every = 1, equal, longer, shorter, different, ends, guessed, deep, reread;
static struct process_code code;
static uint8_t copy[COPY_BYTES];
static pid_t self;
static int ready;
static char shown[16384];
static size_t nr_shown;

static void show(const char *what, const struct user_walk *walk, void *const *theirs, int nr)
{
	if (nr_shown > sizeof(shown) - 8192)
		return;
	nr_shown += (size_t)snprintf(shown + nr_shown, sizeof(shown) - nr_shown, "%s, %s:", what, walk_end_name(walk->end));
	for (unsigned i = 1; i < walk->nr || (int)i < nr; i++)
		nr_shown += (size_t)snprintf(shown + nr_shown, sizeof(shown) - nr_shown, " %" PRIx64 "/%lx", i < walk->nr ? walk->frames[i] : 0,
					     (int)i < nr ? (unsigned long)theirs[i] : 0);
	nr_shown += (size_t)snprintf(shown + nr_shown, sizeof(shown) - nr_shown, "\n");
}

static void compare(const struct user_walk *walk, void *const *theirs, int nr)
{
	unsigned common = 1, shortest = walk->nr < (unsigned)nr ? walk->nr : (unsigned)nr;

	/* frame 0 is here, at two places of this function */
	while (common < shortest && walk->frames[common] == (uint64_t)(uintptr_t)theirs[common])
		common++;
	guessed += walk->by_frame_pointer > 0;
	deep += walk->end == WALK_DEEP;
	if (common < shortest) {
		different++;
		show("different", walk, theirs, nr);
	} else if (walk->nr == (unsigned)nr) {
		equal++;
	} else if (walk->nr > (unsigned)nr) {
		longer++;
	} else {
		shorter++;
		show("shorter", walk, theirs, nr);
	}
}

static __attribute__((noinline)) void audit(void)
{
	static struct user_walk walk;
	void *theirs[MOST_USER_FRAMES];
	uint64_t pc, sp, bp;
	int nr;

	__asm__ volatile("lea 0(%%rip), %0\n\tmov %%rsp, %1\n\tmov %%rbp, %2" : "=&r"(pc), "=&r"(sp), "=&r"(bp));
	walk = (struct user_walk){ .pc = pc, .sp = sp, .bp = bp, .stack = copy, .stack_at = sp, .step = code_step, .step_context = &code };
	walk.stack_bytes = process_read(self, sp, copy, sizeof(copy));
	user_walk(&walk);
	/* a library that was loaded since; code_find() reads the mappings again, but not so often */
	if (walk.end == WALK_NO_CODE) {
		reread++;
		code_read(&code, self);
		user_walk(&walk);
	}
	if (walk.end == WALK_COPY_ENDS) {
		ends++;
		walk.read = walk_read_process;
		walk.read_context = &self;
		user_walk(&walk);
	}
	nr = backtrace(theirs, MOST_USER_FRAMES);
	compare(&walk, theirs, nr);
}

void *malloc(size_t bytes)
{
	void *given = __libc_malloc(bytes);

	if (!inside && ready) {
		inside = 1;
		if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % every == 0 && getpid() == self && pthread_mutex_trylock(&lock) == 0) {
			audit();
			pthread_mutex_unlock(&lock);
		}
		inside = 0;
	}
	return given;
}

static __attribute__((constructor)) void begin(void)
{
	void *frames[4];

	inside = 1;
	if (getenv("AUDIT_EVERY"))
		every = strtoull(getenv("AUDIT_EVERY"), NULL, 10);
	self = getpid();
	/* loads libgcc */
	backtrace(frames, 4);
	code_read(&code, self);
	ready = 1;
	inside = 0;
}

static __attribute__((destructor)) void end(void)
{
	const char *path = getenv("AUDIT_OUT");
	FILE *out;

	inside = 1;
	if (!path || getpid() != self || !(out = fopen(path, "ae")))
		return;
	fprintf(out, "equal %" PRIu64 " longer %" PRIu64 " shorter %" PRIu64 " different %" PRIu64 " ends %" PRIu64 " guessed %" PRIu64 " deep %" PRIu64
		     " reread %" PRIu64 "\n%s",
		equal, longer, shorter, different, ends, guessed, deep, reread, shown);
	fclose(out);
}
