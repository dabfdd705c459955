// SPDX-License-Identifier: MIT
/*
 * Processes under seccomp. From 6.11 on a function whose return is probed returns by way of a system call of its own,
 * uretprobe(2). A filter that does not know it ends the process, until the kernel keeps this call from filters
 * (6.14, 6.13.3, 6.12.14: "seccomp: passthrough uretprobe systemcall without filtering").
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "heap.h"

#define CALL_URETPROBE 335 /* x86-64 */

/* Never returns. Exits with 0 if the kernel has no such call. */
static void call_it(bool confined)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL_URETPROBE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	/* no core file */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (confined && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)))
		_exit(1);
	/* from anywhere but its own place the kernel answers with SIGILL */
	_exit(syscall(CALL_URETPROBE) == -1 && errno == ENOSYS ? 0 : 1);
}

/* The status of a child that calls it; -1: there is none. */
static int status_of_call(bool confined)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		call_it(confined);
	while (child > 0 && waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return child > 0 ? status : -1;
}

bool heap_confined_are_safe(void)
{
	static bool asked, safe;
	int status;

	if (asked)
		return safe;
	asked = true;
	status = status_of_call(false);
	safe = status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (safe)
		return true;
	status = status_of_call(true);
	/* the call was made: the filter was not asked */
	safe = status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGILL;
	return safe;
}

bool heap_is_confined(pid_t pid)
{
	char path[64], line[256];
	unsigned mode = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) && sscanf(line, "Seccomp: %u", &mode) != 1)
		;
	if (file)
		fclose(file);
	return mode != 0;
}
