/*
 * hold-pipes [N] [--wait] [--every MS] [--empty]: fills N pipes (23) to 64 KiB and holds them.
 *
 * Truth: 16 pages a pipe, each an order-0 page taken in pipe_write (or anon_pipe_write, by version).
 * /proc/meminfo never shows them: these are the "unaccounted" pages. Besides, two slab objects a pipe
 * in alloc_pipe_info (the pipe and its ring of 16 buffers), without the pages that the slab allocator
 * takes below them (paths through allocate_slab). All of it is freed when the pipes are closed.
 * With --every MS it opens one pipe each MS milliseconds instead of all at once: a call path that
 * grows steadily. With --empty nothing is written into them: they hold no page.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <time.h>

#define PIPE_BYTES 65536
#define PIPE_PAGES 16

static char filler[PIPE_BYTES];

static int empty;

static void fill_pipe(int ends[2])
{
	if (pipe2(ends, O_NONBLOCK) < 0)
		load_die("pipe2");
	if (empty)
		return;
	/*
	 * A user above /proc/sys/fs/pipe-user-pages-soft gets smaller pipes. The truth would be wrong
	 * then, so report it.
	 */
	if (write(ends[1], filler, sizeof(filler)) != PIPE_BYTES)
		load_die("a pipe took less than 64 KiB");
}

int main(int argc, char **argv)
{
	long count = 23, every_ms = 0, opened, pages;
	int wait = 0;
	int (*pipes)[2];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0)
			wait = 1;
		else if (strcmp(argv[i], "--empty") == 0)
			empty = 1;
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
	load_wait_for_go("hold-pipes", wait);
	for (opened = 0; opened < count; opened++) {
		fill_pipe(pipes[opened]);
		if (every_ms > 0) {
			struct timespec pause = { every_ms / 1000, every_ms % 1000 * 1000000 };

			nanosleep(&pause, NULL);
			if (load_exit_asked)
				return 0;
		}
	}
	pages = empty ? 0 : count * PIPE_PAGES;
	load_say("{\"state\":\"held\",\"program\":\"hold-pipes\",\"pid\":%d,\"pipes\":%ld,\"truth\":["
		 "{\"allocator\":\"page\",\"kind\":\"mm_page_alloc\",\"symbol\":\"pipe_write\",\"count\":%ld,\"bytes\":%ld},"
		 "{\"allocator\":\"slab\",\"kind\":\"kmalloc\",\"symbol\":\"alloc_pipe_info\",\"count\":%ld}]}\n",
		 (int)getpid(), count, pages, pages * 4096L, count * 2);
	if (!load_next_line())
		return 0;
	for (opened = 0; opened < count; opened++) {
		close(pipes[opened][0]);
		close(pipes[opened][1]);
	}
	load_say("{\"state\":\"released\",\"program\":\"hold-pipes\",\"pid\":%d}\n", (int)getpid());
	while (load_next_line())
		;
	return 0;
}
