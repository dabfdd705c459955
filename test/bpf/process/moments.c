// SPDX-License-Identifier: MIT
/*
 * Calls malloc at moments whose stacks are hard to walk; built without frame pointers and with -O2, it runs with
 * audit.c preloaded. Argument: "calls", "signals" (a timer interrupts it anywhere, in prologues and PLTs too) or
 * "deep".
 */
#include <alloca.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int sink;
static jmp_buf away;

static void take(void)
{
	/* a compiler may leave out a pair that it sees through */
	void *volatile given = malloc(100);

	free(given);
	sink++;
}

static __attribute__((noinline)) int recurse(int depth)
{
	int got = depth > 0 ? recurse(depth - 1) : 0;

	if (depth % 8 == 0)
		take();
	return got + sink;
}

/* A frame whose size is not known before it runs. */
static __attribute__((noinline)) void with_alloca(int bytes)
{
	char *room = alloca((size_t)bytes);

	memset(room, sink, (size_t)bytes);
	take();
	sink += room[bytes / 2];
}

/* A stack that is realigned: the CFA lies where another register was saved. */
static __attribute__((noinline)) void realigned(int bytes)
{
	char words[128] __attribute__((aligned(128)));
	char *room = alloca((size_t)bytes);

	memset(words, bytes, sizeof(words));
	memset(room, bytes, (size_t)bytes);
	take();
	sink += words[sink & 127] + room[0];
}

/* Its call is the last instruction of its caller: the return address lies in the next function. */
static __attribute__((noinline, noreturn)) void never_returns(void)
{
	take();
	longjmp(away, 1);
}

static __attribute__((noinline, noreturn)) void calls_last(void)
{
	sink++;
	never_returns();
}

static int compare(const void *a, const void *b)
{
	take();
	return *(const int *)a - *(const int *)b;
}

static void handler(int signal)
{
	(void)signal;
	take();
}

static void handler_that_leaves(int signal)
{
	(void)signal;
	take();
	siglongjmp(away, 1);
}

static void catch(int signal, void (*by)(int), int flags)
{
	struct sigaction action = { .sa_handler = by, .sa_flags = flags };

	sigaction(signal, &action, NULL);
}

static void signals(void)
{
	static char other_stack[1 << 16];
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };

	catch(SIGUSR1, handler, 0);
	raise(SIGUSR1);
	sigaltstack(&stack, NULL);
	catch(SIGUSR1, handler, SA_ONSTACK);
	raise(SIGUSR1);
	catch(SIGSEGV, handler_that_leaves, SA_NODEFER);
	if (sigsetjmp(away, 1) == 0)
		*(volatile int *)8 = 1;
	/* a call to nowhere: the interrupted instruction is none */
	catch(SIGUSR2, handler, SA_ONSTACK | SA_NODEFER);
	recurse(3);
	raise(SIGUSR2);
}

static void *thread(void *argument)
{
	take();
	recurse(20);
	with_alloca(500);
	return argument;
}

static __attribute__((constructor)) void first(void)
{
	take();
}

static void last(void)
{
	take();
}

static void calls(void)
{
	int numbers[16] = { 5, 3, 8, 1, 9, 2, 7, 4, 6, 0, 15, 12, 11, 14, 13, 10 };
	pthread_t other;

	atexit(last);
	recurse(60);
	for (int i = 1; i < 3000; i += 377) {
		with_alloca(i);
		realigned(i);
	}
	with_alloca(200000); /* more than the copy of the stack */
	if (setjmp(away) == 0)
		calls_last();
	qsort(numbers, 16, sizeof(numbers[0]), compare);
	signals();
	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	/* the loader calls malloc itself */
	dlclose(dlopen("libm.so.6", RTLD_NOW));
	printf("%d\n", sink > 0);
}

/* Work between calls, some through the PLT, none of it in malloc: the handler calls that. */
static __attribute__((noinline)) unsigned work(unsigned depth, const char *text)
{
	char copy[64];
	unsigned sum = 0;

	strncpy(copy, text, sizeof(copy) - 1);
	copy[63] = 0;
	for (unsigned i = 0; i < strlen(copy); i++)
		sum += (unsigned)copy[i] * depth;
	if (depth > 0)
		sum += work(depth - 1, copy) + (unsigned)abs((int)sum) + (unsigned)getppid();
	return sum ^ (unsigned)sink;
}

int main(int argc, char **argv)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } };

	if (argc == 2 && strcmp(argv[1], "calls") == 0)
		calls();
	if (argc == 2 && strcmp(argv[1], "deep") == 0)
		recurse(400);
	if (argc == 2 && strcmp(argv[1], "signals") == 0) {
		catch(SIGALRM, handler, SA_RESTART);
		sink = 0;
		setitimer(ITIMER_REAL, &often, NULL);
		while (sink < 3000)
			sink += work(12, "some text to work on") == 0;
	}
	return 0;
}
