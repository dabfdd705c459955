/*
 * hold-objects KIND AMOUNT [--wait]: holds kernel objects of one kind, all alike, for a look that begins
 * when they are there.
 *
 *   timerfd    AMOUNT timers        one object each in a kmalloc cache, with timerfd_tmrproc in it
 *   eventpoll  AMOUNT epolls        one each, and a file that has eventpoll's operations
 *   eventfd    AMOUNT eventfds      one each, and a file that has eventfd's operations
 *   unix       AMOUNT MiB           data in unix sockets that nobody reads, 224 KiB a pair
 *   rings      AMOUNT io_urings     of 4,096 entries each, empty
 *
 * The line "held" has "objects":[{"kind":KIND,"bytes":N}]: the number of objects, or the bytes in queues.
 */
#define _GNU_SOURCE
#include "load.h"
#include <linux/io_uring.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#define MIB (1L << 20)
#define MESSAGE 32768
/* A socket's send buffer counts what its data takes in memory. */
#define QUEUE (7L * MESSAGE)
#define RING_ENTRIES 4096

static char message[MESSAGE];

static long hold_timers(long count)
{
	struct itimerspec never = { .it_value.tv_sec = 1000000 };

	for (long i = 0; i < count; i++) {
		int timer = timerfd_create(CLOCK_MONOTONIC, 0);

		if (timer < 0 || timerfd_settime(timer, 0, &never, NULL) < 0)
			load_die("timerfd");
	}
	return count;
}

static long hold_epolls(long count)
{
	for (long i = 0; i < count; i++)
		if (epoll_create1(0) < 0)
			load_die("epoll_create1");
	return count;
}

static long hold_eventfds(long count)
{
	for (long i = 0; i < count; i++)
		if (eventfd(0, 0) < 0)
			load_die("eventfd");
	return count;
}

static long hold_unix(long mib)
{
	long sent = 0;

	while (sent < mib * MIB) {
		int buffer = 4 * QUEUE, pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
		    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) < 0)
			load_die("socketpair");
		for (long queued = 0; queued < QUEUE; queued += MESSAGE) {
			if (send(pair[0], message, MESSAGE, MSG_DONTWAIT) != MESSAGE)
				load_die("send");
			sent += MESSAGE;
		}
	}
	return sent;
}

static long hold_rings(long count)
{
	for (long i = 0; i < count; i++) {
		struct io_uring_params params = { 0 };

		if (syscall(SYS_io_uring_setup, RING_ENTRIES, &params) < 0)
			load_die("io_uring_setup");
	}
	return count;
}

static const struct {
	const char *name;
	long (*hold)(long amount);
} kinds[] = {
	{ "timerfd", hold_timers }, { "eventpoll", hold_epolls }, { "eventfd", hold_eventfds },
	{ "unix", hold_unix },      { "rings", hold_rings },
};

int main(int argc, char **argv)
{
	long amount, held = -1;

	if (argc < 3) {
		fprintf(stderr, "hold-objects KIND AMOUNT [--wait]\n");
		return 2;
	}
	amount = load_number(argv[2], 1000000);
	load_begin();
	memset(message, 'u', sizeof(message));
	load_wait_for_go("hold-objects", argc > 3 && strcmp(argv[3], "--wait") == 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, argv[1]) == 0)
			held = kinds[i].hold(amount);
	if (held < 0) {
		fprintf(stderr, "%s: no such kind\n", argv[1]);
		return 2;
	}
	load_say("{\"state\":\"held\",\"program\":\"hold-objects\",\"pid\":%d,\"objects\":[{\"kind\":\"%s\",\"bytes\":%ld}]}\n",
		 (int)getpid(), argv[1], held);
	while (load_next_line())
		;
	return 0;
}
