// SPDX-License-Identifier: MIT
/*
 * The command after "--": started once tracing is on, its exit ends the trace. Its process
 * is made at the start, before this one mounts anything for itself and gives up its rights:
 * the command has the rights of whoever started the trace.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "trace.h"

static pid_t child;
static char how[64];
static int go_fd = -1, failure_fd = -1; /* a byte to the child lets it run; what comes back is an errno */

static void __attribute__((noreturn)) become(char **argv, bool stream_on_stdout, int may_go, int failure)
{
	sigset_t none;
	char byte;
	int error;

	/* its end: the trace did not begin */
	if (read(may_go, &byte, 1) != 1)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* its output must not get into the stream */
	if (stream_on_stdout)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(argv[0], argv);
	error = errno;
	if (write(failure, &error, sizeof(error)) != sizeof(error))
		say("cannot run %s: %s", argv[0], strerror(error));
	_exit(127);
}

int command_prepare(char **argv, bool stream_on_stdout)
{
	int go[2], failure[2], error;

	if (pipe2(go, O_CLOEXEC) != 0 || pipe2(failure, O_CLOEXEC) != 0)
		return errno;
	child = fork();
	error = child < 0 ? errno : 0;
	if (child == 0) {
		close(go[1]);
		become(argv, stream_on_stdout, go[0], failure[1]);
	}
	close(go[0]);
	close(failure[1]);
	go_fd = go[1];
	failure_fd = failure[0];
	return error;
}

int command_start(void)
{
	int error = 0;

	if (write(go_fd, "g", 1) != 1)
		error = errno;
	close(go_fd);
	/* the other end closes by itself when the command runs */
	if (!error && read(failure_fd, &error, sizeof(error)) == sizeof(error)) {
		waitpid(child, NULL, 0);
		child = 0;
	}
	close(failure_fd);
	return error;
}

uint32_t command_pid(void)
{
	return (uint32_t)child;
}

bool command_exited(const char **detail)
{
	int status;

	if (!child || waitpid(child, &status, WNOHANG) != child)
		return false;
	child = 0;
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "command ended by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "command exited with status %d", WEXITSTATUS(status));
	*detail = how;
	return true;
}

/* The trace ended before the command: the command ran for the trace only. */
void command_stop(void)
{
	/* CAP_KILL was given up with the rest */
	if (child && kill(child, SIGTERM) != 0 && errno == EPERM)
		say("%s runs on: it has become another user, whom this process may not signal", options->command[0]);
}
