// SPDX-License-Identifier: MIT
/* A library that allocates some calls deep. PLUGIN: its function; PAD: bytes of each frame. */
#include <stdlib.h>

static __attribute__((noinline)) void *deeper(int depth)
{
	volatile char pad[PAD];
	void *block;

	pad[depth] = 1;
	block = depth ? deeper(depth - 1) : malloc(111);
	pad[0] = 1;
	return block;
}

void *PLUGIN(void)
{
	return deeper(3);
}
