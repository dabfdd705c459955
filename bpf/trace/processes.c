// SPDX-License-Identifier: MIT
/*
 * COUNTERS of source 5: which of the processes that took pages are gone, and how many anonymous pages
 * the others map. Anonymous pages are freed when the last process that maps them ends, unless
 * somebody holds a reference: so what is left of a process that is gone, or is more than it maps, is
 * held by a reference or mapped by a child.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "trace.h"

/* More processes that live at a time are not followed: they count as living. */
#define MAX_PROCESSES 65536
#define HASH_SLOTS (4 * MAX_PROCESSES)
/* PID_MAX_LIMIT */
#define MAX_TGID (1u << 22)
/* Of the processes that took most pages, so many are asked what they map; below LEAST_PAGES none. */
#define MAX_ASKED 256
#define LEAST_PAGES 256

struct process {
	uint32_t tgid;
	uint64_t pages; /* that it ever took while it was traced */
};

static struct process *processes;
static uint32_t nr_processes;
static uint32_t *places; /* by hash: index + 1, 0 = none */
static uint64_t *gone_before; /* bit set: reported as gone, and no other process has had that id since */
static bool off;

/* The ids of events are those of the first PID namespace; ours must be the same. */
static bool same_namespace(void)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

	if (n < 0)
		return false;
	link[n] = 0;
	return strcmp(link, "pid:[4026531836]") == 0;
}

void processes_open(void)
{
	if (!same_namespace()) {
		off = true;
		note("whether a process is gone is not known: the collector has a PID namespace of its own");
		return;
	}
	processes = calloc(MAX_PROCESSES, sizeof(*processes));
	places = calloc(HASH_SLOTS, sizeof(*places));
	gone_before = calloc(MAX_TGID / 64, sizeof(*gone_before));
	if (!processes || !places || !gone_before)
		die("out of memory");
}

static uint32_t *place_of(uint32_t tgid)
{
	uint32_t slot = (tgid * 2654435769u) % HASH_SLOTS;

	while (places[slot] && processes[places[slot] - 1].tgid != tgid)
		slot = (slot + 1) % HASH_SLOTS;
	return &places[slot];
}

void processes_saw(uint32_t tgid, uint64_t pages)
{
	static uint32_t last; /* index + 1 */
	uint32_t *place;

	if (off || tgid == 0 || tgid >= MAX_TGID)
		return;
	if (last && last <= nr_processes && processes[last - 1].tgid == tgid) {
		processes[last - 1].pages += pages;
		return;
	}
	place = place_of(tgid);
	if (!*place) {
		if (nr_processes == MAX_PROCESSES)
			return;
		processes[nr_processes++] = (struct process){ tgid, 0 };
		*place = nr_processes;
	}
	last = *place;
	processes[last - 1].pages += pages;
}

static int by_tgid(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int most_pages_first(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	return (x->pages < y->pages) - (x->pages > y->pages);
}

static bool bit_test(uint32_t tgid)
{
	return gone_before[tgid / 64] >> (tgid % 64) & 1;
}

static void bit_flip(uint32_t tgid)
{
	gone_before[tgid / 64] ^= 1ull << (tgid % 64);
}

/* "1000 gone", "1000-1007 gone" */
static void put_gone(FILE *out, uint32_t *tgids, uint32_t nr)
{
	qsort(tgids, nr, sizeof(*tgids), by_tgid);
	for (uint32_t i = 0; i < nr;) {
		uint32_t end = i + 1;

		while (end < nr && tgids[end] == tgids[end - 1] + 1)
			end++;
		if (end > i + 1)
			fprintf(out, "%u-%u gone\n", tgids[i], tgids[end - 1]);
		else
			fprintf(out, "%u gone\n", tgids[i]);
		i = end;
	}
}

/* Takes the processes that are gone out of the table. */
static void put_changes(FILE *out)
{
	uint32_t *gone = malloc((nr_processes + 1) * sizeof(*gone)), nr_gone = 0, kept = 0;

	if (!gone)
		die("out of memory");
	for (uint32_t i = 0; i < nr_processes; i++) {
		uint32_t tgid = processes[i].tgid;

		if (kill((pid_t)tgid, 0) != 0 && errno == ESRCH) {
			gone[nr_gone++] = tgid;
			if (!bit_test(tgid))
				bit_flip(tgid);
			continue;
		}
		if (bit_test(tgid)) {
			fprintf(out, "%u back\n", tgid);
			bit_flip(tgid);
		}
		processes[kept++] = processes[i];
	}
	nr_processes = kept;
	put_gone(out, gone, nr_gone);
	free(gone);
}

/* Anonymous pages that it maps; -1: not known. statm: size, resident, shared (of files and shmem). */
static long anon_pages(uint32_t tgid)
{
	char path[32], text[256];
	long resident, shared;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/statm", tgid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = 0;
	if (sscanf(text, "%*d %ld %ld", &resident, &shared) != 2)
		return -1;
	return resident > shared ? resident - shared : 0;
}

static void put_mapped(FILE *out)
{
	uint32_t asked = nr_processes < MAX_ASKED ? nr_processes : MAX_ASKED;

	for (uint32_t i = 0; i < asked && processes[i].pages >= LEAST_PAGES; i++) {
		long pages = anon_pages(processes[i].tgid);

		if (pages >= 0)
			fprintf(out, "%u %ld\n", processes[i].tgid, pages);
	}
}

void processes_sample(uint64_t time)
{
	size_t length;
	char *text;
	FILE *out;

	if (off)
		return;
	out = open_memstream(&text, &length);
	if (!out)
		die("out of memory");
	put_changes(out);
	qsort(processes, nr_processes, sizeof(*processes), most_pages_first);
	memset(places, 0, HASH_SLOTS * sizeof(*places));
	for (uint32_t i = 0; i < nr_processes; i++)
		*place_of(processes[i].tgid) = i + 1;
	put_mapped(out);
	fclose(out);
	if (length)
		counters_send_processes(time, text, length);
	free(text);
}
