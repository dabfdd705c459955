// SPDX-License-Identifier: MIT
/*
 * marks-load: makes events that unfreed should mark, and prints each as it must be found, a line of JSON: the kind, and
 * values and texts by the names of src/event/marks/marks.ts. Runs alone in a guest, as process after the modules.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY 0x4d41524b
#define BYTES 81920
#define EATEN (64 << 20)

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good ? 0 : -1;
}

static void eat(void)
{
	char number[16];
	char *memory;

	snprintf(number, sizeof(number), "%d", (int)getpid());
	if (put("/cg/marks/cgroup.procs", number) != 0)
		_exit(3);
	memory = malloc(EATEN);
	for (size_t at = 0; memory && at < EATEN; at += 4096)
		memory[at] = 1;
	_exit(4);
}

static void cgroup(void)
{
	int status, pid;

	mkdir("/cg", 0755);
	if (mount("cg", "/cg", "cgroup2", 0, NULL) != 0 || put("/cg/cgroup.subtree_control", "+memory") != 0) {
		printf("{\"failed\":\"cgroup2: %s\"}\n", strerror(errno));
		return;
	}
	mkdir("/cg/marks", 0755);
	printf("{\"kind\":\"cgroup-made\",\"pid\":%d,\"comm\":\"marks-load\",\"path\":\"/marks\",\"hierarchy\":0}\n", getpid());
	if (put("/cg/marks/memory.max", "16777216") != 0)
		printf("{\"failed\":\"memory.max\"}\n");
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		eat();
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != 9)
		printf("{\"failed\":\"it was not killed: %d\"}\n", status);
	printf("{\"kind\":\"oom-kill\",\"pid\":%d,\"victimPid\":%d,\"victimComm\":\"marks-load\",\"uid\":0,\"oomScoreAdj\":0,"
	       "\"scope\":\"cgroup\",\"limitedCgroup\":\"/marks\",\"victimCgroup\":\"/marks\"}\n", pid, pid);
	printf("{\"kind\":\"memcg-reclaim\",\"pid\":%d}\n", pid);
	rmdir("/cg/marks");
	printf("{\"kind\":\"cgroup-removed\",\"pid\":%d,\"path\":\"/marks\"}\n", getpid());
}

static void shared_memory(void)
{
	int id = shmget(KEY, BYTES, IPC_CREAT | 0600), again;
	char *at = shmat(id, NULL, 0);

	printf("{\"kind\":\"shmget\",\"key\":%d,\"bytes\":%d,\"flags\":%d,\"result\":%d}\n", KEY, BYTES, IPC_CREAT | 0600, id);
	printf("{\"kind\":\"shmat\",\"shmId\":%d,\"address\":0,\"flags\":0,\"result\":%lld}\n", id, (long long)at);
	shmdt(at);
	printf("{\"kind\":\"shmdt\",\"address\":%lld,\"result\":0}\n", (long long)at);
	again = shmdt(at);
	printf("{\"kind\":\"shmdt\",\"address\":%lld,\"result\":%d}\n", (long long)at, again ? -errno : 0);
	shmctl(id, IPC_RMID, NULL);
	printf("{\"kind\":\"shmctl\",\"shmId\":%d,\"command\":%d,\"result\":0}\n", id, IPC_RMID);
}

/* The way of 32-bit programs: the old call for all of System V, and that of its own. */
static void shared_memory_32(void)
{
	long id, result;

	asm volatile("int $0x80" : "=a"(id) : "a"(117), "b"(23), "c"(KEY), "d"(BYTES), "S"(IPC_CREAT | 0600), "D"(0) : "memory", "r8", "r9", "r10", "r11");
	if (id < 0)
		return;
	printf("{\"kind\":\"shmget\",\"key\":%d,\"bytes\":%d,\"flags\":%d,\"result\":%ld}\n", KEY, BYTES, IPC_CREAT | 0600, id);
	/* shmctl of its own: 396 */
	asm volatile("int $0x80" : "=a"(result) : "a"(396), "b"(id), "c"(IPC_RMID), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	printf("{\"kind\":\"shmctl\",\"shmId\":%ld,\"command\":%d,\"result\":%ld}\n", id, IPC_RMID, result);
}

int main(void)
{
	cgroup();
	shared_memory();
	shared_memory_32();
	if (swapon("/none", 0) != 0)
		printf("{\"kind\":\"swap-on\",\"path\":\"/none\",\"result\":%d}\n", -errno);
	printf("{\"kind\":\"exit\",\"pid\":%d,\"comm\":\"marks-load\",\"status\":7,\"signal\":0}\n", getpid());
	fflush(stdout);
	return 7;
}
