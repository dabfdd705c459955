// SPDX-License-Identifier: MIT
/* What the programs did not send (LOSSES), and how call paths were found (STACKS). */
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "heap.h"
#include "heap.skel.h"

static const uint8_t kinds[] = { HEAP_TAG_ALLOC, HEAP_TAG_FREE, HEAP_TAG_FREE_UNLESS, HEAP_TAG_UNDO };
#define NR_HEAP_KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct loss_row {
	uint16_t cause;
	uint8_t kind;
	uint8_t zero;
	int32_t cpu;
	struct loss_counts counts;
};

static int nr_cpus(void)
{
	static int nr;

	nr = nr ? nr : libbpf_num_possible_cpus();
	return nr > 0 ? nr : 1;
}

static struct loss_counts growth(const struct loss_counts *now, const struct loss_counts *before)
{
	return (struct loss_counts){ now->count - before->count, now->bytes - before->bytes, now->count_with_bytes - before->count_with_bytes };
}

/* Appends what has grown of one kind; returns how many rows there are then. */
static size_t rows_of(uint8_t kind, const struct slot_losses *now, const struct slot_losses *before, struct loss_row *rows, size_t nr)
{
	for (int cpu = 0; cpu < nr_cpus(); cpu++) {
		for (int cause = 1; cause < NR_CAUSES; cause++) {
			struct loss_counts grown = growth(&now[cpu].cause[cause], &before[cpu].cause[cause]);

			if (grown.count)
				rows[nr++] = (struct loss_row){ (uint16_t)cause, kind, 0, cpu, grown };
		}
	}
	return nr;
}

static void send_losses(uint64_t time)
{
	static struct slot_losses *before[NR_HEAP_KINDS], *now;
	static struct loss_row *rows;
	size_t cpus = (size_t)nr_cpus(), nr = 0;
	struct part parts[2] = { { &time, sizeof(time) } };

	if (!now) {
		now = calloc(cpus, sizeof(*now));
		rows = calloc(NR_HEAP_KINDS * cpus * NR_CAUSES, sizeof(*rows));
	}
	for (size_t i = 0; now && rows && i < NR_HEAP_KINDS; i++) {
		uint32_t key = kinds[i];

		before[i] = before[i] ? before[i] : calloc(cpus, sizeof(*now));
		if (!before[i] || bpf_map_lookup_elem(bpf_map__fd(heap_skel->maps.heap_losses), &key, now))
			continue;
		nr = rows_of(kinds[i], now, before[i], rows, nr);
		memcpy(before[i], now, cpus * sizeof(*now));
	}
	if (!nr)
		return;
	parts[1] = (struct part){ rows, nr * sizeof(*rows) };
	stream_message(MESSAGE_LOSSES, parts, 2);
}

void heap_counts_read(struct heap_counts *sum)
{
	static struct heap_counts *all;
	uint32_t zero = 0;

	memset(sum, 0, sizeof(*sum));
	all = all ? all : calloc((size_t)nr_cpus(), sizeof(*all));
	if (!heap_skel || !all || bpf_map_lookup_elem(bpf_map__fd(heap_skel->maps.heap_counts), &zero, all))
		return;
	for (int cpu = 0; cpu < nr_cpus(); cpu++) {
		const uint64_t *from = (const uint64_t *)&all[cpu];

		for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
			((uint64_t *)sum)[i] += from[i];
	}
}

/* Reasons of STACKS are those of kernel paths: what has no place among them is given as the nearest. */
static void send_stacks(uint64_t time)
{
	static uint64_t sent[10];
	struct heap_counts now;
	uint64_t totals[10];
	struct part parts[] = { { &time, sizeof(time) }, { totals, sizeof(totals) } };

	heap_counts_read(&now);
	totals[0] = now.fast;
	totals[1] = now.copied;
	totals[2] = now.audited;
	totals[3] = heap_mismatches();
	for (int i = 0; i < 6; i++)
		totals[4 + i] = now.reason[1 + i];
	if (memcmp(totals, sent, sizeof(sent)) == 0)
		return;
	memcpy(sent, totals, sizeof(sent));
	stream_message(MESSAGE_STACKS, parts, 2);
}

void heap_sample(uint64_t time)
{
	if (!heap_skel)
		return;
	heap_targets_sweep();
	heap_steps_each_second();
	send_losses(time);
	send_stacks(time);
}
