// SPDX-License-Identifier: MIT
/* The ring of spaces.bpf.c. */
#include <errno.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "spaces.h"

static struct ring_buffer *ring;

void spaces_ring_open(int map_fd, space_take *take)
{
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
