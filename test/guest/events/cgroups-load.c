// SPDX-License-Identifier: MIT
/*
 * cgroups-load: a leak in one of eight cgroups. Fills pipes in each and prints, a line of JSON for each cgroup, how many
 * pages the pipes hold (16 each), whether who filled them is gone, and whether the cgroup has been removed; then
 * {"held":true}. Holds them until it is killed. Only order-0 pages of pipe_write count.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "load-files.h"

#define CGROUPS 8
#define PIPE_PAGES 16
#define PARENT "/cg/many"

/* The leak; one whose process leaves its pipes to this one and ends; one that is removed. */
#define LEAK 5
#define GONE 3
#define REMOVED 6

static const int pipes_of[CGROUPS] = { 2, 2, 2, 6, 2, 40, 4, 2 };
static int pipes[CGROUPS][40][2];
static char filler[PIPE_PAGES * 4096];

static void fail(const char *what)
{
	printf("{\"failed\":\"cgroups-load: %s: %s\"}\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

static void fill(int cgroup)
{
	for (int i = 0; i < pipes_of[cgroup]; i++) {
		if (write(pipes[cgroup][i][1], filler, sizeof(filler)) != sizeof(filler))
			fail("a pipe took less than 64 KiB");
	}
}

/* A process in the cgroup; returns when it has filled its pipes. */
static void hold_in(int cgroup, const char *folder)
{
	int done[2], status;
	char byte;
	pid_t pid;

	for (int i = 0; i < pipes_of[cgroup]; i++) {
		if (pipe2(pipes[cgroup][i], O_NONBLOCK) != 0)
			fail("pipe2");
	}
	if (pipe(done) != 0)
		fail("pipe");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(done[0]);
		if (join_cgroup(folder) != 0)
			fail(folder);
		fill(cgroup);
		if (cgroup == REMOVED && join_cgroup("/cg") != 0)
			fail("/cg");
		close(done[1]);
		if (cgroup == GONE)
			_exit(0);
		for (;;)
			pause();
	}
	close(done[1]);
	/* the end of file */
	if (read(done[0], &byte, 1) != 0)
		fail("read");
	close(done[0]);
	if (cgroup == GONE && (waitpid(pid, &status, 0) != pid || status != 0))
		fail("the process that should end");
	if (cgroup == REMOVED && rmdir(folder) != 0)
		fail("rmdir");
}

int main(void)
{
	char folder[64];

	memset(filler, 'u', sizeof(filler));
	if (mkdir(PARENT, 0755) != 0 || put(PARENT "/cgroup.subtree_control", "+memory") != 0)
		fail(PARENT);
	for (int i = 0; i < CGROUPS; i++) {
		snprintf(folder, sizeof(folder), PARENT "/c%d", i);
		if (mkdir(folder, 0755) != 0)
			fail(folder);
		hold_in(i, folder);
		printf("{\"cgroup\":\"/many/c%d\",\"pages\":%d,\"gone\":%s,\"removed\":%s}\n", i, pipes_of[i] * PIPE_PAGES,
		       i == GONE ? "true" : "false", i == REMOVED ? "true" : "false");
	}
	printf("{\"held\":true}\n");
	fflush(stdout);
	for (;;)
		pause();
}
