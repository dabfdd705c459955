/*
 * hold-unmapped [MIB] [--wait] [--by vmsplice|io_uring] [--child]: takes MIB (96) MiB of anonymous
 * memory, has it referenced by pipes (vmsplice) or as fixed buffers of an io_uring, and unmaps it.
 *
 * Truth: MIB * 256 order-0 pages, taken in page faults (do_anonymous_page and its like), that no
 * process maps: AnonPages does not count them, the LRU lists hold them, and io_uring's are pinned
 * (nr_foll_pin_acquired). With --child a child does it and ends, so the process that took them is
 * gone. They are freed when the pipes or the ring are closed.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define MIB (1L << 20)
#define PIPE_BYTES MIB

static long mib = 96;
static int (*pipes)[2];
static int ring = -1;

static void open_holders(int by_io_uring)
{
	struct io_uring_params params = { 0 };

	if (by_io_uring) {
		ring = (int)syscall(SYS_io_uring_setup, 4, &params);
		if (ring < 0)
			load_die("io_uring_setup");
		return;
	}
	pipes = malloc(mib * sizeof(*pipes));
	if (pipes == NULL)
		load_die("malloc");
	for (long i = 0; i < mib; i++) {
		if (pipe2(pipes[i], O_NONBLOCK) < 0)
			load_die("pipe2");
		if (fcntl(pipes[i][1], F_SETPIPE_SZ, (int)PIPE_BYTES) < PIPE_BYTES)
			load_die("a pipe does not take 1 MiB");
	}
}

static void splice_in(char *memory)
{
	for (long i = 0; i < mib; i++) {
		struct iovec rest = { memory + i * MIB, MIB };

		while (rest.iov_len > 0) {
			ssize_t taken = vmsplice(pipes[i][1], &rest, 1, SPLICE_F_NONBLOCK);

			if (taken <= 0)
				load_die("vmsplice");
			rest.iov_base = (char *)rest.iov_base + taken;
			rest.iov_len -= (size_t)taken;
		}
	}
}

static void register_in_ring(char *memory)
{
	struct iovec buffer = { memory, (size_t)(mib * MIB) };

	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1) < 0)
		load_die("io_uring_register");
}

static void take(void)
{
	char *memory = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		load_die("mmap");
	/* the truth counts single pages */
	madvise(memory, mib * MIB, MADV_NOHUGEPAGE);
	memset(memory, 'u', mib * MIB);
	if (ring >= 0)
		register_in_ring(memory);
	else
		splice_in(memory);
	munmap(memory, mib * MIB);
}

static void let_go(void)
{
	if (ring >= 0)
		close(ring);
	for (long i = 0; pipes != NULL && i < mib; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

int main(int argc, char **argv)
{
	int wait_for_go = 0, by_io_uring = 0, by_child = 0;
	pid_t taker = getpid();

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait_for_go = 1;
		else if (strcmp(argv[i], "--child") == 0)
			by_child = 1;
		else if (strcmp(argv[i], "--by") == 0 && i + 1 < argc)
			by_io_uring = strcmp(argv[++i], "io_uring") == 0;
		else
			mib = load_number(argv[i], 4096);
	}
	load_begin();
	load_wait_for_go("hold-unmapped", wait_for_go);
	open_holders(by_io_uring);
	if (by_child) {
		int status;

		taker = fork();
		if (taker < 0)
			load_die("fork");
		if (taker == 0) {
			take();
			_exit(0);
		}
		if (waitpid(taker, &status, 0) != taker || status != 0)
			load_die("the child did not do it");
	} else {
		take();
	}
	load_say("{\"state\":\"held\",\"program\":\"hold-unmapped\",\"pid\":%d,\"taker\":%d,\"truth\":["
		 "{\"allocator\":\"page\",\"kind\":\"mm_page_alloc\",\"symbol\":\"do_anonymous_page\",\"count\":%ld,\"bytes\":%ld}]}\n",
		 (int)getpid(), (int)taker, mib * 256, mib * MIB);
	if (!load_next_line())
		return 0;
	let_go();
	load_say("{\"state\":\"released\",\"program\":\"hold-unmapped\",\"pid\":%d}\n", (int)getpid());
	while (load_next_line())
		;
	return 0;
}
