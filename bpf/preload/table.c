// SPDX-License-Identifier: MIT
/* The processes that have said hello, and the memory that each shares with us. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "preload.h"

struct traced *traced_first;
struct preload_counts counted;

static uint32_t last_number;

/* Sealed: a process that cut it would kill us at the next read. */
static int new_memory(void)
{
	int file = memfd_create("unfreed-heap", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (file >= 0 && ftruncate(file, (off_t)HEAP_BYTES) == 0 && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

static void *mapped(size_t bytes, int flags, int file)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, file, 0);

	return at == MAP_FAILED ? NULL : at;
}

static void release(struct traced *traced)
{
	if (traced->shared)
		munmap(traced->shared, HEAP_BYTES);
	if (traced->stacks)
		munmap(traced->stacks, HEAP_PATH_WORDS * sizeof(*traced->stacks));
	if (traced->life >= 0)
		close(traced->life);
	free(traced);
}

struct traced *traced_new(pid_t pid, const struct preload_options *options, int *memory)
{
	struct traced *traced = calloc(1, sizeof(*traced));

	*memory = new_memory();
	if (!traced || *memory < 0)
		goto failed;
	traced->life = (int)syscall(SYS_pidfd_open, pid, 0);
	traced->shared = mapped(HEAP_BYTES, MAP_SHARED, *memory);
	traced->stacks = mapped(HEAP_PATH_WORDS * sizeof(*traced->stacks), MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (!traced->shared || !traced->stacks)
		goto failed;
	traced->number = ++last_number;
	traced->pid = pid;
	traced->sample_bytes = options->sample_bytes;
	*traced->shared = (struct heap_shared){
		.version = HEAP_RING_VERSION,
		.flags = (record_clock_is_tsc() ? 0 : HEAP_NO_TSC) | (options->may_lose ? HEAP_MAY_LOSE : 0) | (options->audit ? HEAP_AUDIT : 0),
		.time_base = record_clock_base(), .sample_bytes = options->sample_bytes,
		.sample_seed = monotonic_ns() * 0x9e3779b97f4a7c15ull, .path_words = 1,
	};
	traced->next = traced_first;
	traced_first = traced;
	counted.processes++;
	return traced;
failed:
	if (traced)
		release(traced);
	if (*memory >= 0)
		close(*memory);
	*memory = -1;
	return NULL;
}

struct traced *traced_numbered(uint32_t number)
{
	struct traced *traced = traced_first;

	while (traced && traced->number != number)
		traced = traced->next;
	return traced;
}

struct traced *traced_of(const struct space *space)
{
	struct traced *traced = traced_first;

	while (traced && traced->space != space)
		traced = traced->next;
	return traced;
}

struct heap_slot *traced_slots(const struct traced *traced)
{
	return (struct heap_slot *)((char *)traced->shared + HEAP_SLOTS_AT);
}

void traced_count(const struct traced *traced, struct preload_counts *counts)
{
	const struct heap_shared *shared = traced->shared;

	counts->lost += shared->lost;
	counts->paths_lost += shared->paths_lost;
	counts->threads_without += shared->threads_without;
	counts->waits += shared->waits;
	counts->guessed += shared->no_row;
	counts->audited += shared->audited;
	counts->audit_longer += shared->audit_longer;
	counts->audit_different += shared->audit_different;
}

void traced_end(struct traced *traced)
{
	struct traced **at = &traced_first;

	while (*at && *at != traced)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = traced->next;
	__atomic_store_n(&traced->shared->off, 1, __ATOMIC_RELAXED);
	traced_count(traced, &counted);
	release(traced);
}

void traced_names(struct traced *traced)
{
	for (uint32_t i = 0; i < traced->nr_slots; i++) {
		char name[64];
		int file;
		ssize_t nr;

		if (!traced->tids[i])
			continue;
		/* as the thread itself numbers it: in another PID namespace it is not found, and keeps the name that it began with */
		snprintf(name, sizeof(name), "/proc/%d/task/%u/comm", traced->pid, traced->tids[i]);
		file = open(name, O_RDONLY | O_CLOEXEC);
		nr = file < 0 ? -1 : read(file, name, sizeof(name) - 1);
		if (file >= 0)
			close(file);
		if (nr <= 0)
			continue;
		name[name[nr - 1] == '\n' ? nr - 1 : nr] = 0;
		traced->comms[i] = space_comm(traced->space, name);
	}
}
