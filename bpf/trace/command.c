// SPDX-License-Identifier: MIT
/* The command after "--": started once tracing is on, its exit ends the trace. */
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

static void __attribute__((noreturn)) become(char **argv, bool stream_on_stdout, int failure_fd)
{
	int error;

	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* its output must not get into the stream */
	if (stream_on_stdout)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	leave_mount_namespace();
	execvp(argv[0], argv);
	error = errno;
	if (write(failure_fd, &error, sizeof(error)) != sizeof(error))
		say("cannot run %s: %s", argv[0], strerror(error));
	_exit(127);
}

int command_start(char **argv, bool stream_on_stdout)
{
	int pipe_fds[2], error = 0;

	/* the write end closes by itself when the command runs */
	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return errno;
	child = fork();
	if (child == 0)
		become(argv, stream_on_stdout, pipe_fds[1]);
	error = child < 0 ? errno : 0;
	close(pipe_fds[1]);
	if (!error && read(pipe_fds[0], &error, sizeof(error)) == sizeof(error)) {
		waitpid(child, NULL, 0);
		child = 0;
	}
	close(pipe_fds[0]);
	return error;
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
	if (child)
		kill(child, SIGTERM);
}
