// SPDX-License-Identifier: MIT
/* The ring of spaces.bpf.c, and which processes it looks at. */
#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "spaces.h"

static struct ring_buffer *ring;
static int traced = -1;

void space_leave_alone(pid_t pid)
{
	uint32_t key = (uint32_t)pid;

	bpf_map_delete_elem(traced, &key);
}

void spaces_ring_open(int map_fd, int traced_fd, space_take *take)
{
	traced = traced_fd;
	ring = ring_buffer__new(map_fd, take, NULL, NULL);
	if (!ring)
		die("the ring of mappings cannot be mapped: %s", strerror(errno));
}

void spaces_ring_close(void)
{
	ring_buffer__free(ring);
	ring = NULL;
}

void spaces_consume(void)
{
	if (ring)
		ring_buffer__consume(ring);
}
