// SPDX-License-Identifier: MIT
/* Sampling, the loader's half: of addresses (sampling.bpf.h), and of frees (free-sites.bpf.h). */
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "trace.h"
#include "unfreed.skel.h"

/* A page event's word 1 has the order above its pfn. */
#define PFN_MASK 0xffffffffffffffull

/* One free in N is sent with its call path: N is a power of two within these. */
#define LEAST_N_BITS 4
#define FIRST_N_BITS 6
#define MOST_N_BITS 20

/* None of the highest bits may be set in the hash. */
static uint64_t mask_of(uint32_t one_in)
{
	return one_in > 1 ? ~0ull << (64 - __builtin_ctz(one_in)) : 0;
}

/* The greatest order of a block, -1 if /proc/buddyinfo does not show it. */
static int greatest_order(void)
{
	/* "Node 0, zone   Normal  22343  15537 ...": a number for each order */
	FILE *file = fopen("/proc/buddyinfo", "r");
	char line[1024];
	int order = -1;

	if (!file)
		return -1;
	if (fgets(line, sizeof(line), file)) {
		char *rest = strstr(line, "zone"), *word;

		word = rest ? strtok_r(NULL, " \n", &rest) : NULL;
		word = word ? strtok_r(NULL, " \n", &rest) : NULL;
		while (word && (word = strtok_r(NULL, " \n", &rest)))
			order++;
	}
	fclose(file);
	return order;
}

/* Blocks larger than a neighbourhood (sampling.bpf.h): kernels whose pages are of 16 KiB or more have them. */
static void note_large_blocks(void)
{
	static bool done;
	int order = done || (sampling.one_in <= 1 && options->max_overhead <= 0) ? -1 : greatest_order();

	if (order > SAMPLE_SHIFT_PAGE)
		note("of blocks of more than %d pages (this kernel has up to %d) a sample may hold the alloc and not all pieces that are freed, or pieces alone",
		     1 << SAMPLE_SHIFT_PAGE, 1 << order);
	done = true;
}

void sampling_set_rodata(struct unfreed *skel)
{
	note_large_blocks();
	skel->rodata->sample_seed = sampling.seed;
	skel->rodata->sample_mask = mask_of(sampling.one_in);
	skel->rodata->sample_moves = options->max_overhead > 0;
	skel->bss->sample_mask_now = mask_of(sampling.one_in);
	skel->rodata->min_age_ns = options->min_age_ns;
	skel->bss->site_limit = options->free_sites ? 1ull << (64 - FIRST_N_BITS) : 0;
	skel->bss->sites_left = (int32_t)options->free_sites * 2;
}

/*
 * The kernel changes its sample at one moment, and HOST changes the reader's at one
 * place in the stream. Their order must lose nothing. To a smaller sample: HOST comes
 * behind all events of the larger one, because the reader forgets the addresses outside
 * the smaller one only once. To a larger sample: HOST comes first, because no event of
 * the larger one may precede it.
 */
void sampling_move(struct unfreed *skel, uint32_t one_in, double overhead)
{
	bool smaller = one_in > sampling.one_in;

	if (smaller) {
		__atomic_store_n(&skel->bss->sample_mask_now, mask_of(one_in), __ATOMIC_SEQ_CST);
		wait_for_programs();
	}
	/* A program that waits for its CPU may hold up the ring. Its event must not come behind HOST. */
	while (!ring_catch_up()) {
		if (!trace_wanted())
			return;
	}
	sampling.one_in = one_in;
	sampling.overhead = overhead;
	host_send();
	if (!smaller)
		__atomic_store_n(&skel->bss->sample_mask_now, mask_of(one_in), __ATOMIC_SEQ_CST);
}

/*
 * The next second is taken to be as busy as the last one. If it is busier, twice as many as are wanted
 * come of its beginning, and of its end none. Call paths of frees take no more than half of the table.
 */
void sites_each_second(struct unfreed *skel)
{
	static uint64_t before;
	static int bits = FIRST_N_BITS;
	uint64_t sent = relayed_sites() - before;

	before += sent;
	if (!options->free_sites)
		return;
	if (sent > options->free_sites && bits < MOST_N_BITS)
		bits++;
	else if (sent < options->free_sites / 4 && bits > LEAST_N_BITS)
		bits--;
	skel->bss->sites_known_only = relayed_stacks() > options->max_stacks / 2;
	__atomic_store_n(&skel->bss->site_limit, 1ull << (64 - bits), __ATOMIC_RELAXED);
	__atomic_store_n(&skel->bss->sites_left, (int32_t)options->free_sites * 2, __ATOMIC_RELAXED);
}

bool is_sampled(const __u64 *words)
{
	uint8_t allocator = shape_of((uint8_t)words[0])->allocator;
	uint64_t address = allocator == ALLOCATOR_PAGE ? words[1] & PFN_MASK : words[1];

	return !(sample_hash(sampling.seed, address >> allocators[allocator].sample_shift) & mask_of(sampling.one_in));
}
