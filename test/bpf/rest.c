// SPDX-License-Identifier: MIT
/*
 * Asks for rests without a census. First argument: --budget in percent. Then, one after another:
 *   work MS         takes so much CPU time, with a rest asked for after each 0.2 ms
 *   loop MS         so much in a loop of short rounds
 *   together MS     the same, as what belongs together
 *   child MS        the same as `work`, in a child, which has this process's variables
 * Prints for each how much CPU time it took, and how long it would have rested, in ms; behind `together` what
 * comes right after it; at the end the CPU time of all processes, and of this one alone. The first has the start
 * of this program in its CPU time too: a rest is due for that as well, and it takes long on a slow machine.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "memory.h"

static struct options given;
const struct options *const options = &given;

static uint64_t slept;

/* In place of libc's. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	slept += (uint64_t)time->tv_sec * SECOND_NS + (uint64_t)time->tv_nsec;
	return 0;
}

static void print(uint64_t since)
{
	printf("%.1f %.1f\n", (double)(process_cpu_ns() - since) / 1e6, (double)slept / 1e6);
	fflush(stdout);
}

static void work(uint64_t ns)
{
	uint64_t start = process_cpu_ns(), asked = start;

	while (process_cpu_ns() - start < ns) {
		if (process_cpu_ns() - asked < 200000)
			continue;
		rest();
		asked = process_cpu_ns();
	}
}

static void loop(uint64_t ns)
{
	uint64_t start = process_cpu_ns(), round = 0;
	volatile uint64_t sum = 0;

	while (round++ % 1024 || process_cpu_ns() - start < ns) {
		sum += round;
		rest_sometimes();
	}
}

static void run(const char *what, uint64_t ns)
{
	int status;

	if (strcmp(what, "child") == 0) {
		if (fork() == 0) {
			work(ns);
			print(0);
			_exit(0);
		}
		wait(&status);
		return;
	}
	if (strcmp(what, "loop") == 0) {
		loop(ns);
		return;
	}
	if (strcmp(what, "together") == 0)
		together_begin();
	work(ns);
}

int main(int argc, char **argv)
{
	given.census_budget = atoi(argv[1]) / 100.0;
	for (int i = 2; i + 1 < argc; i += 2) {
		uint64_t cpu = i == 2 ? 0 : process_cpu_ns();

		slept = 0;
		run(argv[i], (uint64_t)atoi(argv[i + 1]) * 1000000);
		if (strcmp(argv[i], "child") != 0)
			print(cpu);
		if (strcmp(argv[i], "together") == 0) {
			slept = 0;
			together_end();
			print(cpu);
		}
	}
	printf("%.1f %.1f\n", (double)all_cpu_ns() / 1e6, (double)process_cpu_ns() / 1e6);
	return 0;
}
