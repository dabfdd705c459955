// SPDX-License-Identifier: MIT
/*
 * Reads the BPF ring buffer. Not through libbpf's ring_buffer: that calls back
 * through a pointer per record and goes on until the ring is empty, which under
 * load is never. Layout: include/uapi/linux/bpf.h, kernel/bpf/ringbuf.c; one
 * page with the consumer's position, one with the producer's, then the data,
 * mapped twice in a row so that a record is never split.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "collect.h"

static unsigned long *consumer_position, *producer_position;
static const char *data;
static uint64_t mask;

void ring_open(int map_fd, uint64_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *read_only;

	consumer_position = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	read_only = mmap(NULL, page + 2 * bytes, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
	if (consumer_position == MAP_FAILED || read_only == MAP_FAILED)
		die("the ring buffer cannot be mapped: %s; give a smaller --buffer", strerror(errno));
	producer_position = (unsigned long *)read_only;
	data = read_only + page;
	mask = bytes - 1;
}

uint64_t ring_backlog(void)
{
	return __atomic_load_n(producer_position, __ATOMIC_ACQUIRE) - *consumer_position;
}

uint64_t ring_drain(uint64_t budget)
{
	unsigned long start = *consumer_position, position = start;
	unsigned long producer = __atomic_load_n(producer_position, __ATOMIC_ACQUIRE);

	while (position < producer && position - start < budget) {
		const uint32_t *header = (const uint32_t *)(data + (position & mask));
		uint32_t word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		uint32_t length = word & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		/* reserved, not yet filled: what comes after it must wait too */
		if (word & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(word & BPF_RINGBUF_DISCARD_BIT))
			ring_record((const char *)header + BPF_RINGBUF_HDR_SZ, length);
		position += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
		/* give room back in big steps: the line is shared with every writer */
		if (((position ^ *consumer_position) & ~0xfffful) != 0)
			__atomic_store_n(consumer_position, position, __ATOMIC_RELEASE);
	}
	__atomic_store_n(consumer_position, position, __ATOMIC_RELEASE);
	return position - start;
}

void ring_catch_up(void)
{
	uint64_t wanted = ring_backlog(), drained = 0;

	for (int tries = 0; drained < wanted && tries < 1000; tries++) {
		uint64_t got = ring_drain(wanted - drained);

		drained += got;
		/* a program that was interrupted has not finished its record */
		if (!got)
			usleep(100);
	}
}
