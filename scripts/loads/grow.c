/*
 * grow KIND STEPS EVERY_MS [--wait]: takes a little more memory every EVERY_MS milliseconds, STEPS times,
 * and holds it. The process is named grow-KIND.
 *
 *   pipes    fills one more pipe to 64 KiB          16 pages a step, in no line of /proc/meminfo
 *   tmpfs    writes 64 KiB more to a file on tmpfs  16 pages a step, Shmem; the file has no name
 *   anon     touches 64 KiB more of private memory  16 pages a step, AnonPages (huge pages are refused)
 *   sockets  opens one more pair of unix sockets    2 objects a step of the cache UNIX, SUnreclaim
 *
 * Steps come at fixed times from the start, however long each takes, so that the rate is exactly
 * 1000 / EVERY_MS steps a second. "held" comes at once after the last step: a trace that ends there
 * sees growth up to its end.
 */
#define _GNU_SOURCE
#include "load.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#define STEP_BYTES 65536

static char filler[STEP_BYTES];
static char *region;
static int file = -1;

static void step_pipes(long step)
{
	int ends[2];

	(void)step;
	if (pipe2(ends, O_NONBLOCK) < 0)
		load_die("pipe2");
	if (write(ends[1], filler, STEP_BYTES) != STEP_BYTES)
		load_die("a pipe took less than 64 KiB");
}

static void step_tmpfs(long step)
{
	if (pwrite(file, filler, STEP_BYTES, step * STEP_BYTES) != STEP_BYTES)
		load_die("write to tmpfs");
}

static void step_anon(long step)
{
	memset(region + step * STEP_BYTES, 'u', STEP_BYTES);
}

static void step_sockets(long step)
{
	int ends[2];

	(void)step;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		load_die("socketpair");
}

static const struct kind {
	const char *name, *allocator, *symbol;
	void (*step)(long);
	long count; /* pages or objects a step, on call paths through symbol */
} kinds[] = {
	{ "pipes", "page", "pipe_write", step_pipes, 16 },
	{ "tmpfs", "page", "shmem_alloc_folio", step_tmpfs, 16 },
	{ "anon", "page", "do_anonymous_page", step_anon, 16 },
	{ "sockets", "slab", "sk_prot_alloc", step_sockets, 2 },
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	fprintf(stderr, "%s: not pipes, tmpfs, anon or sockets\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	const struct kind *kind;
	long steps, every_ms;
	char name[32];
	struct timespec next;

	if (argc < 4) {
		fprintf(stderr, "usage: grow pipes|tmpfs|anon|sockets STEPS EVERY_MS [--wait]\n");
		return 2;
	}
	kind = kind_of(argv[1]);
	steps = load_number(argv[2], 100000);
	every_ms = load_number(argv[3], 60000);
	snprintf(name, sizeof(name), "grow-%s", kind->name);
	prctl(PR_SET_NAME, name);
	load_begin();
	memset(filler, 'u', sizeof(filler));
	if (kind->step == step_tmpfs && (file = open("/dev/shm", O_TMPFILE | O_RDWR, 0600)) < 0)
		load_die("/dev/shm");
	if (kind->step == step_anon) {
		region = mmap(NULL, steps * STEP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (region == MAP_FAILED)
			load_die("mmap");
		madvise(region, steps * STEP_BYTES, MADV_NOHUGEPAGE);
	}
	load_wait_for_go(name, argc > 4 && strcmp(argv[4], "--wait") == 0);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long step = 0; step < steps; step++) {
		next.tv_nsec += every_ms % 1000 * 1000000;
		next.tv_sec += every_ms / 1000 + next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			if (load_exit_asked)
				return 0;
		kind->step(step);
	}
	load_say("{\"state\":\"held\",\"program\":\"%s\",\"pid\":%d,\"steps\":%ld,\"everyMs\":%ld,\"truth\":["
		 "{\"allocator\":\"%s\",\"symbol\":\"%s\",\"count\":%ld}]}\n",
		 name, (int)getpid(), steps, every_ms, kind->allocator, kind->symbol, steps * kind->count);
	while (load_next_line())
		;
	return 0;
}
