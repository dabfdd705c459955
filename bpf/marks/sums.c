// SPDX-License-Identifier: MIT
/*
 * Stalls too short to be sent one by one: the programs sum them by process in one of two tables while the other is
 * read here, so none is counted twice or not at all.
 */
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "marks.h"
#include "marks.skel.h"

/* As marks.bpf.c has it. */
#define MAX_SUMS 1024
/* Processes of one second that have a mark of their own; the others share one for each kind. */
#define MOST_SENT 64

struct row {
	struct stall_key key;
	struct stall_sum sum;
};

static struct row rows[MAX_SUMS];

static int longest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->sum.ns < y->sum.ns) - (x->sum.ns > y->sum.ns);
}

static int take_rows(int map_fd)
{
	int nr = 0;
	struct stall_key key;

	while (nr < MAX_SUMS && bpf_map_get_next_key(map_fd, NULL, &key) == 0) {
		rows[nr].key = key;
		if (bpf_map_lookup_elem(map_fd, &key, &rows[nr].sum) == 0)
			nr++;
		if (bpf_map_delete_elem(map_fd, &key) != 0)
			break;
	}
	return nr;
}

static void send(const struct row *row)
{
	struct mark_record mark = {
		.time = monotonic_ns(),
		.kind = row->key.kind,
		.pid = row->key.pid,
		.tid = row->key.pid,
		.nr_values = 4,
		.value = { (__s64)row->sum.ns, (__s64)row->sum.count, (__s64)row->sum.longest_ns, (__s64)row->sum.pages },
	};

	memcpy(mark.comm, row->sum.comm, sizeof(mark.comm));
	marks_send(&mark, NULL);
}

static void add(struct stall_sum *to, const struct stall_sum *sum)
{
	to->count += sum->count;
	to->ns += sum->ns;
	to->pages += sum->pages;
	if (sum->longest_ns > to->longest_ns)
		to->longest_ns = sum->longest_ns;
}

static void send_rows(int nr)
{
	struct row rest[NR_MARK_KINDS];

	memset(rest, 0, sizeof(rest));
	qsort(rows, (size_t)nr, sizeof(rows[0]), longest_first);
	for (int i = 0; i < nr; i++) {
		if (i < MOST_SENT)
			send(&rows[i]);
		else if (rows[i].key.kind < NR_MARK_KINDS)
			add(&rest[rows[i].key.kind].sum, &rows[i].sum);
	}
	for (uint32_t kind = 0; kind < NR_MARK_KINDS; kind++) {
		rest[kind].key.kind = kind;
		if (rest[kind].sum.count)
			send(&rest[kind]);
	}
}

void marks_sums(bool all)
{
	static uint64_t seen;
	static bool idle_has_some;
	int fds[2];
	bool grew;

	if (!marks_skel)
		return;
	grew = marks_skel->bss->sums_added != seen;
	if (!grew && !idle_has_some)
		return;
	seen = marks_skel->bss->sums_added;
	fds[0] = bpf_map__fd(marks_skel->maps.sums_even);
	fds[1] = bpf_map__fd(marks_skel->maps.sums_odd);
	/* The one that has not been in use for a second: no program is at work in it. */
	send_rows(take_rows(fds[~marks_skel->bss->sums_in_use & 1]));
	if (all)
		send_rows(take_rows(fds[marks_skel->bss->sums_in_use & 1]));
	__atomic_fetch_add(&marks_skel->bss->sums_in_use, 1, __ATOMIC_SEQ_CST);
	idle_has_some = grew;
}
