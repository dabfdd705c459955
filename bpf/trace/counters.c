// SPDX-License-Identifier: MIT
/*
 * The kernel's own figures (COUNTERS: meminfo with zoneinfo, vmstat, slabinfo), and the events that
 * our programs did not send (LOSSES).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "trace.h"
#include "unfreed.skel.h"

/* ---- COUNTERS ---- */

/* Source numbers on the wire are 1 + index; the one behind them is that of processes.c. */
enum { MEMINFO, VMSTAT, SLABINFO, ZONEINFO, NR_SOURCES };
static const char *const sources[NR_SOURCES] = { "/proc/meminfo", "/proc/vmstat", "/proc/slabinfo", "/proc/zoneinfo" };
/*
 * The order in which they are sent. meminfo and zoneinfo are read each second, one right after the
 * other, and the zoneinfo is sent first: a reader takes the two as one. The others come now and then.
 */
static const int order[NR_SOURCES] = { ZONEINFO, MEMINFO, VMSTAT, SLABINFO };
#define EACH_SECOND 2

struct text {
	char *bytes;
	size_t length, capacity;
};

static struct text texts[NR_SOURCES];

/*
 * The files stay open: slabinfo can be opened by root only, and this process gives up its
 * rights. What pread() gives from offset 0 on is made anew. And the kernel prints zoneinfo into a
 * buffer that it doubles, and prints anew, until the text fits; it keeps that buffer as long as the
 * file is open. -1: it cannot be read.
 */
static int open_source(int source)
{
	static int fds[NR_SOURCES];

	/* 0 is stdin (fill_closed_descriptors) */
	if (fds[source])
		return fds[source];
	fds[source] = open(sources[source], O_RDONLY | O_CLOEXEC);
	if (fds[source] < 0)
		note("%s cannot be read: %s", sources[source], strerror(errno));
	return fds[source];
}

static bool read_text(int source)
{
	struct text *text = &texts[source];
	int fd = open_source(source);
	ssize_t n = 0;

	text->length = 0;
	if (fd < 0)
		return false;
	do {
		text->length += (size_t)n;
		if (text->capacity - text->length < 8193) {
			text->capacity = text->capacity ? text->capacity * 2 : 64 << 10;
			text->bytes = realloc(text->bytes, text->capacity);
			if (!text->bytes)
				die("out of memory for %s", sources[source]);
		}
		n = pread(fd, text->bytes + text->length, text->capacity - text->length - 1, (off_t)text->length);
	} while (n > 0);
	text->bytes[text->length] = 0;
	return text->length > 0;
}

static void send_bytes(uint64_t time, int source, const char *bytes, size_t length)
{
	uint8_t fields[16] = { 0 };
	struct part parts[] = { { fields, sizeof(fields) }, { bytes, length } };

	memcpy(fields, &time, sizeof(time));
	fields[8] = (uint8_t)(source + 1);
	stream_message(MESSAGE_COUNTERS, parts, 2);
}

/* A balloon whose pages are still in MemTotal is a line of meminfo from 6.16 or so; before, events count it. */
static bool needs_balloon_events(void)
{
	static int wanted = -1;

	if (wanted < 0)
		wanted = balloon_in_total() && texts[MEMINFO].length && !strstr(texts[MEMINFO].bytes, "\nBalloon:");
	return wanted;
}

/* In short, see zone-sums.c. */
static void send_zoneinfo(uint64_t time)
{
	size_t length;
	char *sums;
	FILE *out = open_memstream(&sums, &length);

	if (!out)
		die("out of memory");
	zone_sums_put(out, texts[ZONEINFO].bytes);
	if (needs_balloon_events() && read_text(VMSTAT))
		balloon_sums_put(out, texts[VMSTAT].bytes);
	fclose(out);
	if (length)
		send_bytes(time, ZONEINFO, sums, length);
	free(sums);
}

static void send_text(uint64_t time, int source)
{
	if (source == ZONEINFO)
		send_zoneinfo(time);
	else
		send_bytes(time, source, texts[source].bytes, texts[source].length);
}

void counters_capture(void)
{
	for (int i = NR_SOURCES - 1; i >= 0; i--)
		read_text(order[i]);
}

void counters_send_captured(void)
{
	for (int i = 0; i < NR_SOURCES; i++) {
		if (texts[order[i]].length)
			send_text(0, order[i]);
	}
}

void counters_sample(uint64_t time, bool all)
{
	for (int i = 0; i < EACH_SECOND; i++)
		read_text(order[i]);
	for (int i = 0; i < (all ? NR_SOURCES : EACH_SECOND); i++) {
		if (i >= EACH_SECOND)
			read_text(order[i]);
		if (texts[order[i]].length)
			send_text(time, order[i]);
	}
}

void counters_send_processes(uint64_t time, const char *text, size_t length)
{
	send_bytes(time, NR_SOURCES, text, length);
}

uint64_t meminfo_total_bytes(void)
{
	const char *line = texts[0].length ? strstr(texts[0].bytes, "MemTotal:") : NULL;

	return line ? strtoull(line + 9, NULL, 10) * 1024 : 0;
}

/* ---- LOSSES ---- */

struct loss_row {
	uint16_t cause;
	uint8_t kind;
	uint8_t zero;
	int32_t cpu;
	struct loss_counts counts;
};

static int losses_fd, nr_cpus;
static struct slot_losses *before[NR_SLOTS]; /* per CPU, as last sent */
static struct slot_losses *present;
static uint64_t missed_before[NR_SLOTS]; /* as last sent */
static uint64_t events_lost, events_lost_to_ring;

void losses_open(struct unfreed *skel)
{
	losses_fd = bpf_map__fd(skel->maps.losses);
	nr_cpus = libbpf_num_possible_cpus();
	if (nr_cpus < 1)
		die("the number of CPUs cannot be read from /sys/devices/system/cpu/possible");
	present = calloc((size_t)nr_cpus, sizeof(*present));
	for (int i = 0; i < NR_SLOTS; i++) {
		before[i] = calloc((size_t)nr_cpus, sizeof(*present));
		if (!before[i] || !present)
			die("out of memory");
		/* baseline: misses before the trace began do not count */
		missed_before[i] = hook_missed(i);
	}
}

static struct loss_row *rows;
static size_t nr_rows, rows_capacity;

static void add_row(uint16_t cause, uint8_t kind, int32_t cpu, struct loss_counts counts)
{
	if (nr_rows == rows_capacity) {
		rows_capacity = rows_capacity ? rows_capacity * 2 : 64;
		rows = realloc(rows, rows_capacity * sizeof(*rows));
		if (!rows)
			die("out of memory");
	}
	rows[nr_rows++] = (struct loss_row){ cause, kind, 0, cpu, counts };
	if (cause == LOSS_RING_FULL || cause == LOSS_RECURSION)
		events_lost += counts.count;
	if (cause == LOSS_RING_FULL)
		events_lost_to_ring += counts.count;
}

static void add_growth(int slot)
{
	if (bpf_map_lookup_elem(losses_fd, &slot, present) != 0)
		return;
	for (int cpu = 0; cpu < nr_cpus; cpu++) {
		for (int cause = 1; cause < NR_CAUSES; cause++) {
			struct loss_counts *now = &present[cpu].cause[cause];
			struct loss_counts *then = &before[slot][cpu].cause[cause];
			struct loss_counts growth = {
				now->count - then->count,
				now->bytes - then->bytes,
				now->count_with_bytes - then->count_with_bytes,
			};

			if (growth.count)
				add_row((uint16_t)cause, (uint8_t)hooks[slot].kind, cpu, growth);
			*then = *now;
		}
	}
}

/* Losses that the loader itself counts, by cause and kind. */
static struct loss_counts own_losses[NR_CAUSES][NR_KINDS];

void losses_add(enum loss_cause cause, enum event_kind kind, uint64_t count, uint64_t bytes)
{
	struct loss_counts *sum = &own_losses[cause][kind % NR_KINDS];

	sum->count += count;
	sum->bytes += bytes;
	sum->count_with_bytes += count;
}

static void add_own_losses(void)
{
	for (int cause = 1; cause < NR_CAUSES; cause++) {
		for (int kind = 0; kind < NR_KINDS; kind++) {
			if (own_losses[cause][kind].count)
				add_row((uint16_t)cause, (uint8_t)kind, -1, own_losses[cause][kind]);
		}
	}
	memset(own_losses, 0, sizeof(own_losses));
}

void losses_sample(uint64_t time)
{
	struct part parts[] = { { &time, sizeof(time) }, { NULL, 0 } };

	nr_rows = 0;
	add_own_losses();
	for (int slot = 0; slot < NR_SLOTS; slot++) {
		uint64_t missed;

		if (!hook_mode(slot))
			continue;
		add_growth(slot);
		missed = hook_missed(slot);
		/* it seems to fall if a rescue is read before its miss */
		if (missed <= missed_before[slot])
			continue;
		add_row(LOSS_RECURSION, (uint8_t)hooks[slot].kind, -1,
			(struct loss_counts){ missed - missed_before[slot], 0, 0 });
		missed_before[slot] = missed;
	}
	if (!nr_rows)
		return;
	parts[1] = (struct part){ rows, nr_rows * sizeof(*rows) };
	stream_message(MESSAGE_LOSSES, parts, 2);
}

uint64_t losses_events(void)
{
	return events_lost;
}

uint64_t losses_to_ring(void)
{
	return events_lost_to_ring;
}
