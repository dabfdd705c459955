// SPDX-License-Identifier: MIT
/*
 * Survivors only, the loader's half (min-age.bpf.h): takes allocs that have become old
 * enough, and sends them in the order of time.
 *
 * From the buckets (young-slots.bpf.h), which are mapped here, it takes allocs that are
 * old enough, a place at a time. From the tables (young-tables.bpf.h) it takes all of the
 * closed one, once that has been closed for the age. The kernel deletes them for us
 * (bpf_map_lookup_and_delete_batch, a bucket at a time under its lock), so no program
 * deletes the same alloc. Then the closed table is opened, and the other closed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "trace.h"
#include "unfreed.skel.h"

#define BATCH 4096
#define LEAST_INTERVAL_NS 50000000ull
#define MOST_INTERVAL_NS 1000000000ull

static struct unfreed *skel;
static int tables[2];
static struct young_bucket *buckets; /* NULL: they wait in the tables */
static uint32_t nr_buckets;
static uint8_t *reported;
static uint64_t due;
static struct young_alloc *taken;
static size_t nr_taken, capacity;

void min_age_set_maps(struct unfreed *object, bool with_buckets)
{
	if (!options->min_age_ns)
		return;
	bpf_map__set_max_entries(object->maps.reported, NR_REPORTED_LINES);
	nr_buckets = 0;
	if (!with_buckets) {
		bpf_map__set_max_entries(object->maps.young_0, options->max_young);
		bpf_map__set_max_entries(object->maps.young_1, options->max_young);
		return;
	}
	for (nr_buckets = 1; nr_buckets * YOUNG_WAYS < options->max_young; nr_buckets *= 2)
		;
	bpf_map__set_max_entries(object->maps.young_buckets, nr_buckets);
	object->rodata->young_mask = nr_buckets - 1;
}

void min_age_open(struct unfreed *loaded)
{
	if (!options->min_age_ns)
		return;
	skel = loaded;
	tables[0] = bpf_map__fd(skel->maps.young_0);
	tables[1] = bpf_map__fd(skel->maps.young_1);
	reported = mmap(NULL, (size_t)NR_REPORTED_LINES * REPORTED_LINE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    bpf_map__fd(skel->maps.reported), 0);
	if (reported == MAP_FAILED)
		die("the table of what was sent cannot be mapped: %s; trace without --min-age", strerror(errno));
	if (nr_buckets) {
		buckets = mmap(NULL, (size_t)nr_buckets * sizeof(*buckets), PROT_READ | PROT_WRITE, MAP_SHARED,
			       bpf_map__fd(skel->maps.young_buckets), 0);
		if (buckets == MAP_FAILED)
			die("the allocs that wait cannot be mapped: %s; trace without --min-age", strerror(errno));
	}
	due = options->min_age_ns;
}

static void make_room(size_t more)
{
	if (nr_taken + more <= capacity)
		return;
	capacity = (nr_taken + more) * 2;
	taken = realloc(taken, capacity * sizeof(*taken));
	if (!taken)
		die("out of memory for %zu survivors", capacity);
}

/* Moves all that is in a table into `taken`. */
static void take_all(int fd)
{
	static uint64_t keys[BATCH];
	uint32_t from, to, size = BATCH;
	bool first = true;

	for (;;) {
		uint32_t count = size;
		int error;

		make_room(count);
		error = bpf_map_lookup_and_delete_batch(fd, first ? NULL : &from, &to, keys, taken + nr_taken,
							&count, NULL);
		if (error && errno != ENOENT)
			die("the table of survivors cannot be read: %s; trace without --min-age", strerror(errno));
		for (uint32_t i = 0; i < count; i++)
			reported[reported_index(taken[nr_taken + i].word[1])] = 1;
		nr_taken += count;
		if (error)
			return;
		from = to;
		first = false;
	}
}

/* Moves the allocs made at `youngest` or before into `taken`. */
static void take_old(uint64_t youngest)
{
	for (uint32_t i = 0; i < nr_buckets; i++) {
		struct young_bucket *bucket = &buckets[i];

		for (int way = 0; way < YOUNG_WAYS; way++) {
			__u64 seen = __atomic_load_n(&bucket->word0[way], __ATOMIC_ACQUIRE);
			struct young_alloc *alloc;

			if (seen <= YOUNG_CLAIMED || seen >> 8 > youngest)
				continue;
			make_room(1);
			alloc = &taken[nr_taken];
			alloc->word[0] = seen;
			alloc->word[1] = bucket->word1[way];
			memcpy(&alloc->word[2], bucket->rest[way], sizeof(bucket->rest[way]));
			/* before it is taken: the next alloc there must not wait any more, and its free wipes the mark off */
			reported[reported_index(alloc->word[1])] = 1;
			/* if word 0 is still the same, the other words are its own */
			if (__atomic_compare_exchange_n(&bucket->word0[way], &seen, 0, false, __ATOMIC_SEQ_CST,
							__ATOMIC_SEQ_CST))
				nr_taken++;
		}
	}
}

static int by_time(const void *a, const void *b)
{
	const struct young_alloc *x = a, *y = b;

	return x->word[0] < y->word[0] ? -1 : x->word[0] > y->word[0];
}

static enum event_kind kind_of(const struct young_alloc *alloc)
{
	return alloc->word[0] % NR_KINDS;
}

static uint64_t bytes_of(const struct young_alloc *alloc)
{
	return alloc->word[4] & 0xffffffff;
}

static void send(const struct young_alloc *alloc)
{
	relay_event(alloc->word, wire_words((uint8_t)alloc->word[0]) * (uint32_t)sizeof(uint64_t));
}

/* Sends the allocs made at `youngest` or before, and counts the others: they were still young at the end. */
static void send_taken(uint64_t youngest, bool nothing)
{
	qsort(taken, nr_taken, sizeof(*taken), by_time);
	for (size_t i = 0; i < nr_taken; i++) {
		const struct young_alloc *alloc = &taken[i];

		if (!is_sampled(alloc->word))
			continue;
		if (nothing || alloc->word[0] >> 8 > youngest)
			losses_add(YOUNG_LEFT, kind_of(alloc), 1, bytes_of(alloc));
		else if (options->max_bytes && stream_bytes() >= options->max_bytes)
			losses_add(LOSS_RING_FULL, kind_of(alloc), 1, bytes_of(alloc));
		else
			send(alloc);
	}
	nr_taken = 0;
}

bool min_age_due(uint64_t time)
{
	return options->min_age_ns && time >= due;
}

/* Often enough that no alloc comes more than half of the age late, and seldom enough to cost nothing. */
static uint64_t sweep_interval(void)
{
	uint64_t interval = options->min_age_ns / 4;

	return interval < LEAST_INTERVAL_NS ? LEAST_INTERVAL_NS : interval > MOST_INTERVAL_NS ? MOST_INTERVAL_NS : interval;
}

void min_age_sweep(uint64_t time)
{
	uint32_t closed = !skel->bss->young_now;

	if (buckets) {
		take_old(time - options->min_age_ns);
		send_taken(UINT64_MAX, false);
		due = time + sweep_interval();
		return;
	}
	take_all(tables[closed]);
	send_taken(UINT64_MAX, false);
	__atomic_store_n(&skel->bss->young_now, closed, __ATOMIC_SEQ_CST);
	due = time + options->min_age_ns;
}

void min_age_end(uint64_t end, bool send)
{
	if (!options->min_age_ns)
		return;
	if (buckets) {
		take_old(UINT64_MAX >> 8);
	} else {
		take_all(tables[0]);
		take_all(tables[1]);
	}
	send_taken(end > options->min_age_ns ? end - options->min_age_ns : 0, !send);
}
