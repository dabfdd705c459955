/* SPDX-License-Identifier: MIT */
/* System calls of x86-64 without the C library: they leave errno alone, and are safe wherever malloc() may be called. */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stdint.h>
#include <sys/syscall.h>

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return result;
}

#define CALL(number, a, b, c) call6(number, (long)(a), (long)(b), (long)(c), 0, 0, 0)

static inline void sleep_ns(long ns)
{
	struct {
		long seconds, ns;
	} pause = { 0, ns };

	CALL(SYS_nanosleep, &pause, 0, 0);
}

#endif
