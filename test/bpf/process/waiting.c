// SPDX-License-Identifier: MIT
/*
 * A program that waits in a function of functions, to be looked at from outside. Argument: where.
 *   calls, static  third < second < first < main
 *   signal         in a handler that a C library without unwind data would return from
 *   jit            in code that was made at run time, with a frame pointer and a perf map
 *   thread         in a thread
 *   cpu            in no call: it counts
 * Writes "PID TID" once it is there.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

volatile int sink;

static __attribute__((noinline)) void wait_here(void)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "%d %d\n", getpid(), (int)syscall(SYS_gettid));

	/* no stdio: who waits holds no lock */
	if (write(1, text, (size_t)length) != length)
		exit(1);
	for (;;)
		pause();
}

#define NOT_LAST() __asm__ volatile("" ::: "memory")

static __attribute__((noinline)) void third(int way)
{
	if (way == 'c') {
		char text[64];
		int length = snprintf(text, sizeof(text), "%d %d\n", getpid(), getpid());

		if (write(1, text, (size_t)length) == length) {
			for (;;)
				sink++;
		}
	}
	wait_here();
	NOT_LAST();
}

__attribute__((noinline)) void second(int way)
{
	third(way);
	NOT_LAST();
}

__attribute__((noinline)) void first(int way)
{
	second(way);
	NOT_LAST();
}

static void handler(int signal)
{
	first(signal);
	NOT_LAST();
}

/* As musl has it: no call frame instructions. */
__asm__(".globl bare_restorer\n.type bare_restorer, @function\nbare_restorer:\n\tmov $15, %rax\n\tsyscall\n\t.size bare_restorer, .-bare_restorer");
void bare_restorer(void);

static __attribute__((noinline)) void take_signal(void)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = { handler, 0x04000000 /* SA_RESTORER */, bare_restorer, 0 };

	syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	NOT_LAST();
}

static __attribute__((noinline)) void run_made(void)
{
	/* push %rbp; mov %rsp, %rbp; sub $32, %rsp; mov %rsi, %rdi ... call *%rax; leave; ret */
	static const unsigned char made[] = { 0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x20, 0x48, 0x89, 0xf8, 0xff, 0xd0, 0xc9, 0xc3 };
	unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[64], text[512];
	int file, length;

	memcpy(code + 64, made, sizeof(made));
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	length = snprintf(text, sizeof(text),
			  "%lx f old code that lay here before\n%lx f LazyCompile:*work with spaces script.js:3\nnonsense\n-1 2 x\n"
			  "%lx 0 nothing\nffffffffffffffffff 1 long\n%lx 10 half",
			  (unsigned long)code + 64, (unsigned long)code + 64, (unsigned long)code + 64, (unsigned long)code + 64);
	file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	if (write(file, text, (size_t)length) != length)
		exit(1);
	close(file);
	((void (*)(void (*)(int)))(code + 64))(first);
	NOT_LAST();
}

static void *thread(void *argument)
{
	first('t');
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t other;

	if (argc != 2)
		return 2;
	alarm(120);
	if (*argv[1] == 's' && argv[1][1] == 'i') {
		take_signal();
	} else if (*argv[1] == 'j') {
		run_made();
	} else if (*argv[1] == 't') {
		pthread_create(&other, NULL, thread, NULL);
		pthread_join(other, NULL);
	} else {
		first(strcmp(argv[1], "cpu") == 0 ? 'c' : 0);
	}
	return sink;
}
