// SPDX-License-Identifier: MIT
/*
 * Reads the rings. `ring` is the kernel's BPF ring buffer. libbpf's ring_buffer is not
 * used: it calls back through a pointer per record and goes on until the ring is empty,
 * which under load never happens. Layout: include/uapi/linux/bpf.h,
 * kernel/bpf/ringbuf.c; one page with the consumer's position, one with the
 * producer's, then the data, mapped twice in a row so that a record is never split.
 *
 * With the fast object, events have a ring of their own (event-ring.bpf.h), and
 * `ring` has the definitions. With the other one everything is in `ring`.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "trace.h"
#include "unfreed.skel.h"

/* Definitions are few after the first seconds; a call path's takes 1 KiB at most. */
#define DEFINITIONS_SHARE 8
#define LEAST_DEFINITIONS (256 << 10)
/* The verifier allows no program to add 512 MiB or more to a pointer. */
#define MOST_EVENTS (256ull << 20)
/* Room is given back in steps of this size: every writer shares the cache line. */
#define STEP_BYTES 0x10000
/* a program and its twin: twin.bpf.h */
#define PROGRAMS_PER_HOOK 2

static unsigned long *consumer_position, *producer_position;
static const char *data;
static uint64_t mask;

static struct event_ring *events; /* NULL: they come through `ring` */
static uint64_t event_mask;
static uint64_t buffer_bytes;

static uint64_t definitions_bytes(uint64_t bytes)
{
	return bytes / DEFINITIONS_SHARE < LEAST_DEFINITIONS ? LEAST_DEFINITIONS : bytes / DEFINITIONS_SHARE;
}

/* What may still be claimed once the ring was found to have room: a CPU runs each program once at a time. */
static uint64_t slack_words(void)
{
	int cpus = libbpf_num_possible_cpus();

	return (uint64_t)(cpus > 0 ? cpus : 1) * NR_SLOTS * PROGRAMS_PER_HOOK * MAX_EVENT_WORDS;
}

static uint64_t event_words(uint64_t bytes)
{
	uint64_t words = (bytes < MOST_EVENTS ? bytes : MOST_EVENTS) / sizeof(uint64_t);

	while (words / 4 < slack_words())
		words *= 2;
	return words;
}

static uint32_t mapped_bytes(uint64_t bytes)
{
	return (uint32_t)(sizeof(struct event_ring) + event_words(bytes) * sizeof(uint64_t) + MAX_EVENT_WORDS * sizeof(uint64_t));
}

void ring_set_maps(struct unfreed *skel, uint64_t bytes, bool apart)
{
	uint64_t words = event_words(bytes);

	buffer_bytes = bytes;
	bpf_map__set_autocreate(skel->maps.event_ring, apart);
	bpf_map__set_max_entries(skel->maps.ring, (uint32_t)(apart ? definitions_bytes(bytes) : bytes));
	if (!apart)
		return;
	bpf_map__set_value_size(skel->maps.event_ring, mapped_bytes(bytes));
	skel->rodata->event_ring_mask = words - 1;
	skel->rodata->event_ring_room = words / 4 * 3;
}

static void open_events(int map_fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	events = mmap(NULL, (mapped_bytes(buffer_bytes) + page - 1) & ~(page - 1), PROT_READ | PROT_WRITE, MAP_SHARED,
		      map_fd, 0);
	if (events == MAP_FAILED)
		die("the ring of events cannot be mapped: %s; give a smaller --buffer", strerror(errno));
	event_mask = event_words(buffer_bytes) - 1;
}

void ring_open(struct unfreed *skel)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int map_fd = bpf_map__fd(skel->maps.ring);
	uint64_t bytes = buffer_bytes;
	char *read_only;

	if (bpf_map__fd(skel->maps.event_ring) >= 0) {
		open_events(bpf_map__fd(skel->maps.event_ring));
		bytes = definitions_bytes(bytes);
	}
	consumer_position = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	read_only = mmap(NULL, page + 2 * bytes, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (consumer_position == MAP_FAILED || read_only == MAP_FAILED)
		die("the ring buffer cannot be mapped: %s; give a smaller --buffer", strerror(errno));
	producer_position = (unsigned long *)read_only;
	data = read_only + page;
	mask = bytes - 1;
}

uint64_t ring_bytes(void)
{
	return buffer_bytes;
}

static unsigned long produced(void)
{
	return __atomic_load_n(producer_position, __ATOMIC_ACQUIRE);
}

static uint64_t head(void)
{
	return __atomic_load_n(&events->head, __ATOMIC_ACQUIRE);
}

uint64_t ring_backlog(void)
{
	uint64_t waiting = produced() - *consumer_position;

	return events ? waiting + (head() - events->tail) * sizeof(uint64_t) : waiting;
}

static uint64_t drain_ring(uint64_t budget)
{
	unsigned long start = *consumer_position, position = start;
	unsigned long producer = produced();

	while (position < producer && position - start < budget) {
		const uint32_t *header = (const uint32_t *)(data + (position & mask));
		uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		uint32_t length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		/* reserved, not yet filled: all records behind it must wait too */
		if (word & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(word & BPF_RINGBUF_DISCARD_BIT))
			ring_record((const char *)header + BPF_RINGBUF_HDR_SZ, length);
		position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
		if (((position ^ *consumer_position) & ~(STEP_BYTES - 1ul)) != 0)
			__atomic_store_n(consumer_position, position, __ATOMIC_RELEASE);
	}
	__atomic_store_n(consumer_position, position, __ATOMIC_RELEASE);
	return position - start;
}

/* The words of an event in its ring: one more than on the wire if it names its cache. */
static uint32_t words_of(uint8_t kind)
{
	uint32_t words = is_sited(kind) ? SITED_WORDS : shape_of(kind)->ring_words;

	/* never 0, or reading would not go on */
	return words ? words : MAX_EVENT_WORDS;
}

static uint64_t drain_events(uint64_t until, uint64_t budget)
{
	uint64_t start = events->tail, position = start;

	while (position < until && (position - start) * sizeof(uint64_t) < budget) {
		__u64 *word = &events->word[position & event_mask];
		uint64_t first = __atomic_load_n(word, __ATOMIC_ACQUIRE);
		uint32_t words = words_of((uint8_t)first);

		if (!first)
			break;
		ring_record(word, words * (uint32_t)sizeof(uint64_t));
		memset(word, 0, words * sizeof(uint64_t));
		position += words;
		if (((position ^ events->tail) & ~(STEP_BYTES / sizeof(uint64_t) - 1)) != 0)
			__atomic_store_n(&events->tail, position, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&events->tail, position, __ATOMIC_RELEASE);
	return (position - start) * sizeof(uint64_t);
}

uint64_t ring_drain(uint64_t budget)
{
	uint64_t until, drained;
	unsigned long definitions;

	if (!events)
		return drain_ring(budget);
	/* in this order, so that the definitions of all events before `until` lie before `definitions` */
	until = head();
	definitions = produced();
	drained = drain_ring(UINT64_MAX);
	if (*consumer_position < definitions)
		return drained;
	return drained + drain_events(until, budget);
}

bool ring_catch_up(void)
{
	unsigned long definitions = produced();
	uint64_t until = events ? head() : 0;

	for (int tries = 0; tries < 1000; tries++) {
		uint64_t got;

		if (*consumer_position >= definitions && (!events || events->tail >= until))
			return true;
		got = ring_drain(4 << 20);
		/* a program that was interrupted has not finished its record */
		if (!got)
			usleep(100);
	}
	return false;
}
