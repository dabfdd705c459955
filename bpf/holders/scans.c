// SPDX-License-Identifier: MIT
/*
 * Several looks at the same machine, some seconds apart, by processes of their own: each begins with
 * nothing that an earlier one knew, and gives its memory back. They wait, made before memory is read first,
 * until it is their turn; what they find comes back in memory that is shared.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "holders.h"

#define MAX_SCANS 10

static struct shared {
	uint32_t nr;
	struct copy_stats stats;
	struct orphan list[MAX_ORPHANS];
} *shared;

static struct {
	pid_t pid;
	int go;
} scans[MAX_SCANS];
static uint32_t nr_scans, made;
static uint64_t began;

uint32_t scans_made(void)
{
	return made;
}

static void scan(int go)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* the end of the pipe: the first process is gone */
	if (read(go, &byte, 1) != 1)
		_exit(1);
	memset(&copy_stats, 0, sizeof(copy_stats));
	if (!census_look() || !look_at_all())
		_exit(1);
	shared->nr = orphans_collect(shared->list, MAX_ORPHANS);
	shared->stats = copy_stats;
	_exit(0);
}

void scans_begin(void)
{
	int ends[2];

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared == MAP_FAILED)
		die("out of memory");
	began = monotonic_ns();
	for (uint32_t i = 1; i < options->census_scans; i++) {
		if (pipe2(ends, O_CLOEXEC) != 0)
			break;
		scans[nr_scans].pid = fork();
		if (scans[nr_scans].pid == 0) {
			close(ends[1]);
			scan(ends[0]);
		}
		close(ends[0]);
		if (scans[nr_scans].pid < 0) {
			close(ends[1]);
			break;
		}
		scans[nr_scans++].go = ends[1];
	}
}

static void sleep_until(uint64_t ns)
{
	uint64_t now = monotonic_ns();
	struct timespec pause = { .tv_sec = (time_t)((ns - now) / SECOND_NS), .tv_nsec = (long)((ns - now) % SECOND_NS) };

	if (now < ns)
		nanosleep(&pause, NULL);
}

/* False if it came to nothing. */
static bool run_scan(uint32_t index)
{
	int status = 1;

	if (write(scans[index].go, "g", 1) != 1)
		return false;
	while (waitpid(scans[index].pid, &status, 0) < 0 && errno == EINTR)
		;
	close(scans[index].go);
	copy_stats.calls += shared->stats.calls;
	copy_stats.bytes += shared->stats.bytes;
	if (shared->stats.longest_call_ns > copy_stats.longest_call_ns)
		copy_stats.longest_call_ns = shared->stats.longest_call_ns;
	return status == 0;
}

/* Leaves those that the last look found too; both are sorted. */
static uint32_t leave_common(struct orphan *list, uint32_t nr)
{
	uint32_t left = 0, other = 0;

	for (uint32_t i = 0; i < nr; i++) {
		while (other < shared->nr && shared->list[other].address < list[i].address)
			other++;
		if (other < shared->nr && shared->list[other].address == list[i].address && shared->list[other].hash == list[i].hash)
			list[left++] = list[i];
	}
	return left;
}

uint32_t scans_agree(struct orphan *list, uint32_t nr)
{
	made = 1;
	for (uint32_t i = 0; i < nr_scans; i++) {
		say_step("orphans", (int)i + 1, (int)nr_scans + 1);
		sleep_until(began + (i + 1) * options->census_interval_ns);
		memset(&shared->stats, 0, sizeof(shared->stats));
		shared->nr = 0;
		if (!run_scan(i)) {
			missing_add("orphans", "look %u of %u came to nothing", i + 2, nr_scans + 1);
			continue;
		}
		nr = leave_common(list, nr);
		made++;
	}
	return nr;
}
