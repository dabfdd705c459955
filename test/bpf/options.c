// SPDX-License-Identifier: MIT
/* Prints the options that options.c parses from the arguments. */
#include <string.h>
#include "base.h"

int main(int argc, char **argv)
{
	options_parse(argc, argv);
	printf("output %s, duration %llu, max-bytes %llu, buffer %llu, min-size %llu\n",
	       options->output ? options->output : "-", (unsigned long long)options->duration_ns,
	       (unsigned long long)options->max_bytes, (unsigned long long)options->buffer_bytes,
	       (unsigned long long)options->min_bytes);
	printf("sample %u, seed %u%s, max-overhead %.4f, min-age %llu, max-young %u, max-stacks %u\n",
	       options->sample_one_in, options->sample_seed, options->seed_given ? " given" : "", options->max_overhead,
	       (unsigned long long)options->min_age_ns, options->max_young, options->max_stacks);
	printf("allocators");
	for (int i = 0; i < NR_ALLOCATORS; i++)
		printf("%s%s", options->allocators[i] ? " " : "", options->allocators[i] ? allocators[i].name : "");
	printf("\nattach %d, stacks %d, twins %d, self %d, self-pids", options->attach, options->stacks, options->twins,
	       options->self);
	for (uint32_t i = 0; i < options->nr_self_pids; i++)
		printf(" %u", options->self_pids[i]);
	printf("\naudit %u%s, ready-fd %d%s%s%s", options->audit_one_in, options->audit_goes_on ? " goes on" : "",
	       options->ready_fd, options->die_with_parent ? ", dies with parent" : "", options->probe ? ", probe" : "",
	       options->verbose ? ", verbose" : "");
	if (options->census) {
		printf(", census %g %u", options->census_budget, options->census_call_bytes);
		if (options->census_repeat)
			printf(" %u times", options->census_repeat);
		for (int i = 0; i < NR_CENSUS_STAGES; i++) {
			if (options->census_stages[i])
				printf(" %d", i);
		}
		for (uint32_t i = 0; i < options->nr_census_caches; i++)
			printf(" %s", options->census_caches[i]);
	}
	puts("");
	for (char **word = options->command; word && *word; word++)
		printf("command: %s\n", *word);
	return 0;
}
