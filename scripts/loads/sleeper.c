/*
 * sleeper CPU COUNT: sleeps COUNT times until the next millisecond on that CPU, then prints how late it woke,
 * as one JSON object of microseconds. Run it alone and beside something else on the same CPU: the difference
 * is what others notice of that.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define STEP_NS 1000000L
#define MOST_WAKES 10000000L

static int by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	long count, i;
	double *late;
	struct timespec due, woke;
	cpu_set_t cpus;

	if (argc != 3) {
		fprintf(stderr, "usage: sleeper CPU COUNT\n");
		return 2;
	}
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[1]), &cpus);
	count = atol(argv[2]);
	if (count < 1 || count > MOST_WAKES) {
		fprintf(stderr, "sleeper: COUNT is from 1 to %ld\n", MOST_WAKES);
		return 2;
	}
	late = calloc(count, sizeof(*late));
	if (!late || sched_setaffinity(0, sizeof(cpus), &cpus) < 0) {
		perror("sleeper");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &due);
	for (i = 0; i < count; i++) {
		due.tv_nsec += STEP_NS;
		if (due.tv_nsec >= 1000000000L) {
			due.tv_nsec -= 1000000000L;
			due.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
		clock_gettime(CLOCK_MONOTONIC, &woke);
		late[i] = (woke.tv_sec - due.tv_sec) * 1e6 + (woke.tv_nsec - due.tv_nsec) / 1e3;
		/* Whoever was late by more than a step begins anew: the wakes it missed are one. */
		if (late[i] > STEP_NS / 1e3)
			due = woke;
	}
	qsort(late, count, sizeof(*late), by_value);
	printf("{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f}\n", late[count / 2], late[count - 1 - count / 100], late[count - 1]);
	return 0;
}
