// SPDX-License-Identifier: MIT
/* Compares a path with that of backtrace(3), which is libgcc's unwinder, in the same moment. For tests. */
#include "library.h"

#define MOST_THEIRS (MOST_FRAMES + 16)

extern int backtrace(void **, int) __attribute__((weak));

static void put_hex(char **at, uint64_t value)
{
	for (int shift = 44; shift >= 0; shift -= 4)
		*(*at)++ = "0123456789abcdef"[value >> shift & 15];
}

static void show(const struct memo_frame *frames, unsigned nr, void *const *theirs, unsigned nr_theirs)
{
	char *at = shared->different;

	if (*at)
		return;
	for (unsigned i = 0; i < 36 && (i < nr || i < nr_theirs); i++) {
		put_hex(&at, i < nr ? frames[nr - 1 - i].key : 0);
		*at++ = '/';
		put_hex(&at, i < nr_theirs ? (uint64_t)(uintptr_t)theirs[i] : 0);
		*at++ = ' ';
	}
}

void audit(const struct memo_frame *frames, unsigned nr)
{
	void *theirs[MOST_THEIRS];
	struct thread *self = &thread;
	unsigned nr_theirs, from = 0, same = 0;

	if (!backtrace || !nr || self->joining)
		return;
	/* it loads libgcc, with memory that is not recorded */
	self->joining = true;
	self->key = 0;
	nr_theirs = (unsigned)backtrace(theirs, MOST_THEIRS);
	self->key = process->key ^ JOINED;
	self->joining = false;
	while (from < nr_theirs && (uint64_t)(uintptr_t)theirs[from] != (frames[nr - 1].key & ~HEAP_INTERRUPTED))
		from++;
	while (same < nr && from + same < nr_theirs && (uint64_t)(uintptr_t)theirs[from + same] == (frames[nr - 1 - same].key & ~HEAP_INTERRUPTED))
		same++;
	__atomic_fetch_add(&shared->audited, 1, __ATOMIC_RELAXED);
	if (same == nr && (from + same == nr_theirs || nr == MOST_FRAMES))
		return;
	if (same == nr_theirs - from && same < nr) {
		__atomic_fetch_add(&shared->audit_longer, 1, __ATOMIC_RELAXED);
		return;
	}
	__atomic_fetch_add(&shared->audit_different, 1, __ATOMIC_RELAXED);
	show(frames, nr, theirs + from, nr_theirs - from);
}
