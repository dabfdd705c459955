// SPDX-License-Identifier: MIT
/* Loads and attaches the programs of spaces.bpf.c, and says which processes are traced. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "spaces.h"
#include "spaces.skel.h"

#define MAX_LINKS 32
/* The inode of the PID namespace that a machine starts with (include/linux/proc_ns.h). */
#define FIRST_PID_NS 0xEFFFFFFCu
/* Which pages are resident is looked at for a hundredth of the time, at most each five seconds. */
#define RESIDENT_NS 5000000000ull
#define LOOK_SHARE 100
/* In one turn. */
#define MOST_LOOK_NS 30000000ull
/* What the kernel maps in an exec has no event: it is looked at after this time. */
#define SOON_NS 50000000ull

static struct spaces *skel;
static struct bpf_link *links[MAX_LINKS];
static bool expecting, began_any;
static uint64_t lost_when_stopped;

static bool is_slow(const struct bpf_program *program)
{
	return strncmp(bpf_program__section_name(program), "tp/", 3) == 0;
}

static bool is_call(const struct bpf_program *program)
{
	return strncmp(bpf_program__section_name(program), "raw_tp/", 7) != 0;
}

/* A ring's size must be one. */
static uint64_t power_of_two(uint64_t bytes)
{
	uint64_t size = 1 << 16;

	while (size * 2 <= bytes)
		size *= 2;
	return size;
}

/* System calls by their functions, or by their tracepoints. NULL with errno set when the kernel refuses. */
static struct spaces *load(bool by_functions)
{
	struct spaces *loaded = spaces__open();
	struct bpf_program *program;
	int error;

	if (!loaded)
		return NULL;
	bpf_object__for_each_program(program, loaded->obj)
		bpf_program__set_autoload(program, !is_call(program) || is_slow(program) != by_functions);
	bpf_map__set_max_entries(loaded->maps.ring, (uint32_t)power_of_two(options->buffer_bytes));
	libbpf_listen();
	error = spaces__load(loaded);
	if (!error)
		return loaded;
	spaces__destroy(loaded);
	errno = -error;
	return NULL;
}

static bool attach(void)
{
	struct bpf_program *program;
	int nr = 0;

	bpf_object__for_each_program(program, skel->obj) {
		if (bpf_program__fd(program) < 0)
			continue;
		links[nr] = bpf_program__attach(program);
		/* not every kernel has keys of protection */
		if (!links[nr] && !strstr(bpf_program__name(program), "pkey"))
			return false;
		if (links[nr])
			nr++;
	}
	return true;
}

static void detach(void)
{
	for (int i = 0; i < MAX_LINKS && links[i]; i++) {
		bpf_link__destroy(links[i]);
		links[i] = NULL;
	}
}

static bool in_first_namespace(void)
{
	struct stat is;

	return stat("/proc/self/ns/pid", &is) != 0 || is.st_ino == FIRST_PID_NS;
}

/* Of a thread the number of its process, else 0. */
static pid_t process_of_thread(pid_t pid)
{
	char path[64], line[256];
	pid_t process = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "Tgid: %d", &process) == 1)
			break;
	}
	if (status)
		fclose(status);
	return process == pid ? 0 : process;
}

/* NULL, or why this process cannot be traced: the end of a sentence. */
static const char *refused(pid_t pid)
{
	static char thread[64];
	char path[64], byte;
	pid_t process = process_of_thread(pid);

	snprintf(thread, sizeof(thread), "it is a thread of process %d", process);
	if (process)
		return thread;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (kill(pid, 0) != 0 && errno == ESRCH)
		return "it is not there";
	if (readlink(path, &byte, 1) < 0 && errno == ENOENT)
		return "it has no memory of its own: it is a thread of the kernel, or has ended";
	return process_refused(pid);
}

/* Before anything is written. Of many, those that can be are traced. */
static void refuse_what_cannot_be(void)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < options->nr_processes; i++) {
		const char *why = refused((pid_t)options->processes[i]);

		nr += !why;
		if (why && options->nr_processes == 1)
			die("process %u cannot be traced: %s", options->processes[i], why);
		if (why)
			note("process %u cannot be traced: %s", options->processes[i], why);
	}
	if (options->nr_processes && !nr)
		die("none of the %u processes can be traced: %s", options->nr_processes, refused((pid_t)options->processes[0]));
}

void spaces_open(const struct spaces_calls *calls)
{
	bool functions = function_hookable("__x64_sys_mmap");

	spaces_tell(calls);
#ifndef __x86_64__
	die("the memory of processes can be traced on x86-64 alone");
#endif
	if (!in_first_namespace())
		die("the memory of processes can be traced from the machine's own PID namespace alone, not from a container");
	refuse_what_cannot_be();
	say_step("programs", 0, 0);
	skel = load(functions);
	if (!skel && functions)
		skel = load(false);
	if (!skel)
		die_unloaded(errno);
	if (!attach()) {
		detach();
		die("the calls by which processes map memory cannot be traced here: %s", strerror(errno));
	}
	spaces_ring_open(bpf_map__fd(skel->maps.ring), bpf_map__fd(skel->maps.traced), space_record);
}

static void trace(pid_t pid, uint32_t as)
{
	uint32_t key = (uint32_t)pid;

	if (bpf_map_update_elem(bpf_map__fd(skel->maps.traced), &key, &as, BPF_ANY) != 0)
		die("process %d cannot be traced: %s", pid, strerror(errno));
}

void spaces_start(void)
{
	for (uint32_t i = 0; i < options->nr_processes; i++) {
		pid_t pid = (pid_t)options->processes[i];
		struct space *space;
		const char *why;

		if (space_of(pid) || refused(pid))
			continue;
		trace(pid, TRACED);
		space = space_begin(pid, SPACE_FIRST, NULL, NULL, 0);
		why = space ? space_look_first(space) : NULL;
		if (why)
			note("process %d could not be looked at as it began: %s", pid, why);
		began_any = true;
	}
	if (options->parent_process) {
		trace((pid_t)options->parent_process, CHILDREN_TRACED);
		expecting = true;
	}
}

void spaces_expect(pid_t pid)
{
	trace(pid, TRACED);
	expecting = true;
}

void spaces_drain(void)
{
	if (!skel)
		return;
	spaces_consume();
	if (spaces_alive()) {
		began_any = true;
		/* a process that starts others may start more */
		expecting = expecting && options->parent_process && kill((pid_t)options->parent_process, 0) == 0;
	}
	for (struct space *space = spaces_first(); space; space = space->next) {
		if (!space->ended && !space->looked && trace_time() > space->begun_ns + SOON_NS)
			space_audit(space);
	}
}

static bool spaces_looked_since(uint64_t ns)
{
	for (const struct space *space = spaces_first(); space; space = space->next) {
		if (!space->ended && space->resident_ns <= ns)
			return false;
	}
	return true;
}

void spaces_each_second(uint64_t time)
{
	static uint64_t resident_at, round_ns;
	uint64_t began;

	if (!skel)
		return;
	for (struct space *space = spaces_first(); space; space = space->next) {
		if (!space->ended && monotonic_ns() - space->looked_ns >= space->looking_ns * LOOK_SHARE)
			space_audit(space);
	}
	spaces_figures(time);
	began = monotonic_ns();
	if (began < resident_at)
		return;
	/* events must not wait for long: the others have their turn in the next second */
	for (struct space *space = spaces_first(); space && monotonic_ns() - began < MOST_LOOK_NS; space = space->next) {
		if (space->ended || space->resident_ns > round_ns)
			continue;
		space_resident(space, time);
		space->resident_ns = monotonic_ns();
	}
	if (spaces_looked_since(round_ns)) {
		round_ns = monotonic_ns();
		resident_at = round_ns + RESIDENT_NS + (round_ns - began) * LOOK_SHARE;
	}
}

bool spaces_busy(void)
{
	const struct space *space = spaces_first();
	uint64_t now = trace_time();

	if (expecting && !began_any)
		return true;
	for (; space; space = space->next) {
		if (!space->ended && space->begun_ns && now - space->begun_ns < SECOND_NS)
			return true;
	}
	return false;
}

bool spaces_over(void)
{
	return skel && began_any && !expecting && spaces_alive() == 0;
}

uint64_t spaces_lost(void)
{
	return skel ? skel->bss->lost : lost_when_stopped;
}

void spaces_stop(uint64_t end)
{
	if (!skel)
		return;
	spaces_drain();
	for (struct space *space = spaces_first(); space; space = space->next) {
		if (space->ended)
			continue;
		space_audit(space);
		space_resident(space, end);
	}
	spaces_figures(end);
	detach();
	spaces_consume();
	lost_when_stopped = spaces_lost();
	spaces_ring_close();
	spaces__destroy(skel);
	skel = NULL;
}
