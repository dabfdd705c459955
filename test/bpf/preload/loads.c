// SPDX-License-Identifier: MIT
/*
 * Programs whose heap is known exactly: loads NAME [ARGS]. What they keep is allocated below functions whose names begin
 * with load_. Each writes "NAME BLOCKS BYTES" for each such function to stderr when it is done.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone, noipa))
#define HIDE(pointer) __asm__ volatile("" : "+r"(pointer) : : "memory")

extern char **environ;

static void truth(const char *name, uint64_t blocks, uint64_t bytes)
{
	char line[128];
	int nr = snprintf(line, sizeof(line), "%s %llu %llu\n", name, (unsigned long long)blocks, (unsigned long long)bytes);

	if (write(2, line, (size_t)nr) != nr)
		_exit(3);
}

static void *hidden(void *at)
{
	HIDE(at);
	return at;
}

APART static void *load_keep(size_t bytes)
{
	return hidden(malloc(bytes));
}

static size_t huge(void)
{
	size_t bytes = SIZE_MAX / 4;

	HIDE(bytes);
	return bytes;
}

APART static void load_failing(void)
{
	void *kept = hidden(malloc(77)), *out = kept;

	for (int i = 0; i < 100; i++) {
		void *at = hidden(malloc(100));

		if (hidden(realloc(at, huge())))
			abort();
		out = kept;
		if (posix_memalign(&out, 64, huge()) == 0 || posix_memalign(&out, 3, 10) == 0 || hidden(malloc(huge())))
			abort();
		if (hidden(calloc(huge(), 16)) || hidden(calloc(huge() / 4, 4)) || hidden(reallocarray(kept, huge(), 16)))
			abort();
	}
	truth("load_failing", 101, 10077);
}

APART static void load_chains(void)
{
	uint64_t bytes = 0;

	for (int i = 1; i <= 50; i++) {
		char *at = NULL;

		for (int j = 1; j <= i; j++)
			at = hidden(realloc(at, (size_t)(j * 1000)));
		for (int j = i; j >= i / 2 + 1; j--)
			at = hidden(realloc(at, (size_t)j * 100));
		bytes += (uint64_t)(i / 2 + 1) * 100;
		free(hidden(malloc(10)));
		if (hidden(realloc(hidden(malloc(20)), 0)))
			abort();
	}
	truth("load_chains", 50, bytes);
}

APART static void load_large(void)
{
	void *blocks[100];

	for (int i = 0; i < 100; i++)
		blocks[i] = hidden(malloc(1 << 20));
	for (int i = 10; i < 100; i++)
		free(blocks[i]);
	for (int i = 0; i < 10; i++)
		blocks[i] = hidden(realloc(blocks[i], 8 << 20));
	truth("load_large", 10, 10 * (8ull << 20));
}

APART static void load_others(void)
{
	void *at;
	char *line = NULL;
	size_t room = 0;
	FILE *file;

	for (int i = 0; i < 20; i++) {
		hidden(calloc(10, 10));
		hidden(memalign(64, 30));
		hidden(aligned_alloc(256, 512));
		hidden(valloc(40));
		hidden(pvalloc(50));
		if (posix_memalign(&at, 128, 60))
			abort();
		hidden(at);
		hidden(reallocarray(NULL, 7, 10));
		hidden(strdup("nine char"));
		free(hidden(memalign(64, 30)));
		free(hidden(valloc(40)));
	}
	/* a C library that calls malloc() for the program */
	file = fmemopen((char[]){ "a line of text\n" }, 15, "r");
	if (!file || getline(&line, &room, file) < 0)
		abort();
	free(line);
	fclose(file);
	truth("load_others", 160, 20 * (100 + 30 + 512 + 40 + 50 + 60 + 70 + 10));
}

APART static void *load_thread(void *context)
{
	(void)context;
	for (int i = 0; i < 50; i++) {
		load_keep(300);
		for (int j = 0; j < 200; j++)
			free(hidden(malloc((size_t)(1 + j * 7 % 900))));
	}
	return NULL;
}

static void threads(int nr)
{
	pthread_t all[64];

	for (int i = 0; i < nr; i++)
		pthread_create(&all[i], NULL, load_thread, NULL);
	for (int i = 0; i < nr; i++)
		pthread_join(all[i], NULL);
	truth("load_thread", (uint64_t)nr * 50, (uint64_t)nr * 50 * 300);
}

static pthread_barrier_t all_there;

static void *keep_in_crowd(void *context)
{
	(void)context;
	for (int i = 0; i < 20; i++)
		load_keep(16);
	pthread_barrier_wait(&all_there);
	return NULL;
}

/* All at once: more than there are rings. */
static void crowd(int nr)
{
	pthread_t *all = calloc((size_t)nr, sizeof(*all));
	pthread_attr_t small;

	pthread_barrier_init(&all_there, NULL, (unsigned)nr + 1);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 40960);
	for (int i = 0; i < nr; i++) {
		if (pthread_create(&all[i], &small, keep_in_crowd, NULL))
			abort();
	}
	pthread_barrier_wait(&all_there);
	for (int i = 0; i < nr; i++)
		pthread_join(all[i], NULL);
	truth("load_keep", (uint64_t)nr * 20, (uint64_t)nr * 20 * 16);
}

static void *keep_sixteen(void *context)
{
	(void)context;
	return load_keep(16);
}

/* One after the other, with stacks of 40 KiB: rings are given on. */
static void churn(int nr)
{
	pthread_attr_t small;
	pthread_t one;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 40960);
	for (int i = 0; i < nr; i++) {
		pthread_create(&one, &small, keep_sixteen, NULL);
		pthread_join(one, NULL);
	}
	truth("load_keep", (uint64_t)nr, (uint64_t)nr * 16);
}

/* ---- blocks that go from thread to thread ---- */

#define PLACES 256
static void *places[PLACES];

APART static void *load_exchange(void *context)
{
	uint32_t random = (uint32_t)(uintptr_t)context * 2654435761u + 1;

	for (int i = 0; i < 300000; i++) {
		random = random * 1664525 + 1013904223;
		free(__atomic_exchange_n(&places[random >> 24], hidden(malloc(16 + (random >> 8) % 200)), __ATOMIC_ACQ_REL));
	}
	return NULL;
}

/* Every second one is freed. */
APART static void *load_last(void *at, int i)
{
	free(at);
	return i % 2 ? NULL : hidden(malloc((size_t)i + 1));
}

static void exchange(int nr)
{
	pthread_t all[64];
	uint64_t blocks = 0, bytes = 0;

	for (int i = 0; i < nr; i++)
		pthread_create(&all[i], NULL, load_exchange, (void *)(intptr_t)(i + 1));
	for (int i = 0; i < nr; i++)
		pthread_join(all[i], NULL);
	for (int i = 0; i < PLACES; i++) {
		places[i] = load_last(places[i], i);
		blocks += places[i] != NULL;
		bytes += places[i] ? (uint64_t)i + 1 : 0;
	}
	truth("load_last", blocks, bytes);
	truth("load_exchange", 0, 0);
}

/* ---- processes ---- */

static void child_of_fork(void **blocks)
{
	for (int i = 0; i < 60; i++)
		free(blocks[i]);
	load_keep(1000);
	truth("load_keep", 41, 40 * 64 + 1000);
	_exit(0);
}

/* The parent goes on at once with what it has, and others of its threads do too. */
static void forks(int nr)
{
	void *blocks[100];

	for (int i = 0; i < 100; i++)
		blocks[i] = load_keep(64);
	for (int j = 0; j < nr; j++) {
		pid_t child = fork();

		if (child == 0)
			child_of_fork(blocks);
		for (int i = 60; i < 100; i++) {
			free(blocks[i]);
			blocks[i] = load_keep(64);
		}
	}
	while (wait(NULL) > 0)
		;
	truth("load_keep", 100, 6400);
}

static void executes(char *self, bool spawned)
{
	char *command[] = { self, "keep", "7", NULL };
	pid_t child;

	for (int i = 0; i < 10; i++)
		load_keep(500);
	truth("load_keep", 10, 5000);
	if (!spawned)
		execv(self, command);
	posix_spawn(&child, self, NULL, NULL, command, environ);
	waitpid(child, NULL, 0);
}

static void killed(void)
{
	for (int i = 0; i < 1000; i++)
		load_keep(100);
	truth("load_keep", 1000, 100000);
	for (;;)
		free(hidden(malloc(50)));
}

/* ---- signals ---- */

static uint64_t libc_start, libc_end;
static volatile uint64_t handled;
static bool jumps;
static sigjmp_buf before;

static int find_libc(struct dl_phdr_info *info, size_t bytes, void *context)
{
	(void)bytes;
	(void)context;
	if (!strstr(info->dlpi_name, "libc.so") && !strstr(info->dlpi_name, "ld-"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uint64_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type != PT_LOAD || !strstr(info->dlpi_name, "libc.so"))
			continue;
		libc_start = libc_start && libc_start < start ? libc_start : start;
		libc_end = start + info->dlpi_phdr[i].p_memsz > libc_end ? start + info->dlpi_phdr[i].p_memsz : libc_end;
	}
	return 0;
}

APART static void load_handler(int number, siginfo_t *info, void *context)
{
	uint64_t pc = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	(void)number;
	(void)info;
	/* the C library must not be entered again; what comes before its malloc() and after it may be */
	if (pc >= libc_start && pc < libc_end)
		return;
	for (int i = 0; i < 3; i++)
		hidden(malloc(32));
	free(hidden(malloc(64)));
	handled++;
	if (jumps)
		siglongjmp(before, 1);
}

static void busy(int rounds)
{
	for (int i = 0; i < rounds; i++)
		free(hidden(malloc((size_t)(1 + i % 500))));
}

static void signals(bool alternate, bool jump)
{
	struct sigaction action = { .sa_sigaction = load_handler, .sa_flags = SA_SIGINFO | (alternate ? SA_ONSTACK : 0) };
	struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };
	stack_t stack = { .ss_size = 65536 };
	volatile int turns = 0;

	dl_iterate_phdr(find_libc, NULL);
	jumps = jump;
	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&stack, NULL);
	sigaction(SIGALRM, &action, NULL);
	sigsetjmp(before, 1);
	setitimer(ITIMER_REAL, &often, NULL);
	while (turns++ < 2000)
		busy(1000);
	setitimer(ITIMER_REAL, &never, NULL);
	truth("load_handler", handled * 3, handled * 96);
	for (int i = 0; i < 10; i++)
		load_keep(40);
	truth("load_keep", 10, 400);
}

/* ---- stacks ---- */

APART static int load_deep(int depth)
{
	int below = depth ? load_deep(depth - 1) : 0;

	hidden(malloc(10));
	return below + 1;
}

static ucontext_t here, there;

APART static void load_coroutine(void)
{
	for (int i = 0; i < 10; i++) {
		hidden(malloc(70));
		swapcontext(&there, &here);
	}
}

static void coroutines(void)
{
	for (int i = 0; i < 20; i++) {
		size_t bytes = (size_t)(1 + i % 4) * 16384;
		void *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		getcontext(&there);
		there.uc_stack.ss_sp = stack;
		there.uc_stack.ss_size = bytes;
		there.uc_link = NULL;
		makecontext(&there, load_coroutine, 0);
		for (int j = 0; j < 10; j++) {
			swapcontext(&here, &there);
			load_keep(5);
		}
		munmap(stack, bytes);
	}
	truth("load_coroutine", 200, 14000);
	truth("load_keep", 200, 1000);
}

/* ---- plugins: two files, the second often where the first was ---- */

static void plugins(char **files)
{
	for (int turn = 0; turn < 5; turn++) {
		for (int i = 0; i < 2; i++) {
			void *plugin = dlopen(files[i], RTLD_NOW);
			void (*leak)(void) = plugin ? (void (*)(void))dlsym(plugin, "leak") : NULL;

			if (!leak)
				abort();
			leak();
			dlclose(plugin);
		}
	}
	truth("load_plugin_a", 5 * 25, 5 * 25 * 48);
	truth("load_plugin_b", 5 * 10, 5 * 10 * 32);
}

static void keep(int nr)
{
	for (int i = 0; i < nr; i++)
		load_keep(11);
	truth("load_keep", (uint64_t)nr, (uint64_t)nr * 11);
}

APART static void load_sampled(int nr, int bytes)
{
	for (int i = 0; i < nr; i++) {
		hidden(malloc((size_t)bytes));
		free(hidden(malloc((size_t)bytes)));
	}
	truth("load_sampled", (uint64_t)nr, (uint64_t)nr * (uint64_t)bytes);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	int number = argc > 2 ? atoi(argv[2]) : 1;

	if (!strcmp(name, "failing"))
		load_failing();
	else if (!strcmp(name, "chains"))
		load_chains();
	else if (!strcmp(name, "large"))
		load_large();
	else if (!strcmp(name, "others"))
		load_others();
	else if (!strcmp(name, "threads"))
		threads(number);
	else if (!strcmp(name, "churn"))
		churn(number);
	else if (!strcmp(name, "crowd"))
		crowd(number);
	else if (!strcmp(name, "exchange"))
		exchange(number);
	else if (!strcmp(name, "forks"))
		forks(number);
	else if (!strcmp(name, "exec") || !strcmp(name, "spawn"))
		executes(argv[0], !strcmp(name, "spawn"));
	else if (!strcmp(name, "killed"))
		killed();
	else if (!strcmp(name, "signals"))
		signals(false, false);
	else if (!strcmp(name, "altstack"))
		signals(true, false);
	else if (!strcmp(name, "longjmp"))
		signals(false, true);
	else if (!strcmp(name, "deep"))
		truth("load_deep", 201, 2010 + 0 * (uint64_t)load_deep(200));
	else if (!strcmp(name, "coroutines"))
		coroutines();
	else if (!strcmp(name, "plugins"))
		plugins(argv + 2);
	else if (!strcmp(name, "pairs"))
		busy(number), truth("load_pairs", 0, 0);
	else if (!strcmp(name, "keep"))
		keep(number);
	else if (!strcmp(name, "sampled"))
		load_sampled(number, argc > 3 ? atoi(argv[3]) : 100);
	else
		return 2;
	return 0;
}
