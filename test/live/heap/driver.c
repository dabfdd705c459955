// SPDX-License-Identifier: MIT
/*
 * Traces the heap of processes by bpf/heap/ alone: what it would send to spaces/ is printed, or paired and summed.
 * Arguments: way (auto, session, multi, perf), seconds, "events", "sums" or "paths", audit one in, then process ids.
 *   "count": the calls of one process: -> "open", then "counted ALLOCS RELEASES a second, ..."
 *   -> "ready WAY ALLOCS RELEASES" when all is attached; the trace ends with the seconds, or with its stdin
 *   events: "alloc PID ADDRESS BYTES STACK COMM", "free|unless|undo PID ADDRESS"
 *   sums:   "held PID BLOCKS BYTES", then the sums of all
 *   paths:  "path BLOCKS BYTES ALLOCS NAME < NAME < ..."
 *   -> "count ..." at the end
 * RING_BYTES in the environment: another size of the ring.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "pairing.h"

static const struct options nothing;
const struct options *const options = &nothing;

#define MOST 16
static struct space *spaces[MOST];
static unsigned nr_spaces;

/* ---- what spaces/ and stream/ would do ---- */

struct space *space_of(pid_t tgid)
{
	for (unsigned i = 0; i < nr_spaces; i++) {
		if (spaces[i]->pid == tgid)
			return spaces[i];
	}
	return NULL;
}

/* ---- LOSSES and STACKS ---- */

void stream_message(enum message_kind kind, const struct part *parts, int nr_parts)
{
	const struct {
		uint16_t cause;
		uint8_t kind, zero;
		int32_t cpu;
		uint64_t count, bytes, with_bytes;
	} *row;

	if (kind == MESSAGE_LOSSES && nr_parts == 2) {
		row = parts[1].bytes;
		for (size_t i = 0; i < parts[1].length / sizeof(*row); i++)
			printf("lost cause %u kind %u: %" PRIu64 "\n", row[i].cause, row[i].kind, row[i].count);
	}
}

/* ---- output ---- */

static void print_counts(void)
{
	struct heap_counts counts;

	heap_counts_read(&counts);
	printf("count allocs %" PRIu64 " frees %" PRIu64 " failed %" PRIu64 " orphans %" PRIu64 " missed %" PRIu64 " undone %" PRIu64
	       " without path %" PRIu64 " paths %u\n",
	       paired.allocs, paired.frees, paired.failed, paired.orphans, paired.missed, paired.undone, paired.pathless, paired.paths);
	printf("walks fast %llu copied %llu audited %llu mismatches %" PRIu64 " busy %llu unknown %llu odd %llu pathless %llu nested %llu abandoned %llu strange %llu\n",
	       counts.fast, counts.copied, counts.audited, heap_mismatches(), counts.reason[HEAP_BUSY], counts.reason[HEAP_UNKNOWN_PC],
	       counts.reason[HEAP_NOT_PLAIN], counts.pathless, counts.nested, counts.abandoned, counts.strange_returns);
}

static enum heap_way way_named(const char *name)
{
	for (int way = 0; way < NR_HEAP_WAYS; way++) {
		if (strcmp(heap_way_name((enum heap_way)way), name) == 0)
			return (enum heap_way)way;
	}
	return HEAP_WAY_AUTO;
}

static void trace(double seconds)
{
	uint64_t end = monotonic_ns() + (uint64_t)(seconds * SECOND_NS), sampled = monotonic_ns();
	struct pollfd input[2] = { { 0, POLLIN, 0 }, { heap_ring_fd(), POLLIN, 0 } };

	while (monotonic_ns() < end) {
		if (!heap_drain(64 << 20, UINT64_MAX) && poll(input, 2, 20) > 0 && input[0].revents)
			break;
		if (monotonic_ns() - sampled > SECOND_NS) {
			sampled = monotonic_ns();
			heap_sample(0);
		}
	}
	while (heap_drain(UINT64_MAX, UINT64_MAX))
		;
	heap_sample(0);
}

int main(int argc, char **argv)
{
	struct heap_settings settings;
	const char *why;
	uint32_t allocs = 0, releases = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 6)
		return 2;
	settings = (struct heap_settings){ .way = way_named(argv[1]), .audit_one_in = (uint32_t)atoi(argv[4]),
					   .ring_bytes = getenv("RING_BYTES") ? strtoull(getenv("RING_BYTES"), NULL, 10) : 0 };
	paired.prints = strcmp(argv[3], "events") == 0;
	why = heap_open(&settings);
	if (why) {
		printf("not open: %s\n", why);
		return 1;
	}
	trace_begins(monotonic_ns());
	if (strcmp(argv[3], "count") == 0) {
		struct heap_count count;

		puts("open");
		why = heap_count(atoi(argv[5]), (unsigned)(atof(argv[2]) * 1000), &count);
		if (why)
			printf("not counted: %s\n", why);
		else
			printf("counted %.0f %.0f a second, %u functions, %.3f of a CPU\n", count.allocs, count.releases, count.functions, count.cpu_share);
		heap_close();
		return 0;
	}
	for (int i = 5; i < argc && nr_spaces < MOST; i++) {
		spaces[nr_spaces] = calloc(1, sizeof(struct space));
		*spaces[nr_spaces] = (struct space){ .number = nr_spaces + 1, .pid = atoi(argv[i]) };
		nr_spaces++;
		heap_began(spaces[nr_spaces - 1], SPACE_FIRST);
	}
	for (unsigned i = 0; i < nr_spaces; i++) {
		const struct heap_target *target = heap_target_of(spaces[i]->pid);

		allocs += target->allocs;
		releases += target->releases;
	}
	for (size_t i = 0; notes_at(i); i++)
		printf("note %s\n", notes_at(i));
	printf("ready %s %u %u\n", heap_way_name(heap_way()), allocs, releases);
	trace(atof(argv[2]));
	if (strcmp(argv[3], "paths") == 0)
		print_paths();
	print_sums();
	print_counts();
	heap_close();
	return 0;
}
