/*
 * hold-sockets [N] [--wait] [--every MS] [--kind epoll|unix|both] [--closed M]: holds N epoll instances and N unix
 * socket pairs (23 each). Before, it opens and closes M socket pairs, one after the other.
 *
 * Truth, in objects on call paths through the named function (measured on 6.18; other objects come
 * with each):
 *   do_epoll_create    N kmalloc           the eventpoll itself (192 bytes asked, 256 given on 6.18)
 *   sock_alloc_inode   2 N kmem_cache      sock_inode_cache
 *   sk_prot_alloc      2 N kmem_cache      the sock; its cache may have the name of one it was merged with
 * The frees of sockets have events; those of inodes come after an RCU grace period. The frees of
 * eventpolls have none if the kernel uses kfree_rcu for them (6.18 does), so they test everything that
 * must notice unseen frees. With --every MS it takes one of each every MS milliseconds instead of all
 * at once: call paths that grow steadily.
 */
#define _GNU_SOURCE
#include "load.h"
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
	long count = 23, every_ms = 0, closed = 0, opened;
	int wait = 0, epolls = 1, sockets = 1;
	int (*held)[3];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wait") == 0) {
			wait = 1;
		} else if (strcmp(argv[i], "--every") == 0 && i + 1 < argc) {
			every_ms = load_number(argv[++i], 60000);
		} else if (strcmp(argv[i], "--closed") == 0 && i + 1 < argc) {
			closed = load_number(argv[++i], 10000000);
		} else if (strcmp(argv[i], "--kind") == 0 && i + 1 < argc) {
			i++;
			epolls = strcmp(argv[i], "unix") != 0;
			sockets = strcmp(argv[i], "epoll") != 0;
		} else {
			count = load_number(argv[i], 100000);
		}
	}
	load_begin();
	held = malloc(count * sizeof(*held));
	if (held == NULL)
		load_die("malloc");
	memset(held, 0xff, count * sizeof(*held));
	load_wait_for_go("hold-sockets", wait);
	for (opened = 0; opened < closed; opened++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
			load_die("socketpair");
		close(pair[0]);
		close(pair[1]);
	}
	for (opened = 0; opened < count; opened++) {
		if (epolls && (held[opened][0] = epoll_create1(0)) < 0)
			load_die("epoll_create1");
		if (sockets && socketpair(AF_UNIX, SOCK_STREAM, 0, &held[opened][1]) < 0)
			load_die("socketpair");
		if (every_ms > 0) {
			struct timespec pause = { every_ms / 1000, every_ms % 1000 * 1000000 };

			nanosleep(&pause, NULL);
			if (load_exit_asked)
				return 0;
		}
	}
	load_say("{\"state\":\"held\",\"program\":\"hold-sockets\",\"pid\":%d,\"truth\":["
		 "{\"allocator\":\"slab\",\"kind\":\"kmalloc\",\"symbol\":\"do_epoll_create\",\"count\":%ld},"
		 "{\"allocator\":\"slab\",\"kind\":\"kmem_cache_alloc\",\"symbol\":\"sock_alloc_inode\",\"count\":%ld},"
		 "{\"allocator\":\"slab\",\"kind\":\"kmem_cache_alloc\",\"symbol\":\"sk_prot_alloc\",\"count\":%ld}]}\n",
		 (int)getpid(), epolls ? count : 0, sockets ? 2 * count : 0, sockets ? 2 * count : 0);
	if (!load_next_line())
		return 0;
	for (opened = 0; opened < count; opened++)
		for (int i = 0; i < 3; i++)
			if (held[opened][i] >= 0)
				close(held[opened][i]);
	load_say("{\"state\":\"released\",\"program\":\"hold-sockets\",\"pid\":%d}\n", (int)getpid());
	while (load_next_line())
		;
	return 0;
}
