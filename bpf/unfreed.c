// SPDX-License-Identifier: MIT
/*
 * unfreed-collect: loads unfreed.bpf.c, and turns what it puts into the ring
 * into the stream of bpf/README.md.
 *
 *   start   load, attach (idle) -> read symbols and counters -> let events flow = time 0
 *   loop    drain the ring, flush; each second losses, counters, symbols
 *   stop    stop events, detach, drain what is left, last losses and counters, END
 *
 * One thread. It sleeps between drains: a wake-up per event would cost the
 * traced machine more than the event. A ring of 64 MiB holds about two million.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "collect.h"
#include "unfreed.skel.h"

#define SECOND_NS 1000000000ull
/* A reader that draws ten times a second should not wait for us. */
#define FLUSH_INTERVAL_NS 50000000ull
/* vmstat and slabinfo: the latter walks every slab of the machine. */
#define SECONDS_PER_FULL_SAMPLE 5
#define DRAIN_BUDGET (4 << 20)
/* Room for what comes after the last event: counters, losses, END. */
#define TAIL_BYTES (256 << 10)
#define MAX_SLEEP_MS 20
#define LEAST_EVENT_BYTES 16

static struct {
	struct unfreed *skel;
	int signal_fd;
	pid_t parent;
	uint64_t start_ns;
	uint64_t quiet_at;     /* trace time at which events were stopped, 0: not yet */
	uint64_t end_time;
	int output_errno;
	uint64_t seconds;      /* whole seconds that have had their sample */
	uint64_t flushed_at;
	enum end_reason reason;
	const char *detail;
} run;

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static uint64_t trace_time(void)
{
	return monotonic_ns() - run.start_ns;
}

static void quiet(void)
{
	if (run.quiet_at)
		return;
	run.quiet_at = trace_time();
	hooks_quiet(run.skel);
}

bool trace_ending(void)
{
	sigset_t pending;

	/* not yet read from signal_fd, so still pending */
	sigpending(&pending);
	if (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	    sigismember(&pending, SIGHUP) || run.reason != END_NONE ||
	    (options.duration_ns && trace_time() >= options.duration_ns))
		quiet();
	return run.quiet_at != 0;
}

static void end_because(enum end_reason reason, const char *detail)
{
	if (run.reason == END_NONE) {
		run.reason = reason;
		run.detail = detail;
	}
}

static void send_clock(uint64_t time)
{
	struct part part = { &time, sizeof(time) };

	stream_message(MESSAGE_CLOCK, &part, 1);
}

static void flush(uint64_t clock)
{
	send_clock(clock);
	run.flushed_at = monotonic_ns();
	if (!stream_flush())
		end_because(END_OUTPUT, strerror(stream_error()));
}

/* ---- the loop ---- */

static void each_second(uint64_t time, uint64_t clock)
{
	losses_sample(time);
	twins_each_second();
	fast_stacks_sample(time);
	counters_sample(time, run.seconds % SECONDS_PER_FULL_SAMPLE == 0);
	symbols_refresh(false);
	progress_show(time);
	flush(clock);
}

static void check_signals(void)
{
	struct signalfd_siginfo info;

	while (read(run.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (options.die_with_parent && getppid() != run.parent)
			end_because(END_PARENT, "parent gone");
		else
			end_because(END_SIGNAL, info.ssi_signo == SIGINT ? "SIGINT" :
						info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGHUP");
	}
}

static void check_ends(uint64_t time)
{
	const char *detail;

	check_signals();
	if (options.die_with_parent && getppid() != run.parent)
		end_because(END_PARENT, "parent gone");
	if (options.command && command_exited(&detail))
		end_because(END_COMMAND, detail);
	if (options.duration_ns && time >= options.duration_ns)
		end_because(END_DURATION, "duration");
	if (options.max_bytes && stream_bytes() + TAIL_BYTES >= options.max_bytes)
		end_because(END_SIZE, "size limit");
}

/* Until something happens, or the ring may have something worth reading. */
static void sleep_for(int ms)
{
	struct pollfd fds[2] = {
		{ .fd = run.signal_fd, .events = POLLIN },
		{ .fd = stream_fd(), .events = 0 }, /* only POLLERR: the reader is gone */
	};

	if (poll(fds, 2, ms) > 0 && fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		end_because(END_OUTPUT, strerror(EPIPE));
}

/* Little enough to look at the clock and the signals in between, and to keep --max-bytes. */
static uint64_t drain_budget(void)
{
	uint64_t used = stream_bytes() + TAIL_BYTES;

	if (!options.max_bytes || options.max_bytes > used + DRAIN_BUDGET)
		return DRAIN_BUDGET;
	return options.max_bytes > used ? options.max_bytes - used : 0;
}

static void loop(void)
{
	int sleep_ms = 1;

	while (run.reason == END_NONE) {
		/* read before the drain: what the drain finds is mostly older than this */
		uint64_t time = trace_time();
		uint64_t budget = drain_budget();
		uint64_t drained = ring_drain(budget);

		/* what is still in the ring is older than now: time has come as far as was read */
		uint64_t clock = drained < budget ? time : last_event_time();

		/* later, if a program holds up the ring: what is in it may be about an address that is swept */
		if (survivors_due(time) && ring_catch_up())
			survivors_sweep(time);

		if (time / SECOND_NS > run.seconds) {
			run.seconds = time / SECOND_NS;
			each_second(time, clock);
		} else if (monotonic_ns() - run.flushed_at >= FLUSH_INTERVAL_NS) {
			flush(clock);
		}
		budget_tick();
		check_ends(time);
		if (drained >= budget)
			continue;
		/* wake often enough to find the ring an eighth full at most */
		if (drained > options.buffer_bytes / 8)
			sleep_ms = 1;
		else if (sleep_ms < MAX_SLEEP_MS)
			sleep_ms++;
		if (run.reason == END_NONE)
			sleep_for(sleep_ms);
	}
}

/* ---- start and stop ---- */

static void watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	run.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	/* both are told by the errno of write() */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	run.parent = getppid();
	if (options.die_with_parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static uint64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void start_command(void)
{
	static char detail[256];
	int error = command_start(options.command, !options.output);

	if (!error)
		return;
	snprintf(detail, sizeof(detail), "cannot run %s: %s", options.command[0], strerror(error));
	say("%s", detail);
	end_because(END_FAILED, detail);
}

/* Else what we open next would be stdout or stderr, and be written to. */
static void fill_closed_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			_exit(1);
	}
}

static void start(void)
{
	uint64_t start_unix_ms;

	run.skel = hooks_load();
	symbols_load();
	if (!hooks_open_stacks(&run.skel))
		symbols_load();
	ring_open(run.skel, options.buffer_bytes);
	losses_open(run.skel);
	survivors_open(run.skel);
	budget_open(run.skel);
	stream_open(options.output);
	counters_capture();
	start_unix_ms = unix_ms();
	run.start_ns = hooks_start(run.skel);
	host_send(start_unix_ms);
	counters_send_captured();
	flush(0);
	if (options.ready_fd >= 0) {
		if (write(options.ready_fd, "R", 1) != 1)
			say("--ready-fd %d: %s", options.ready_fd, strerror(errno));
		close(options.ready_fd);
	}
	if (options.command)
		start_command();
}

/* A program that was running when the hooks came off may still be filling its record. */
static void finish_ring(void)
{
	uint64_t unread;

	wait_for_programs();
	for (int tries = 0; tries < 10; tries++) {
		if (ring_catch_up())
			return;
	}
	unread = ring_backlog() / LEAST_EVENT_BYTES;
	losses_add(LOSS_RING_FULL, 0, unread, 0);
	note("a program did not finish its event within a second of the end: what came after it is lost, %llu events at most",
	     (unsigned long long)unread);
	host_changed();
}

static void stop(void)
{
	uint64_t end;

	quiet();
	end = run.quiet_at;
	hooks_stop(run.skel);
	if (run.reason == END_SIZE || run.reason == END_OUTPUT) {
		/* the rest of the ring is not wanted: the trace ended with its last event */
		end = last_event_time();
	} else {
		finish_ring();
	}
	if (run.reason != END_OUTPUT) {
		survivors_end(end, run.reason != END_SIZE);
		losses_sample(end);
		fast_stacks_sample(end);
		counters_sample(end, true);
		symbols_refresh(true);
		send_clock(end);
		if (!stream_flush())
			end_because(END_OUTPUT, strerror(stream_error()));
	}
	run.end_time = end;
	run.output_errno = stream_error();
	if (run.output_errno) {
		run.reason = END_OUTPUT;
		run.detail = strerror(run.output_errno);
	}
	command_stop();
}

int main(int argc, char **argv)
{
	bool no_stdout = fcntl(STDOUT_FILENO, F_GETFD) < 0;

	fill_closed_descriptors();
	options_parse(argc, argv);
	if (no_stdout && (options.probe || !options.output))
		die("stdout is closed: give -o FILE, or pipe it to a reader");
	if (options.probe)
		return probe_print();
	watch_signals();
	start();
	loop();
	stop();
	stream_end(run.end_time, run.reason, run.detail);
	unfreed__destroy(run.skel);
	return progress_result(run.output_errno) || run.reason == END_FAILED;
}
