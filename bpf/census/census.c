// SPDX-License-Identifier: MIT
/* The run: what is loaded and found first, then stage by stage, then the report; with --repeat the last two again and again. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "census.h"

/* Between two of them the walk can be stopped, and its progress is said. */
#define PAGES_A_STEP (1u << 22)

static struct census_times times;

/* The step that ran until now took so long. */
void census_took(const char *step)
{
	static uint64_t since, cpu_since;
	uint64_t now = monotonic_ns(), cpu = all_cpu_ns();

	if (step && times.nr < MAX_STEPS)
		times.steps[times.nr++] = (struct step_time){ step, now - since, cpu - cpu_since };
	since = now;
	cpu_since = cpu;
}

static void prepare(void)
{
	const char *why;

	say_step("types", 0, 0);
	why = fields_open(NULL);
	if (why)
		die("%s", why);
	census_took("types");
	say_step("programs", 0, 0);
	copy_open();
	census_took("programs");
	say_step("bases", 0, 0);
	machine_read("/proc/zoneinfo", "/proc/iomem");
	if (!machine.nr_zones)
		die("/proc/zoneinfo cannot be read: a census needs the zones of the machine");
	bases_find();
	census_took("bases");
	names_open(options->census_stages[CENSUS_HOLDERS] || options->census_stages[CENSUS_TYPES] || options->census_stages[CENSUS_ORPHANS]);
	census_took("symbols");
	checks_open();
	drop_rights(false, false);
}

static bool walk_pages(void)
{
	census_took(NULL);
	if (!pages_open())
		return false;
	for (uint64_t pfn = 0; pfn != UINT64_MAX;) {
		say_step("pages", (int)(pfn >> 10), (int)(machine.end_pfn >> 10));
		pfn = pages_walk(pfn, PAGES_A_STEP);
	}
	census_took("pages");
	return true;
}

bool census_look(void)
{
	if (!walk_pages())
		return false;
	say_step("areas", 0, 0);
	caches_name();
	areas_find();
	census_took("areas");
	return true;
}

/* Stage by stage, and the result. False, with errno set, if that could not be written. */
static bool take(const struct census_more *more, FILE *to)
{
	checks_before();
	if (more)
		more->begin();
	if (census_look()) {
		owners_find();
		census_took("owners");
		checks_after();
		census_took("checks");
		if (more)
			more->run();
	}
	return report_put(to, &times, more);
}

/* ---- --repeat ---- */

static void unwritten(void)
{
	die("the result could not be written: %s", strerror(errno));
}

/* Ends this process with that one, which may be gone already. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/* The result as one line. Line breaks come between its members alone: those of a text are written as \n. */
static void take_line(const struct census_more *more)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);

	if (!to || !take(more, to) || fclose(to) != 0)
		die("out of memory");
	for (size_t i = 0; i + 1 < bytes; i++) {
		if (text[i] == '\n')
			text[i] = ' ';
	}
	if (fwrite(text, 1, bytes, stdout) != bytes || fflush(stdout) != 0)
		unwritten();
}

/* By a process of its own, which begins with what was found of this kernel, and nothing of an earlier census. */
static bool take_in_child(const struct census_more *more)
{
	pid_t parent = getpid(), child = fork();
	int status = 1;

	if (child < 0)
		die("a process for the next census could not be started: %s", strerror(errno));
	if (child == 0) {
		die_with(parent);
		memset(&copy_stats, 0, sizeof(copy_stats));
		times = (struct census_times){ .began = monotonic_ns() };
		census_took(NULL);
		take_line(more);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

int census_run(const struct census_more *more)
{
	pid_t parent = getppid();

	times.began = monotonic_ns();
	census_took(NULL);
	prepare();
	if (options->die_with_parent)
		die_with(parent);
	for (uint32_t i = 0; i < options->census_repeat; i++) {
		if (!take_in_child(more))
			return 1;
	}
	if (!options->census_repeat && !take(more, stdout))
		unwritten();
	return 0;
}
