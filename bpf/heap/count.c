// SPDX-License-Identifier: MIT
/* How often a process calls its allocators, before it is traced: what tracing will cost it. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "heap.h"
#include "heap.skel.h"

/* Seconds of a CPU that a call costs with its path and its record (COSTS.md), the release without a path. */
#define ALLOC_SECONDS 1.2e-6
#define RELEASE_SECONDS 0.5e-6

#define MOST_COUNT_LINKS 1024

static int links[MOST_COUNT_LINKS];
static unsigned nr_links;

static bool count_file(pid_t pid, struct image *image, const struct mapping *mapping, struct heap_count *count)
{
	static struct heap_place places[MOST_HEAP_PLACES];
	const struct heap_place *chosen[2][MOST_HEAP_PLACES];
	const struct bpf_program *programs[2] = { heap_skel->progs.count_alloc, heap_skel->progs.count_release };
	unsigned throwing, nr = heap_places(image, pid, mapping, places, &throwing), of[2] = { 0, 0 };
	char path[512];

	heap_path_of_file(pid, mapping, path, sizeof(path));
	for (unsigned i = 0; i < nr; i++) {
		int which = places[i].role == HEAP_RELEASE;

		if (places[i].role <= HEAP_RELEASE)
			chosen[which][of[which]++] = &places[i];
	}
	for (int which = 0; which < 2; which++) {
		enum heap_way way = heap_way() == HEAP_WAY_PERF ? HEAP_WAY_PERF : HEAP_WAY_MULTI;
		int made;

		if (!of[which] || nr_links + of[which] > MOST_COUNT_LINKS)
			continue;
		made = heap_attach(way, bpf_program__fd(programs[which]), pid, path, chosen[which], of[which], false, links + nr_links);
		if (made < 0)
			return false;
		nr_links += (unsigned)made;
		count->functions += of[which];
	}
	return true;
}

static void wait_ms(unsigned ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

static void count_now(unsigned ms, struct heap_count *count)
{
	volatile __u64 *counted = heap_skel->bss->calls_counted;
	uint64_t began = monotonic_ns(), allocs = counted[0], releases = counted[1];
	double seconds;

	wait_ms(ms);
	seconds = (double)(monotonic_ns() - began) / SECOND_NS;
	count->allocs = (double)(counted[0] - allocs) / seconds;
	count->releases = (double)(counted[1] - releases) / seconds;
	count->cpu_share = count->allocs * ALLOC_SECONDS + count->releases * RELEASE_SECONDS;
}

const char *heap_count(pid_t pid, unsigned ms, struct heap_count *count)
{
	struct process_code code = { 0 };
	const char *why;
	bool attached = true;

	memset(count, 0, sizeof(*count));
	if (!heap_skel)
		return "heaps are not traced";
	why = code_read(&code, pid);
	for (uint32_t i = 0; !why && attached && i < code.nr; i++) {
		struct image *image = code_image(&code, &code.codes[i]);

		if (image && image != image_vdso())
			attached = count_file(pid, image, &code.codes[i].mapping, count);
	}
	if (!why && !attached)
		why = strerror(errno);
	if (!why && !count->functions)
		why = "no function of an allocator was found";
	if (!why)
		count_now(ms, count);
	while (nr_links)
		close(links[--nr_links]);
	code_free(&code);
	return why;
}
