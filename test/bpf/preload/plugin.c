// SPDX-License-Identifier: MIT
/* Leaks NR blocks of BYTES below the function NAME. */
#include <stdlib.h>

__attribute__((noinline, noipa)) void NAME(void)
{
	for (int i = 0; i < NR; i++) {
		void *at = malloc(BYTES);

		__asm__ volatile("" : "+r"(at) : : "memory");
	}
}

__attribute__((noipa)) void leak(void)
{
	NAME();
	__asm__ volatile("");
}
