// SPDX-License-Identifier: MIT
/*
 * A program whose heap is known to the byte. Argument: the load. It writes "ready PID" when it waits for a line on stdin, does the
 * load, writes "held BLOCKS BYTES" of what it has allocated since and not freed, and waits for stdin to end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "load.h"

long held_blocks, held_bytes;
void *volatile kept;

void *keep(void *block, long bytes)
{
	kept = block;
	held_blocks++;
	held_bytes += bytes;
	return block;
}

static void plain(void)
{
	for (int i = 0; i < 100; i++)
		keep(malloc(100), 100);
	for (int i = 0; i < 1000; i++)
		free(malloc(50));
}

static void failed_realloc(void)
{
	void *volatile block;
	volatile size_t huge = SIZE_MAX / 2 - 4096;

	for (int i = 0; i < 100; i++) {
		block = keep(malloc(100), 100);
		if (realloc(block, huge))
			abort();
	}
}

static void failed_memalign(void)
{
	void *live = keep(malloc(77), 77), *out = live;
	volatile size_t huge = SIZE_MAX / 2 - 4096;

	for (int i = 0; i < 100; i++) {
		if (posix_memalign(&out, 64, huge) != ENOMEM)
			abort();
	}
	for (int i = 0; i < 10; i++) {
		if (posix_memalign(&out, 64, 500))
			abort();
		keep(out, 500);
	}
}

static void chains(void)
{
	for (int i = 0; i < 50; i++) {
		char *block = malloc(10);

		for (int bytes = 20; bytes < 2000; bytes += 100)
			block = realloc(block, (size_t)bytes);
		keep(realloc(block, 3000), 3000);
	}
	for (int i = 0; i < 20; i++) {
		void *volatile block = malloc(40);

		/* a free */
		if (realloc(block, 0))
			abort();
	}
	for (int i = 0; i < 10; i++)
		keep(realloc(NULL, 60), 60);
}

static void sizes(void)
{
	volatile size_t many = SIZE_MAX / 2;

	for (int i = 0; i < 10; i++) {
		keep(malloc(1 << 20), 1 << 20);
		keep(calloc(30, 10), 300);
		keep(memalign(64, 200), 200);
		keep(aligned_alloc(64, 256), 256);
		keep(valloc(100), 100);
		keep(reallocarray(NULL, 7, 11), 77);
		keep(strdup("0123456789"), 11);
		if (calloc(many, 8))
			abort();
	}
	for (int i = 0; i < 10; i++) {
		void *block = malloc(1 << 20);

		keep(realloc(block, 8 << 20), 8 << 20);
	}
	free(NULL);
}

static jmp_buf back;

static void jump(int number)
{
	(void)number;
	longjmp(back, 1);
}

/* An allocator that is left by a longjmp: calls of the thread from deeper frames count as before. */
static __attribute__((noinline)) void deep(int depth)
{
	volatile char frame[256];

	frame[0] = (char)depth;
	if (depth)
		deep(depth - 1);
	else
		keep(malloc(frame[0] == 0 ? 90 : 91), 90);
}

static void jumps(void)
{
	struct sigaction action = { .sa_handler = jump, .sa_flags = SA_NODEFER };
	void **bad = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaction(SIGSEGV, &action, NULL);
	for (int i = 0; i < 10; i++) {
		/* posix_memalign writes its result where it must not, and is left by the handler */
		if (setjmp(back) == 0 && posix_memalign(bad, 64, 64) == 0)
			abort();
		deep(20);
		for (int j = 0; j < 10; j++)
			keep(malloc(70), 70);
	}
}

static void on_signal(int number)
{
	(void)number;
	keep(malloc(44), 44);
	free(malloc(4));
}

static void handlers(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	stack_t other = { .ss_sp = malloc(1 << 16), .ss_size = 1 << 16 };

	keep(other.ss_sp, 1 << 16);
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 50; i++)
		raise(SIGUSR1);
	sigaltstack(&other, NULL);
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 50; i++) {
		raise(SIGUSR1);
		keep(malloc(45), 45);
	}
}

static __attribute__((noinline)) int recurse(int depth)
{
	int below = depth ? recurse(depth - 1) : 0;

	if (depth == 0)
		keep(malloc(33), 33);
	return below + (kept != NULL);
}

static void recursion(void)
{
	for (int depth = 1; depth < 200; depth++)
		recurse(depth);
}

/* Two libraries that take turns at one address: UNFREED_PLUGINS names them, and what is called in them. */
static void plugins(void)
{
	char *names[4], *all = strdup(getenv("UNFREED_PLUGINS"));

	for (int i = 0; i < 4; i++)
		names[i] = strtok(i ? NULL : all, ":");
	for (int i = 0; i < 40; i++) {
		void *library = dlopen(names[i % 2], RTLD_NOW);
		void *(*call)(void) = (void *(*)(void))dlsym(library, names[2 + i % 2]);

		for (int j = 0; j < 5; j++)
			keep(call(), 111);
		/* the tracer looks at what is mapped: what is gone has no name */
		usleep(20000);
		keep(call(), 111);
		usleep(20000);
		dlclose(library);
	}
	free(all);
}

/* Under a filter that knows no calls of the kernel's own, 335 and 336: uretprobe, uprobe. */
static void confine(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 335, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 336, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		abort();
}

static const struct {
	const char *name;
	void (*run)(void);
} loads[] = {
	{ "plain", plain }, { "failed-realloc", failed_realloc }, { "failed-memalign", failed_memalign }, { "chains", chains },
	{ "sizes", sizes }, { "threads", threads }, { "jumps", jumps }, { "handlers", handlers }, { "recursion", recursion },
	{ "handing", handing }, { "churning", churning }, { "confined", plain },
	{ "plugins", plugins },
};

int main(int argc, char **argv)
{
	char line[64];

	for (size_t i = 0; argc == 2 && i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (strcmp(loads[i].name, argv[1]) != 0)
			continue;
		/* buffers of stdio are heap: none of them is made later */
		setvbuf(stdout, NULL, _IONBF, 0);
		make_stacks();
		if (strcmp(argv[1], "confined") == 0)
			confine();
		printf("ready %d\n", getpid());
		if (read(0, line, sizeof(line)) <= 0)
			return 1;
		loads[i].run();
		printf("held %ld %ld\n", held_blocks, held_bytes);
		while (read(0, line, sizeof(line)) > 0)
			;
		return 0;
	}
	return 2;
}
