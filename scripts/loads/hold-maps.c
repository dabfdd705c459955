/*
 * hold-maps CASE [--wait]: changes its address space as CASE says, through a function map_CASE, and holds what is left.
 *
 * Truth: the bytes that call paths through that function hold, usable ("map") and PROT_NONE ("reserved"); VmSize of its
 * process, which all mappings together must come to. Of the cases with a child, the child's are its own.
 */
#define _GNU_SOURCE
#include "load.h"
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define KIB 1024L
#define MIB (1024 * KIB)
#define NOINLINE __attribute__((noinline, noclone))

/* Keeps the caller on the stack: a call in its last place would become a jump. */
#define KEEP_FRAME __asm__ volatile("" ::: "memory")

static long usable, reserved; /* the truth */

static char *take(void *at, long bytes, int prot, int flags)
{
	char *got = mmap(at, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (got == MAP_FAILED)
		load_die("mmap");
	KEEP_FRAME;
	return got;
}

static int thread_of_clone(void *nothing)
{
	return nothing != NULL;
}

/* The thread ends, and nobody unmaps its stack. */
static NOINLINE void map_stacks(void)
{
	for (int i = 0; i < 20; i++) {
		char *stack = take(NULL, 40 * KIB, PROT_READ | PROT_WRITE, MAP_STACK);
		char *good = take(NULL, MIB, PROT_READ | PROT_WRITE, 0);

		if (clone(thread_of_clone, stack + 40 * KIB, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL) < 0)
			load_die("clone");
		munmap(good, MIB);
	}
	usleep(20000);
	usable = 20 * 40 * KIB;
}

/* The first half, the second half, and the middle of some. */
static NOINLINE void map_parts(void)
{
	for (int i = 0; i < 10; i++) {
		char *at = take(NULL, MIB, PROT_READ | PROT_WRITE, 0);

		munmap(at + (i % 3) * 256 * KIB, 512 * KIB);
	}
	usable = 10 * 512 * KIB;
}

/* One munmap() over several mappings and the holes between them. */
static NOINLINE void map_across(void)
{
	char *at = take(NULL, 16 * MIB, PROT_NONE, MAP_NORESERVE);

	munmap(at, 16 * MIB);
	for (int i = 0; i < 8; i++)
		take(at + i * 2 * MIB, MIB, PROT_READ | PROT_WRITE, MAP_FIXED);
	munmap(at + MIB / 2, 13 * MIB);
	/* half of the first, and the eighth */
	usable = MIB / 2 + MIB;
}

static NOINLINE void map_fixed(void)
{
	char *at = take(NULL, 8 * MIB, PROT_READ | PROT_WRITE, 0);

	for (int i = 0; i < 50; i++)
		take(at + MIB, 2 * MIB, PROT_READ | PROT_WRITE, MAP_FIXED);
	usable = 8 * MIB;
}

static NOINLINE void map_moved(void)
{
	char *at = take(NULL, MIB, PROT_READ | PROT_WRITE, 0), *place = take(NULL, 64 * MIB, PROT_NONE, 0);

	/* moved while it grows, moved by force, then smaller; and one that keeps the old place */
	at = mremap(at, MIB, 8 * MIB, MREMAP_MAYMOVE);
	at = mremap(at, 8 * MIB, 8 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, place + 16 * MIB);
	at = mremap(at, 8 * MIB, 3 * MIB, 0);
	at = mremap(at, 3 * MIB, 3 * MIB, MREMAP_MAYMOVE | 4, NULL);
	if (at == MAP_FAILED)
		load_die("mremap");
	usable = 3 * MIB + 3 * MIB;
	/* of the place, 8 MiB were taken, of which 5 were given back */
	reserved = 64 * MIB - 8 * MIB;
}

static NOINLINE void map_break(void)
{
	char *begin = sbrk(0);

	/* not through malloc(), which uses it too */
	if (sbrk(5 * MIB) != begin || sbrk(3 * MIB) == (void *)-1 || sbrk(-2 * MIB) == (void *)-1)
		load_die("sbrk");
	usable = 6 * MIB;
}

static NOINLINE void map_reserved(void)
{
	char *at = take(NULL, 64L * 1024 * MIB, PROT_NONE, MAP_NORESERVE);

	mprotect(at + 4 * MIB, 6 * MIB, PROT_READ | PROT_WRITE);
	mprotect(at + 8 * MIB, MIB, PROT_NONE);
	usable = 5 * MIB;
	reserved = 64L * 1024 * MIB - usable;
}

static NOINLINE void map_segments(void)
{
	char *at[6];

	for (int i = 0; i < 6; i++) {
		int id = shmget(IPC_PRIVATE, 3 * MIB, IPC_CREAT | 0600);

		at[i] = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
		if (at[i] == (void *)-1)
			load_die("shmat");
		shmctl(id, IPC_RMID, NULL);
	}
	/* one side by side with another, from either side */
	shmdt(at[1]);
	shmdt(at[4]);
	usable = 4 * 3 * MIB;
}

/* The child unmaps its copy; the parent's stays. */
static NOINLINE void map_forked(void)
{
	char *at = take(NULL, 4 * MIB, PROT_READ | PROT_WRITE, 0);
	pid_t child = fork();

	if (child == 0) {
		munmap(at, 4 * MIB);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	usable = 4 * MIB;
}

static NOINLINE void run_true(void)
{
	pid_t child = vfork();

	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

/* A child in the memory of its parent until it runs a program of its own. */
static NOINLINE void map_vforked(void)
{
	for (int i = 0; i < 5; i++)
		run_true();
	take(NULL, MIB, PROT_READ | PROT_WRITE, 0);
	usable = MIB;
}

static void *sleep_in_thread(void *nothing)
{
	pause();
	return nothing;
}

/* Threads that live: their stacks are in use, the first page of each is PROT_NONE. */
static NOINLINE void map_threads(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, MIB);
	for (int i = 0; i < 8; i++) {
		if (pthread_create(&thread, &attributes, sleep_in_thread, NULL) != 0)
			load_die("pthread_create");
	}
	usable = 8 * MIB;
	reserved = 8 * 4 * KIB;
}

static void *map_and_unmap(void *turns)
{
	for (long i = 0; i < (long)turns; i++) {
		char *at = take(NULL, 64 * KIB, PROT_READ | PROT_WRITE, 0);

		at[0] = 1;
		munmap(at, 64 * KIB);
	}
	return NULL;
}

/* Four threads map and unmap the same addresses as fast as they can. Their own stacks stay: the C library keeps them. */
static NOINLINE void map_racing(void)
{
	pthread_attr_t attributes;
	pthread_t threads[4];

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, MIB);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], &attributes, map_and_unmap, (void *)5000L);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	take(NULL, MIB, PROT_READ | PROT_WRITE, 0);
	usable = MIB + 4 * MIB;
	reserved = 4 * 4 * KIB;
}

static NOINLINE long use_stack(int depth)
{
	volatile char frame[16 * KIB];

	frame[0] = (char)depth;
	return depth ? use_stack(depth - 1) + frame[0] : 0;
}

/* The kernel lets the stack grow; no call tells of it. */
static NOINLINE void map_deep(void)
{
	use_stack(200);
	take(NULL, MIB, PROT_READ | PROT_WRITE, 0);
	usable = MIB;
}

static NOINLINE void map_libraries(void)
{
	for (int i = 0; i < 10; i++) {
		void *library = dlopen("libgcc_s.so.1", RTLD_NOW);

		if (!library)
			load_die("dlopen");
		dlclose(library);
	}
	usable = 0;
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "stacks", map_stacks },     { "parts", map_parts },         { "across", map_across },
	{ "fixed", map_fixed },       { "moved", map_moved },         { "break", map_break },
	{ "reserved", map_reserved }, { "segments", map_segments },   { "forked", map_forked },
	{ "vforked", map_vforked },   { "threads", map_threads },     { "racing", map_racing },
	{ "deep", map_deep },         { "libraries", map_libraries },
};

static long vm_size(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "VmSize: %ld", &kib);
	if (status)
		fclose(status);
	return kib * KIB;
}

int main(int argc, char **argv)
{
	int wait = argc > 2 && strcmp(argv[2], "--wait") == 0;

	char *volatile first;

	load_begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc < 2 || strcmp(argv[1], cases[i].name) != 0)
			continue;
		/* what malloc() takes first is not the case's */
		first = malloc(1);
		free(first);
		load_wait_for_go("hold-maps", wait);
		cases[i].run();
		/* the first fopen() takes memory itself */
		vm_size();
		load_say("{\"state\":\"held\",\"program\":\"hold-maps\",\"pid\":%d,\"vmSize\":%ld,\"truth\":["
			 "{\"allocator\":\"map\",\"kind\":\"mmap\",\"symbol\":\"map_%s\",\"count\":%ld,\"bytes\":%ld},"
			 "{\"allocator\":\"reserved\",\"kind\":\"mmap\",\"symbol\":\"map_%s\",\"count\":%ld,\"bytes\":%ld}]}\n",
			 (int)getpid(), vm_size(), argv[1], usable / 4096, usable, argv[1], reserved / 4096, reserved);
		while (load_next_line())
			;
		return 0;
	}
	fprintf(stderr, "hold-maps: which case?\n");
	return 2;
}
