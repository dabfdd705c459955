// SPDX-License-Identifier: MIT
/* From the records of the programs' ring to events of the stream, in their order. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "heap.h"

#define STEP_BYTES (64u << 10)

/* ---- threads ---- */

struct thread {
	uint32_t comm;    /* id of its name, 0: not known */
	uint32_t pending; /* id of the path that its next alloc waits for */
};

#define CHUNK 1024
#define MOST_TIDS (1u << 22) /* PID_MAX_LIMIT */

static struct thread *chunks[MOST_TIDS / CHUNK];

static struct thread *thread_of(uint32_t tid)
{
	static struct thread nobody;
	struct thread **chunk = &chunks[tid % MOST_TIDS / CHUNK];

	if (!*chunk)
		*chunk = calloc(CHUNK, sizeof(**chunk));
	return *chunk ? *chunk + tid % CHUNK : &nobody;
}

/* ---- records ---- */

static uint64_t events;

uint64_t heap_events(void)
{
	return events;
}

static void take_alloc(struct space *space, const struct heap_alloc *record)
{
	struct thread *thread = thread_of(record->tid);
	uint32_t stack = record->path == HEAP_PATH_FROM_COPY ? thread->pending : heap_path_id(record->path);

	events++;
	space_heap_alloc(space, trace_time_at(record->time), record->address, record->bytes, stack, thread->comm, record->cpu);
}

static void take_free(const struct space *space, const struct heap_free *record)
{
	events++;
	space_heap_free(space, trace_time_at(record->time), record->address, (enum event_kind)record->head.tag);
}

static void take_stack(struct space *space, const struct heap_stack *record)
{
	struct heap_target *target = space->heap;

	if (!target)
		return;
	heap_target_refresh(target, false);
	if (record->audited)
		heap_path_audit(space, record);
	else
		thread_of(record->tid)->pending = heap_path_walk(space, record);
}

static void take_path(struct space *space, const struct heap_path *record)
{
	if (space->heap)
		heap_target_refresh(space->heap, false);
	heap_path_known(space, record);
}

static void take_loads(struct space *space)
{
	if (space->heap)
		heap_target_loads(space->heap);
}

static const struct space nobody;

static void take_thread(const struct space *space, const struct heap_thread *record)
{
	char comm[HEAP_COMM_BYTES + 1] = "";

	memcpy(comm, record->comm, HEAP_COMM_BYTES);
	thread_of(record->tid)->comm = space_comm(space, comm);
}

static void take(const void *record)
{
	const struct heap_head *head = record;
	struct space *space = space_of((pid_t)head->tgid);

	/* also of one whose process has ended: its number may be used again */
	if (head->tag == HEAP_TAG_THREAD)
		take_thread(space ? space : &nobody, record);
	if (!space)
		return;
	if (space->heap)
		heap_target_called(space->heap);
	switch (head->tag) {
	case HEAP_TAG_ALLOC: take_alloc(space, record); break;
	case HEAP_TAG_FREE: case HEAP_TAG_FREE_UNLESS: case HEAP_TAG_UNDO: take_free(space, record); break;
	case HEAP_TAG_PATH: take_path(space, record); break;
	case HEAP_TAG_STACK: take_stack(space, record); break;
	case HEAP_TAG_LOADS: take_loads(space); break;
	default: break;
	}
}

/* ---- the ring: the kernel's own (trace/ring.c) ---- */

static int ring = -1;
static unsigned long *consumer;
static const unsigned long *producer;
static const char *data;
static uint64_t mask;
static size_t mapped;

void heap_ring_open(int map_fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	char *read_only;

	if (bpf_obj_get_info_by_fd(map_fd, &info, &length))
		die("the ring of heap events cannot be read");
	ring = map_fd;
	mapped = page + 2 * (size_t)info.max_entries;
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	read_only = mmap(NULL, mapped, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (consumer == MAP_FAILED || read_only == MAP_FAILED)
		die("the ring of heap events cannot be mapped");
	producer = (const unsigned long *)read_only;
	data = read_only + page;
	mask = info.max_entries - 1;
}

void heap_ring_close(void)
{
	if (!data)
		return;
	munmap((void *)(uintptr_t)producer, mapped);
	munmap(consumer, (size_t)sysconf(_SC_PAGESIZE));
	data = NULL;
	for (size_t i = 0; i < MOST_TIDS / CHUNK; i++) {
		free(chunks[i]);
		chunks[i] = NULL;
	}
}

int heap_ring_fd(void)
{
	return data ? ring : -1;
}

uint64_t heap_backlog(void)
{
	return data ? __atomic_load_n(producer, __ATOMIC_ACQUIRE) - *consumer : 0;
}

static const uint32_t *header_at(unsigned long position)
{
	return (const uint32_t *)(data + (position & mask));
}

static unsigned long behind(unsigned long position, uint32_t word)
{
	uint32_t length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return position + ((length + BPF_RINGBUF_HDR_SZ + 7) & ~7ul);
}

/*
 * False if it is of a later time than `until`. Paths, stacks and names have none: they are of the time of the event that follows
 * them. If that has not come, they wait too.
 */
static bool is_before(unsigned long position, unsigned long end, uint64_t until)
{
	if (until == UINT64_MAX)
		return true;
	while (position < end) {
		const uint32_t *header = header_at(position);
		uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		const struct heap_free *record = (const void *)((const char *)header + BPF_RINGBUF_HDR_SZ);

		if (word & BPF_RINGBUF_BUSY_BIT)
			return false;
		if (!(word & BPF_RINGBUF_DISCARD_BIT) && record->head.tag < HEAP_TAG_PATH)
			return trace_time_at(record->time) <= until;
		position = behind(position, word);
	}
	return false;
}

uint64_t heap_drain(uint64_t budget, uint64_t before)
{
	unsigned long start, position, until;

	if (!data)
		return 0;
	start = position = *consumer;
	until = __atomic_load_n(producer, __ATOMIC_ACQUIRE);
	while (position < until && position - start < budget) {
		const uint32_t *header = header_at(position);
		uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);

		/* reserved, not yet filled: all records behind it must wait too */
		if (word & BPF_RINGBUF_BUSY_BIT || !is_before(position, until, before))
			break;
		if (!(word & BPF_RINGBUF_DISCARD_BIT))
			take((const char *)header + BPF_RINGBUF_HDR_SZ);
		position = behind(position, word);
		if (((position ^ *consumer) & ~(STEP_BYTES - 1ul)) != 0)
			__atomic_store_n(consumer, position, __ATOMIC_RELEASE);
	}
	__atomic_store_n(consumer, position, __ATOMIC_RELEASE);
	return position - start;
}
