// SPDX-License-Identifier: MIT
/*
 * Asks for rests without a census. First argument: --budget in percent. Then, one after another:
 *   work MS         takes so much CPU time, with a rest asked for after each 0.2 ms
 *   together MS     the same, as what belongs together
 *   child MS        the same as `work`, in a child, which has this process's variables
 * Prints for each "WALL CPU" in ms, and at the end the CPU time of all, of this process alone.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "memory.h"

static struct options given;
const struct options *const options = &given;

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

static void run(const char *what, uint64_t ns)
{
	int status;

	if (strcmp(what, "child") == 0) {
		if (fork() == 0) {
			work(ns);
			_exit(0);
		}
		wait(&status);
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
		uint64_t wall = monotonic_ns(), cpu = all_cpu_ns();

		run(argv[i], (uint64_t)atoi(argv[i + 1]) * 1000000);
		printf("%.1f %.1f\n", (double)(monotonic_ns() - wall) / 1e6, (double)(all_cpu_ns() - cpu) / 1e6);
		if (strcmp(argv[i], "together") == 0) {
			wall = monotonic_ns();
			together_end();
			printf("%.1f after it\n", (double)(monotonic_ns() - wall) / 1e6);
		}
	}
	printf("all %.1f own %.1f\n", (double)all_cpu_ns() / 1e6, (double)process_cpu_ns() / 1e6);
	return 0;
}
