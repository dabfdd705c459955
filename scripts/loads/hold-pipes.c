/*
 * hold-pipes [N] [--wait] [--every MS] [--empty | --sent | --inherited | --left | --at FD]: fills N pipes (23) to 64 KiB and holds them.
 *
 * Truth: 16 pages a pipe, each an order-0 page taken in pipe_write (or anon_pipe_write, by version).
 * /proc/meminfo never shows them: these are the "unaccounted" pages. Besides, two slab objects a pipe
 * in alloc_pipe_info (the pipe and its ring of 16 buffers), without the pages that the slab allocator
 * takes below them (paths through allocate_slab). All of it is freed when the pipes are closed.
 * With --every MS it opens one pipe each MS milliseconds instead of all at once: a call path that
 * grows steadily. With --empty nothing is written into them: they hold no page.
 * With --sent both ends are in a message that nobody reads, and open nowhere; with --inherited a child has
 * them open, too; with --left a child fills them and ends; with --at they have the descriptors from FD on.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define PIPE_BYTES 65536
#define PIPE_PAGES 16

static char filler[PIPE_BYTES];

static int empty;

static void fill(int end)
{
	/*
	 * A user above /proc/sys/fs/pipe-user-pages-soft gets smaller pipes. The truth would be wrong
	 * then, so report it.
	 */
	if (write(end, filler, sizeof(filler)) != PIPE_BYTES)
		load_die("a pipe took less than 64 KiB");
}

static void open_pipe(int ends[2])
{
	if (pipe2(ends, O_NONBLOCK) < 0)
		load_die("pipe2");
	if (!empty)
		fill(ends[1]);
}

/* Has a child fill them, which ends. Returns its process id. */
static pid_t fill_by_child(int (*pipes)[2], long count)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		load_die("fork");
	if (child == 0) {
		for (long i = 0; i < count; i++)
			fill(pipes[i][1]);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		load_die("the child did not do it");
	return child;
}

/* Sends both ends to nobody, and closes them. */
static void send_away(int to, int ends[2])
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec text = { "p", 1 };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	control.align = (struct cmsghdr){ .cmsg_len = CMSG_LEN(2 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.align), ends, 2 * sizeof(int));
	if (sendmsg(to, &message, 0) != 1)
		load_die("sendmsg");
	close(ends[0]);
	close(ends[1]);
}

static void move_up(long at, int ends[2])
{
	for (int i = 0; i < 2; i++) {
		if (dup2(ends[i], (int)at + i) < 0)
			load_die("dup2");
		close(ends[i]);
		ends[i] = (int)at + i;
	}
}

/* A child that has all that is open. */
static void leave_to_child(void)
{
	pid_t child = fork();

	if (child < 0)
		load_die("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

int main(int argc, char **argv)
{
	long count = 23, every_ms = 0, opened, pages;
	long at = -1;
	int wait = 0, sent = 0, inherited = 0, left = 0, queue[2];
	pid_t taker = getpid();
	int (*pipes)[2];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait = 1;
		else if (strcmp(argv[i], "--empty") == 0)
			empty = 1;
		else if (strcmp(argv[i], "--sent") == 0)
			sent = 1;
		else if (strcmp(argv[i], "--inherited") == 0)
			inherited = 1;
		else if (strcmp(argv[i], "--left") == 0)
			left = empty = 1;
		else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc)
			at = load_number(argv[++i], 1 << 20);
		else if (strcmp(argv[i], "--every") == 0 && i + 1 < argc)
			every_ms = load_number(argv[++i], 60000);
		else
			count = load_number(argv[i], 100000);
	}
	load_begin();
	pipes = malloc(count * sizeof(*pipes));
	if (pipes == NULL)
		load_die("malloc");
	memset(filler, 'u', sizeof(filler));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, queue) < 0)
		load_die("socketpair");
	load_wait_for_go("hold-pipes", wait);
	for (opened = 0; opened < count; opened++) {
		open_pipe(pipes[opened]);
		if (sent)
			send_away(queue[1], pipes[opened]);
		else if (at >= 0)
			move_up(at + 2 * opened, pipes[opened]);
		if (every_ms > 0) {
			struct timespec pause = { every_ms / 1000, every_ms % 1000 * 1000000 };

			nanosleep(&pause, NULL);
			if (load_exit_asked)
				return 0;
		}
	}
	if (inherited)
		leave_to_child();
	if (left)
		taker = fill_by_child(pipes, count);
	pages = empty && !left ? 0 : count * PIPE_PAGES;
	load_say("{\"state\":\"held\",\"program\":\"hold-pipes\",\"pid\":%d,\"taker\":%d,\"pipes\":%ld,\"truth\":["
		 "{\"allocator\":\"page\",\"kind\":\"mm_page_alloc\",\"symbol\":\"pipe_write\",\"count\":%ld,\"bytes\":%ld},"
		 "{\"allocator\":\"slab\",\"kind\":\"kmalloc\",\"symbol\":\"alloc_pipe_info\",\"count\":%ld}]}\n",
		 (int)getpid(), (int)taker, count, pages, pages * 4096L, count * 2);
	if (!load_next_line())
		return 0;
	close(queue[0]);
	close(queue[1]);
	for (opened = 0; opened < count && !sent; opened++) {
		close(pipes[opened][0]);
		close(pipes[opened][1]);
	}
	load_say("{\"state\":\"released\",\"program\":\"hold-pipes\",\"pid\":%d}\n", (int)getpid());
	while (load_next_line())
		;
	return 0;
}
