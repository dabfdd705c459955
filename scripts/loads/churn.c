/*
 * churn [SECONDS] [--threads N] [--rate TURNS] [--turns N] [--wait]: allocates and frees as fast as
 * it can, and holds nothing.
 *
 * In a turn it writes 64 KiB to a 1 MiB pipe and reads them, creates a socketpair, sends 1,000 bytes
 * through it and closes both ends, and opens and closes one file: some 65 kmem events, half of them
 * allocations. --rate bounds the turns a second of each thread. Run it untraced and traced and compare
 * turnsPerCpuSecond: the difference is the cost of tracing. Other work on a busy machine hardly
 * changes it.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#define FILL_BYTES 65536
#define MESSAGE_BYTES 1000

static double deadline;
static long rate, turn_limit;

struct worker {
	pthread_t thread;
	long turns;
};

static double seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void turn(int *pipe_ends, char *buffer)
{
	int pair[2], file;

	if (write(pipe_ends[1], buffer, FILL_BYTES) != FILL_BYTES)
		load_die("write to the pipe");
	for (long got = 0, part; got < FILL_BYTES; got += part) {
		part = read(pipe_ends[0], buffer, FILL_BYTES - got);
		if (part <= 0)
			load_die("read from the pipe");
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		load_die("socketpair");
	if (write(pair[0], buffer, MESSAGE_BYTES) != MESSAGE_BYTES)
		load_die("write to the socket");
	close(pair[0]);
	close(pair[1]);
	file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (file < 0)
		load_die("open");
	close(file);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	double start = seconds_of(CLOCK_MONOTONIC);
	char *buffer = malloc(FILL_BYTES);
	int pipe_ends[2];

	if (buffer == NULL || pipe2(pipe_ends, O_CLOEXEC) < 0)
		load_die("pipe2");
	/* A refused size leaves the pipe at 64 KiB, which is enough. */
	fcntl(pipe_ends[1], F_SETPIPE_SZ, 1 << 20);
	memset(buffer, 'u', FILL_BYTES);
	while (!load_exit_asked && (turn_limit == 0 || worker->turns < turn_limit)) {
		double now = seconds_of(CLOCK_MONOTONIC);

		if (turn_limit == 0 && now >= deadline)
			break;
		if (rate > 0 && worker->turns >= (now - start) * rate) {
			struct timespec pause = { 0, 500000 };

			nanosleep(&pause, NULL);
			continue;
		}
		turn(pipe_ends, buffer);
		worker->turns++;
	}
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	free(buffer);
	return NULL;
}

int main(int argc, char **argv)
{
	long seconds = 5, threads = 1, turns = 0;
	struct worker workers[64] = { 0 };
	double start, cpu;
	int wait = 0;

	for (int i = 1; i < argc; i++) {
		int more = i + 1 < argc;

		if (strcmp(argv[i], "--wait") == 0)
			wait = 1;
		else if (strcmp(argv[i], "--threads") == 0 && more)
			threads = load_number(argv[++i], 64);
		else if (strcmp(argv[i], "--rate") == 0 && more)
			rate = load_number(argv[++i], 10000000);
		else if (strcmp(argv[i], "--turns") == 0 && more)
			turn_limit = load_number(argv[++i], 1000000000);
		else
			seconds = load_number(argv[i], 86400);
	}
	load_begin();
	load_wait_for_go("churn", wait);
	start = seconds_of(CLOCK_MONOTONIC);
	deadline = start + seconds;
	load_say("{\"state\":\"held\",\"program\":\"churn\",\"pid\":%d,\"truth\":[]}\n", (int)getpid());
	/*
	 * The first worker runs in the main thread: the kernel keeps the stack of an ended thread in a
	 * cache, and churn promises to hold nothing.
	 */
	for (long i = 1; i < threads; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			load_die("pthread_create");
	work(&workers[0]);
	for (long i = 1; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	for (long i = 0; i < threads; i++)
		turns += workers[i].turns;
	cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	load_say("{\"state\":\"released\",\"program\":\"churn\",\"pid\":%d,\"turns\":%ld,\"seconds\":%.3f,"
		 "\"cpuSeconds\":%.3f,\"turnsPerCpuSecond\":%.0f}\n",
		 (int)getpid(), turns, seconds_of(CLOCK_MONOTONIC) - start, cpu, turns / cpu);
	return 0;
}
