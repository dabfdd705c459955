// SPDX-License-Identifier: MIT
/* The sample that is in force. sampling.c changes it, HOST reports it. */
#include <sys/random.h>
#include "base.h"

struct sampling sampling = { .one_in = 1 };

/*
 * A seed at random: else a machine would always sample the same addresses, and
 * no interval around a total could be true of one machine.
 */
void sampling_begin(void)
{
	sampling.one_in = options->sample_one_in;
	sampling.seed = options->sample_seed;
	if (!options->seed_given && getrandom(&sampling.seed, sizeof(sampling.seed), GRND_NONBLOCK) < 0)
		sampling.seed = (uint32_t)monotonic_ns();
}
