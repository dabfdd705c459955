// SPDX-License-Identifier: MIT
/* The step of each return address is looked up in its file's unwind data once, and kept. */
#include "library.h"

#define BUCKETS_BITS 14
#define PLACES 4

/*
 * Steps by address; address bit 63: an instruction, not behind a call. The first word is address ^ step: threads write
 * entries without a lock, and whoever finds half of one finds nothing.
 */
struct entry {
	uint64_t mixed, step;
};

static struct entry steps[1 << BUCKETS_BITS][PLACES] __attribute__((aligned(64)));

static inline struct entry *bucket_of(uint64_t key)
{
	/* calls that are near each other in the code have buckets in one page */
	return steps[((key >> 5) + ((key >> 19) * 0x9e3779b97f4a7c15ull >> (64 - BUCKETS_BITS))) % (1 << BUCKETS_BITS)];
}

static COLD uint64_t learn(struct entry *bucket, uint64_t key)
{
	bool interrupted = key & HEAP_INTERRUPTED;
	uint64_t pc = key & ~HEAP_INTERRUPTED, step = step_at(pc - !interrupted);
	unsigned place = 0;

	/* what is no code now may be some later */
	if ((step & 15) == STEP_NO_CODE)
		return step;
	while (place < PLACES - 1 && bucket[place].step)
		place++;
	if (bucket[place].step)
		place = (unsigned)(key >> 4) % PLACES;
	__atomic_store_n(&bucket[place].mixed, key ^ step, __ATOMIC_RELAXED);
	__atomic_store_n(&bucket[place].step, step, __ATOMIC_RELAXED);
	return step;
}

uint64_t step_of(uint64_t key)
{
	struct entry *bucket = bucket_of(key);

	for (unsigned i = 0; i < PLACES; i++) {
		uint64_t step = __atomic_load_n(&bucket[i].step, __ATOMIC_RELAXED);

		if (likely((__atomic_load_n(&bucket[i].mixed, __ATOMIC_RELAXED) ^ step) == key) && likely(step != 0))
			return step;
	}
	return learn(bucket, key);
}

void steps_purge(void)
{
	for (unsigned i = 0; i < 1 << BUCKETS_BITS; i++) {
		for (unsigned j = 0; j < PLACES; j++) {
			struct entry *entry = &steps[i][j];
			uint64_t key = entry->mixed ^ entry->step;

			if (entry->step && !is_image((key & ~HEAP_INTERRUPTED) - !(key & HEAP_INTERRUPTED)))
				__atomic_store_n(&entry->step, 0, __ATOMIC_RELAXED);
		}
	}
}
