// SPDX-License-Identifier: MIT
/*
 * --max-overhead: measures the share of all CPU time that tracing takes, and traces
 * fewer addresses while it takes too much: 1/4, 1/16, 1/64, and back.
 *
 * The share is the run time of the programs, as the kernel measures it
 * (BPF_ENABLE_STATS), and the CPU time of this process. The measurement costs
 * 50 ns a run, about as much as the call of a program, which it does not include; it is
 * on for a tenth of each second.
 *
 * Down after two seconds above the limit, or one above four times the limit. Up
 * after 30 seconds in which one step of four would have stayed within the limit; each
 * time it had to go down again soon, it waits twice as long.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "trace.h"
#include "unfreed.skel.h"

#define MEASURED_NS (SECOND_NS / 10)
#define STEP 4
#define MOST_ONE_IN 64
/* a step up takes up to four times as much: it must stay within the limit, with a quarter to spare */
#define ROOM_TO_GO_UP (STEP * 1.25)
#define SECONDS_OVER 2
/* at the sparsest sample */
#define SECONDS_TOO_MUCH 10
#define LEAST_WAIT 30
#define MOST_WAIT 3600
#define SOON 120

static struct unfreed *skel;
static int stats_fd = -1;
static long nr_cpus;
static uint64_t measured_from, run_ns_before, cpu_ns_before, cpu_measured_from;
static double programs_share; /* of one CPU, as last measured */
static uint32_t seconds_over, seconds_under, up_wait = LEAST_WAIT, since_up = SOON, least_one_in;

static uint64_t cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * SECOND_NS + (uint64_t)used.tv_nsec;
}

void budget_open(struct unfreed *loaded)
{
	if (options->max_overhead <= 0)
		return;
	skel = loaded;
	nr_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	least_one_in = sampling.one_in;
	cpu_ns_before = cpu_ns();
	cpu_measured_from = monotonic_ns();
}

static void measure_begin(void)
{
	static bool noted;

	stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (stats_fd < 0 && !noted) {
		noted = true;
		note("the kernel does not measure its programs (%s): of what tracing takes --max-overhead sees the collector alone",
		     strerror(errno));
	}
	if (stats_fd < 0)
		return;
	measured_from = monotonic_ns();
	run_ns_before = hooks_run_ns();
}

static void measure_end(void)
{
	uint64_t now = monotonic_ns(), ran = hooks_run_ns() - run_ns_before;

	programs_share = (double)ran / (double)(now - measured_from);
	close(stats_fd);
	stats_fd = -1;
}

static void move_to(uint32_t one_in, double overhead)
{
	if (options->verbose)
		say("tracing takes %.2f %% of all CPU time, %.2f %% are allowed: 1 address in %u from now on, 1 in %u before",
		    overhead * 100, options->max_overhead * 100, one_in, sampling.one_in);
	sampling_move(skel, one_in, overhead);
	seconds_over = seconds_under = 0;
}

static uint32_t seconds_before_up(void)
{
	/* all allocs that wait to be old enough must be of one sample (min-age.c) */
	uint32_t young = (uint32_t)(3 * options->min_age_ns / SECOND_NS);

	return up_wait > young ? up_wait : young;
}

static void decide(double overhead)
{
	bool over = overhead > options->max_overhead;
	bool far_under = overhead * ROOM_TO_GO_UP < options->max_overhead;

	seconds_over = over ? seconds_over + 1 : 0;
	seconds_under = far_under ? seconds_under + 1 : 0;
	if (since_up < SOON)
		since_up++;
	if (sampling.one_in < MOST_ONE_IN &&
	    (seconds_over >= SECONDS_OVER || overhead > options->max_overhead * STEP)) {
		if (since_up < SOON)
			up_wait = up_wait * 2 < MOST_WAIT ? up_wait * 2 : MOST_WAIT;
		since_up = SOON;
		move_to(sampling.one_in * STEP < MOST_ONE_IN ? sampling.one_in * STEP : MOST_ONE_IN,
			overhead);
	} else if (sampling.one_in > least_one_in && seconds_under >= seconds_before_up()) {
		since_up = 0;
		move_to(sampling.one_in / STEP > least_one_in ? sampling.one_in / STEP : least_one_in,
			overhead);
	} else if (seconds_over == SECONDS_TOO_MUCH && sampling.one_in >= MOST_ONE_IN) {
		note("tracing took %.2f %% of all CPU time even of 1 address in %u: give a larger --max-overhead, or trace less (--allocators)",
		     overhead * 100, sampling.one_in);
	}
}

void budget_tick(void)
{
	uint64_t now;

	if (!skel)
		return;
	now = monotonic_ns();
	if (stats_fd < 0 && now - cpu_measured_from >= SECOND_NS - MEASURED_NS)
		measure_begin();
	if (stats_fd >= 0 && now - measured_from >= MEASURED_NS)
		measure_end();
	if (stats_fd < 0 && now - cpu_measured_from >= SECOND_NS) {
		uint64_t cpu = cpu_ns();
		double own = (double)(cpu - cpu_ns_before) / (double)(now - cpu_measured_from);

		cpu_ns_before = cpu;
		cpu_measured_from = now;
		decide((programs_share + own) / (double)nr_cpus);
	}
}
