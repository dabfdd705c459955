// SPDX-License-Identifier: MIT
/*
 * marks-load: makes events that unfreed should mark, and prints each as it must be found, a line of JSON: the kind, and
 * values and texts by the names of src/event/marks/marks.ts. A line "sum" is what all marks of a kind must come to
 * together, "vmstat" what a counter of the kernel grew by meanwhile. Runs in a guest, after the modules; it leaves the
 * machine little memory and takes that, so nothing else should need any.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "load-files.h"

#define KEY 0x4d41524b
#define BYTES 81920
#define EATEN (64 << 20)

/* A block device in memory, as a module of the kernel's own; its size in KiB. */
#define DISK_MODULE "/modules/brd.ko"
#define DISK "/dev/ram0"
#define DISK_KIB 16384
#define HUGE_KIB 2048
/* Left to a machine on which a process takes all. */
#define LEFT_KIB (80 << 10)

static void eat(size_t bytes)
{
	char *memory = malloc(bytes);

	for (size_t at = 0; memory && at < bytes; at += 4096)
		memory[at] = 1;
	_exit(4);
}

/* Waits for a process that takes more than there is; says so if it was not killed. */
static void see_killed(int pid)
{
	int status;

	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != 9)
		printf("{\"failed\":\"it was not killed: %d\"}\n", status);
}

static void cgroup(void)
{
	int pid;

	if (mkdir("/cg/marks", 0755) != 0) {
		printf("{\"failed\":\"/cg/marks: %s\"}\n", strerror(errno));
		return;
	}
	printf("{\"kind\":\"cgroup-made\",\"pid\":%d,\"comm\":\"marks-load\",\"path\":\"/marks\",\"hierarchy\":0}\n", getpid());
	if (put("/cg/marks/memory.max", "16777216") != 0)
		printf("{\"failed\":\"memory.max\"}\n");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (join_cgroup("/cg/marks") != 0)
			_exit(3);
		eat(EATEN);
	}
	see_killed(pid);
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

/* The sum of the lines of a file that begin so, each with a number behind it: of /proc/meminfo in KiB. */
static long long sum_of(const char *path, const char *begin)
{
	FILE *file = fopen(path, "r");
	char line[256];
	long long sum = 0;

	while (file && fgets(line, sizeof(line), file)) {
		char *space = strncmp(line, begin, strlen(begin)) == 0 ? strchr(line, ' ') : NULL;

		sum += space ? atoll(space) : 0;
	}
	if (file)
		fclose(file);
	return sum;
}

/* Loads the module of a disk and swaps to it. All of the disk is written first: then it needs no memory when there is none. */
static void swap_on(void)
{
	static char block[1 << 20];
	int module = open(DISK_MODULE, O_RDONLY), disk;
	char options[32];

	snprintf(options, sizeof(options), "rd_nr=1 rd_size=%d", DISK_KIB);
	if (syscall(SYS_finit_module, module, options, 0) != 0) {
		printf("{\"failed\":\"brd: %s\"}\n", strerror(errno));
		return;
	}
	close(module);
	printf("{\"kind\":\"module-loaded\",\"module\":\"brd\",\"bytes\":%lld,\"pid\":%d,\"comm\":\"marks-load\"}\n",
	       sum_of("/proc/modules", "brd "), getpid());
	memset(block, 'u', sizeof(block));
	disk = open(DISK, O_WRONLY);
	for (int i = 0; i < DISK_KIB >> 10; i++) {
		if (write(disk, block, sizeof(block)) != sizeof(block))
			printf("{\"failed\":\"ram0: %s\"}\n", strerror(errno));
	}
	fsync(disk);
	close(disk);
	fflush(stdout);
	if (system("mkswap " DISK " >/dev/null") != 0 || swapon(DISK, 0) != 0)
		printf("{\"failed\":\"swapon: %s\"}\n", strerror(errno));
	printf("{\"kind\":\"swap-on\",\"path\":\"" DISK "\",\"result\":0,\"pid\":%d}\n", getpid());
	if (swapon("/none", 0) != 0)
		printf("{\"kind\":\"swap-on\",\"path\":\"/none\",\"result\":%d}\n", -errno);
}

static void swap_off(void)
{
	if (swapoff("/none") != 0)
		printf("{\"kind\":\"swap-off\",\"path\":\"/none\",\"result\":%d}\n", -errno);
	if (swapoff(DISK) != 0)
		printf("{\"failed\":\"swapoff: %s\"}\n", strerror(errno));
	printf("{\"kind\":\"swap-off\",\"path\":\"" DISK "\",\"result\":0,\"pid\":%d}\n", getpid());
	if (syscall(SYS_delete_module, "brd", O_NONBLOCK) != 0)
		printf("{\"failed\":\"brd: %s\"}\n", strerror(errno));
	printf("{\"kind\":\"module-unloaded\",\"module\":\"brd\",\"pid\":%d}\n", getpid());
}

/* A process for the kernel to kill if what the first kill frees comes too late: else it would be one that is needed. */
static int bait(void)
{
	int pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		put("/proc/self/oom_score_adj", "400");
		for (;;)
			pause();
	}
	return pid;
}

/* A small machine: huge pages take all memory but LEFT_KIB, and a process takes the rest and what can be swapped. */
static void take_all(void)
{
	long long stalls, available;
	char number[32];
	int pid, second;

	put("/proc/sys/vm/drop_caches", "3");
	printf("{\"kind\":\"drop-caches\",\"sum\":{\"pagecacheDrops\":1,\"slabDrops\":1}}\n");
	available = sum_of("/proc/meminfo", "MemFree:");
	snprintf(number, sizeof(number), "%lld", (available - LEFT_KIB) / HUGE_KIB);
	if (put("/proc/sys/vm/nr_hugepages", number) != 0)
		printf("{\"failed\":\"nr_hugepages\"}\n");
	stalls = sum_of("/proc/vmstat", "allocstall_");
	fflush(stdout);
	second = bait();
	pid = fork();
	if (pid == 0) {
		put("/proc/self/oom_score_adj", "500");
		eat((size_t)available << 10);
	}
	see_killed(pid);
	stalls = sum_of("/proc/vmstat", "allocstall_") - stalls;
	put("/proc/sys/vm/nr_hugepages", "0");
	kill(second, SIGKILL);
	waitpid(second, NULL, 0);
	printf("{\"kind\":\"oom-kill\",\"victimPid\":%d,\"victimComm\":\"marks-load\",\"uid\":0,\"oomScoreAdj\":500,"
	       "\"scope\":\"machine\",\"limitedCgroup\":null,\"victimCgroup\":\"/\"}\n", pid);
	printf("{\"kind\":\"reclaim\",\"pid\":%d,\"comm\":\"marks-load\"}\n", pid);
	printf("{\"kind\":\"reclaim\",\"vmstat\":{\"allocstall\":%lld}}\n", stalls);
}

int main(void)
{
	cgroup();
	shared_memory();
	shared_memory_32();
	swap_on();
	take_all();
	swap_off();
	printf("{\"kind\":\"exit\",\"pid\":%d,\"comm\":\"marks-load\",\"status\":7,\"signal\":0}\n", getpid());
	fflush(stdout);
	return 7;
}
