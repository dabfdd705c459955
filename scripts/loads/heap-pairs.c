/*
 * heap-pairs PAIRS [THREADS] [--wait]: in each thread so many pairs of malloc() and free(), 14 calls deep, of 16 to 1,016 bytes.
 *
 * Truth: nothing is held at its end. With --wait it begins at a line on stdin. It says what a pair took of a thread's CPU
 * time, in ns: for benches.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 12
#define NOINLINE __attribute__((noinline, noclone))

static long pairs;

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static NOINLINE void pair(unsigned *state)
{
	char *block;

	*state = *state * 1664525 + 1013904223;
	block = malloc(16 + *state / 4294967 % 1000);
	__asm__ volatile("" : : "r"(block) : "memory");
	free(block);
}

static NOINLINE int deeper(int depth, unsigned *state)
{
	int more = 0;

	if (depth > 0)
		more = deeper(depth - 1, state);
	else
		for (long i = 0; i < pairs; i++)
			pair(state);
	__asm__ volatile("" : "+r"(more));
	return more + 1;
}

static void *run(void *ns)
{
	unsigned state = 1;
	double began = cpu_ns();

	deeper(DEPTH, &state);
	*(double *)ns = (cpu_ns() - began) / (double)pairs;
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 2 && argv[2][0] != '-' ? atoi(argv[2]) : 1, wait = strcmp(argv[argc - 1], "--wait") == 0;
	pthread_t thread[64];
	double ns[64];

	pairs = argc > 1 ? atol(argv[1]) : 0;
	if (pairs < 1 || threads < 1 || threads > 64) {
		fprintf(stderr, "heap-pairs: how many pairs, in how many threads (64 at most)?\n");
		return 2;
	}
	if (wait && getchar() == EOF)
		return 0;
	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, run, &ns[i]);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < threads; i++)
		printf("%.1f\n", ns[i]);
	return 0;
}
