/*
 * many-processes N [--wait]: N (at most 100,000) processes that sleep, each with a PID, a status and 16 open
 * descriptors of its own to read. They share memory, descriptors and handlers with this one, so that each takes some
 * tens of KiB of the kernel alone. They end with this process. kernel.pid_max must allow them.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define STACK 4096

static int sleep_till_end(void *nothing)
{
	(void)nothing;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pause() < 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? load_number(argv[1], 100000) : 0;
	char *stacks = mmap(NULL, (count + 1) * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (count == 0 || stacks == MAP_FAILED) {
		fprintf(stderr, "many-processes N [--wait]\n");
		return 2;
	}
	load_begin();
	signal(SIGCHLD, SIG_IGN);
	while (open("/dev/null", O_RDONLY) < 15)
		;
	load_wait_for_go("many-processes", argc > 2 && strcmp(argv[2], "--wait") == 0);
	for (long i = 1; i <= count; i++)
		if (clone(sleep_till_end, stacks + i * STACK, CLONE_VM | CLONE_FS | CLONE_FILES, NULL) < 0)
			load_die("clone");
	load_say("{\"state\":\"held\",\"program\":\"many-processes\",\"pid\":%d,\"objects\":[{\"kind\":\"process\",\"bytes\":%ld}]}\n",
		 (int)getpid(), count);
	while (load_next_line())
		;
	return 0;
}
