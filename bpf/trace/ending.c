// SPDX-License-Identifier: MIT
/*
 * When the trace ends, and why: a signal, the parent's end, the command's, the
 * output's, --duration or --max-bytes. The first reason that is found counts.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "trace.h"

/* Room for the messages after the last event: counters, losses, END. */
#define TAIL_BYTES (256 << 10)

static struct unfreed *skel;
static int signal_fd;
static pid_t parent;
static uint64_t quiet_at; /* trace time at which events were stopped, 0: not yet */
static enum end_reason reason;
static const char *detail;

void ending_watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	/* both are reported by the errno of write() */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	parent = getppid();
	if (options->die_with_parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static bool stop_is_pending(void)
{
	sigset_t pending;

	/* not yet read from signal_fd, so still pending */
	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP);
}

void die_if_stopped(void)
{
	if (stop_is_pending())
		die("stopped before tracing had begun: nothing was traced");
}

void ending_open(struct unfreed *loaded)
{
	skel = loaded;
}

uint64_t ending_quiet(void)
{
	if (!quiet_at) {
		quiet_at = trace_time();
		hooks_quiet(skel);
	}
	return quiet_at;
}

bool trace_wanted(void)
{
	if (stop_is_pending() || reason != END_NONE ||
	    (options->duration_ns && trace_time() >= options->duration_ns))
		ending_quiet();
	return quiet_at == 0;
}

void end_because(enum end_reason why, const char *what)
{
	if (reason == END_NONE) {
		reason = why;
		detail = what;
	}
}

void end_by_output(int error)
{
	reason = END_OUTPUT;
	detail = strerror(error);
}

enum end_reason end_reason(void)
{
	return reason;
}

const char *end_detail(void)
{
	return detail;
}

static void check_signals(void)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (options->die_with_parent && getppid() != parent)
			end_because(END_PARENT, "parent gone");
		else
			end_because(END_SIGNAL, info.ssi_signo == SIGINT ? "SIGINT" :
						info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGHUP");
	}
}

uint64_t bytes_left(void)
{
	uint64_t used = stream_bytes() + TAIL_BYTES;

	if (!options->max_bytes)
		return UINT64_MAX;
	return options->max_bytes > used ? options->max_bytes - used : 0;
}

void check_ends(uint64_t time)
{
	const char *how;

	check_signals();
	if (options->die_with_parent && getppid() != parent)
		end_because(END_PARENT, "parent gone");
	if (options->command && command_exited(&how))
		end_because(END_COMMAND, how);
	if (options->duration_ns && time >= options->duration_ns)
		end_because(END_DURATION, "duration");
	if (bytes_left() == 0)
		end_because(END_SIZE, "size limit");
}

void sleep_for(int ms)
{
	struct pollfd fds[4] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = stream_fd(), .events = 0 }, /* only POLLERR: the reader is gone */
		{ .fd = preload_descriptor(), .events = POLLIN }, /* a program waits for an answer; -1: none will */
		{ .fd = heap_ring_fd(), .events = POLLIN }, /* a program needs an answer */
	};

	if (poll(fds, 4, ms) > 0 && fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		end_because(END_OUTPUT, strerror(EPIPE));
}
