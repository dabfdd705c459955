// SPDX-License-Identifier: MIT
/*
 * unfreed-collect: loads the BPF programs, and turns the records of their rings
 * into the stream of bpf/README.md.
 *
 *   start   load, attach (idle) -> read symbols and counters -> give up rights -> let events flow = time 0
 *   loop    drain the ring, flush; each second losses, counters, symbols
 *   stop    stop events, detach, drain the rest, last losses and counters, END
 *
 * One thread. It sleeps between drains: a wake-up per event would cost the
 * traced machine more than the event. A ring of 64 MiB holds about two million events.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "holders.h"
#include "names.h"
#include "trace.h"
#include "unfreed.skel.h"

/* A reader that draws ten times a second should not wait for us. */
#define FLUSH_INTERVAL_NS 50000000ull
/* vmstat and slabinfo: the latter walks every slab of the machine. */
#define SECONDS_PER_FULL_SAMPLE 5
#define DRAIN_BUDGET (4 << 20)
#define MAX_SLEEP_MS 20
#define LEAST_EVENT_BYTES 16
#define NR_DESCRIPTORS 1024

static struct {
	struct unfreed *skel;  /* NULL: the memory of processes is traced, and no allocation of the kernel */
	uint64_t end_time;
	uint64_t seconds;      /* whole seconds that have had their sample */
	uint64_t flushed_at;
	uint64_t clock;        /* as far as the stream has come */
} run;

static void send_clock(uint64_t time)
{
	struct part part = { &time, sizeof(time) };

	stream_message(MESSAGE_CLOCK, &part, 1);
}

static void flush(uint64_t clock)
{
	marks_flush();
	send_clock(clock);
	run.flushed_at = monotonic_ns();
	if (!stream_flush())
		end_because(END_OUTPUT, strerror(stream_error()));
}

/* ---- the loop ---- */

static void kernel_each_second(uint64_t time)
{
	twins_each_second(hook_missed);
	fast_stacks_sample(time);
	sites_each_second(run.skel);
	processes_sample(time);
	counters_sample(time, run.seconds % SECONDS_PER_FULL_SAMPLE == 0);
	symbols_refresh(false);
}

static void each_second(uint64_t time, uint64_t clock)
{
	processes_memory_each_second(time);
	losses_sample(time);
	cgroups_sample(time);
	marks_sums(false);
	if (run.skel)
		kernel_each_second(time);
	progress_show(time);
	flush(clock);
}

/* Small enough to check the clock and the signals in between, and to keep --max-bytes. */
static uint64_t drain_budget(void)
{
	uint64_t left = bytes_left();

	return left < DRAIN_BUDGET ? left : DRAIN_BUDGET;
}

static void loop(void)
{
	int sleep_ms = 1;

	while (end_reason() == END_NONE) {
		/* read before the drain, which finds mostly older events */
		uint64_t time = trace_time();
		uint64_t budget = drain_budget();
		uint64_t drained;
		struct processes_drained of_processes;

		/* before events: a cgroup that they name has been told of */
		marks_drain();
		of_processes = processes_memory_drain(budget);
		drained = run.skel ? ring_drain(budget) : 0;

		/* if events are left in the ring, they are older than now: time has come as far as was read */
		uint64_t clock = drained < budget ? time : last_event_time();

		/* what waits there is older */
		if (of_processes.waits)
			clock = run.clock > of_processes.time ? run.clock : of_processes.time;
		run.clock = clock;

		if (spaces_over())
			end_because(END_COMMAND, "the processes that were traced have ended");

		/* not while a program holds up the ring: records behind it may be about an address that is swept */
		if (run.skel && min_age_due(time) && ring_catch_up())
			min_age_sweep(time);

		host_refresh();
		if (time / SECOND_NS > run.seconds) {
			run.seconds = time / SECOND_NS;
			each_second(time, clock);
		} else if (monotonic_ns() - run.flushed_at >= FLUSH_INTERVAL_NS) {
			flush(clock);
		}
		if (run.skel)
			budget_tick();
		check_ends(time);
		if (drained >= budget || of_processes.waits)
			continue;
		/* wake often enough to find the ring an eighth full at most */
		if (drained > ring_bytes() / 8 || spaces_busy() || of_processes.any)
			sleep_ms = 1;
		else if (sleep_ms < MAX_SLEEP_MS)
			sleep_ms++;
		if (end_reason() == END_NONE)
			sleep_for(sleep_ms);
	}
}

/* ---- start and stop ---- */

static uint64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void command_failed(int error)
{
	static char detail[256];

	snprintf(detail, sizeof(detail), "cannot run %s: %s", options->command[0], strerror(error));
	say("%s", detail);
	end_because(END_FAILED, detail);
}

/* Otherwise the next file that we open would become stdout or stderr, and be written to. */
static void fill_closed_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			_exit(1);
	}
}

/*
 * Programs, maps and links are descriptors, several hundred. `ulimit -n` is meant for
 * programs that open files for others, and root may raise it.
 */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= NR_DESCRIPTORS)
		return;
	/* What root may not raise (without CAP_SYS_RESOURCE) may suffice. */
	limit.rlim_cur = limit.rlim_max < NR_DESCRIPTORS ? limit.rlim_max : NR_DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = NR_DESCRIPTORS;
	if (limit.rlim_max < NR_DESCRIPTORS)
		limit.rlim_max = NR_DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Settings and sizes of maps that the parts above attach/ decide. */
static void configure(struct unfreed *skel, uint64_t bytes, bool fast)
{
	sampling_set_rodata(skel);
	ring_set_maps(skel, bytes, fast);
	min_age_set_maps(skel, fast);
}

/* What is needed for the kernel's allocations; after it, the programs are idle. */
static void open_kernel(void)
{
	run.skel = hooks_load(configure);
	if (demand_unmet())
		die("%s", demand_unmet());
	die_if_stopped();
	say_step("symbols", 0, 0);
	symbols_load();
	if (!hooks_open_stacks(&run.skel))
		symbols_load();
	ring_open(run.skel);
	losses_open(run.skel);
	min_age_open(run.skel);
	budget_open(run.skel);
	processes_open();
}

static void start(void)
{
	uint64_t start_unix_ms;
	int error = 0;

	processes_memory_prepare();
	error = options->command ? command_prepare(options->command, !options->output) : 0;
	preload_prepared();
	if (error)
		die("cannot run %s: %s", options->command[0], strerror(error));
	say_step("types", 0, 0);
	if (options_of_processes())
		processes_memory_open();
	else
		open_kernel();
	ending_open(run.skel);
	cgroups_open();
	stream_open(options->output, trace_wanted);
	counters_capture();
	die_if_stopped();
	/*
	 * --max-overhead has the kernel measure programs again and again (BPF_ENABLE_STATS), which takes SYS_ADMIN; so does
	 * the probing of libraries that a process loads later.
	 */
	drop_rights(options->max_overhead > 0 || heap_skel, options_of_processes());
	start_unix_ms = unix_ms();
	say_step("events", 0, 0);
	trace_begins(hooks_start(run.skel));
	host_open(start_unix_ms);
	if (run.skel) {
		aliases_send();
		counters_send_captured();
	} else {
		spaces_start();
		spaces_figures(0);
	}
	flush(0);
	if (options->ready_fd >= 0) {
		if (write(options->ready_fd, "R", 1) != 1)
			say("--ready-fd %d: %s", options->ready_fd, strerror(errno));
		close(options->ready_fd);
	}
	if (options->command)
		marks_watch(command_pid());
	if (options->watched_pid)
		marks_watch(options->watched_pid);
	if (options->command_memory)
		spaces_expect((pid_t)command_pid());
	error = options->command ? command_start() : 0;
	if (error)
		command_failed(error);
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
}

static void stop(void)
{
	uint64_t end = ending_quiet();

	hooks_stop(run.skel);
	if (end_reason() == END_SIZE || end_reason() == END_OUTPUT) {
		/* the rest of the ring is dropped: the trace ended with the last event that was sent */
		end = run.skel ? last_event_time() : run.clock;
	} else if (run.skel) {
		finish_ring();
	}
	if (end_reason() != END_OUTPUT) {
		if (run.skel)
			min_age_end(end, end_reason() != END_SIZE);
		processes_memory_stop(end);
		losses_sample(end);
		if (run.skel) {
			fast_stacks_sample(end);
			processes_sample(end);
		}
		marks_stop();
		if (run.skel) {
			counters_sample(end, true);
			symbols_refresh(true);
		}
		host_refresh();
		send_clock(end);
		if (!stream_flush())
			end_because(END_OUTPUT, strerror(stream_error()));
	}
	run.end_time = end;
	if (stream_error())
		end_by_output(stream_error());
	command_stop();
}

int main(int argc, char **argv)
{
	bool no_stdout = fcntl(STDOUT_FILENO, F_GETFD) < 0;
	int output_error;

	fill_closed_descriptors();
	options_parse(argc, argv);
	allow_descriptors();
	if (no_stdout && (options->probe || options->census || options->names || !options->output))
		die("stdout is closed: give -o FILE, or pipe it to a reader");
	sampling_begin();
	if (options->probe)
		return probe_print(configure);
	if (options->census) {
		/* sudo may have started it: who did knows that number alone */
		say_step("process", getpid(), 0);
		return census_run(&holders_stages);
	}
	if (options->names)
		return names_run();
	ending_watch_signals();
	start();
	loop();
	stop();
	output_error = stream_error();
	stream_end(run.end_time, end_reason(), end_detail());
	if (run.skel)
		unfreed__destroy(run.skel);
	return progress_result(output_error) || end_reason() == END_FAILED;
}
