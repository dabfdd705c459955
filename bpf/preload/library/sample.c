// SPDX-License-Identifier: MIT
/*
 * A sample by bytes: points lie on all bytes that are allocated, `sample_bytes` apart on average and independently
 * (a Poisson process); a block with a point in it is in the sample, with the chance 1 - exp(-bytes / sample_bytes).
 * The blocks of the sample are in a set. Before it lies a filter of counters, which most frees leave at once.
 */
#include <sys/mman.h>
#include "library.h"

#define FILTER_BITS 18
#define FIRST_BITS 10

bool sampling;

static uint16_t filter[1 << FILTER_BITS];
static uint64_t *set; /* open addressing: 0: free, 1: was taken; at most half of it is either */
static unsigned set_bits;
static uint64_t set_used;

static uint64_t mixed(uint64_t address)
{
	return (address >> 4) * 0x9e3779b97f4a7c15ull;
}

static inline uint16_t *counter_of(uint64_t address)
{
	return &filter[mixed(address) >> (64 - FILTER_BITS)];
}

void sample_open(void)
{
	sampling = shared->sample_bytes != 0;
}

static uint64_t next_random(struct thread *self)
{
	uint64_t value;

	if (!self->random)
		self->random = shared->sample_seed ^ (uint64_t)(uintptr_t)self ^ ((uint64_t)self->slot->tid << 32);
	/* splitmix64 (Steele, Lea, Flood 2014) */
	value = self->random += 0x9e3779b97f4a7c15ull;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

/* How many bytes lie before the next point: at least 1. */
static int64_t distance(struct thread *self)
{
	double uniform = (double)((next_random(self) >> 11) + 1) * 0x1p-53;
	long double result, ln2 = 0.693147180559945309417232121458L, argument = uniform;

	/* ln2 * log2(argument) */
	__asm__("fyl2x" : "=t"(result) : "0"(argument), "u"(ln2) : "st(1)");
	return (int64_t)(-result * (long double)shared->sample_bytes) + 1;
}

bool sample_takes(struct thread *self, uint64_t bytes)
{
	if (unlikely(self->until_sample == 0))
		self->until_sample = distance(self);
	if (likely((uint64_t)self->until_sample > bytes)) {
		self->until_sample -= (int64_t)bytes;
		return false;
	}
	/* the points have no memory: from the block's end on they lie anew */
	self->until_sample = distance(self);
	return true;
}

static uint64_t *place_in(uint64_t *table, unsigned bits, uint64_t address)
{
	uint64_t at = mixed(address) >> (64 - bits);

	while (table[at] && table[at] != address)
		at = (at + 1) & ((1ull << bits) - 1);
	return &table[at];
}

static bool grow(void)
{
	unsigned bits = set_bits ? set_bits : FIRST_BITS;
	uint64_t kept = 0, *table;
	long at;

	for (uint64_t i = 0; set_bits && i < 1ull << set_bits; i++)
		kept += set[i] > 1;
	while (kept * 4 >= 1ull << bits)
		bits++;
	at = call6(SYS_mmap, 0, 8l << bits, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0 && at > -4096)
		return false;
	table = (uint64_t *)at;
	for (uint64_t i = 0; set_bits && i < 1ull << set_bits; i++) {
		if (set[i] > 1)
			*place_in(table, bits, set[i]) = set[i];
	}
	if (set_bits)
		CALL(SYS_munmap, set, 8l << set_bits, 0);
	set = table;
	set_bits = bits;
	set_used = kept;
	return true;
}

void sample_add(uint64_t address)
{
	uint64_t *place;

	/* a signal handler in the middle of this: its block stays out of the set, and outstanding */
	if (!address || !lock_take(&process->sample_lock))
		return;
	if ((set_bits && (set_used + 1) * 2 <= 1ull << set_bits) || grow()) {
		place = place_in(set, set_bits, address);
		if (!*place) {
			*place = address;
			set_used++;
			__atomic_fetch_add(counter_of(address), 1, __ATOMIC_RELAXED);
		}
	}
	__atomic_fetch_add(&shared->sampled, 1, __ATOMIC_RELAXED);
	lock_give(&process->sample_lock);
}

bool sample_remove(uint64_t address)
{
	bool was = false;

	if (likely(__atomic_load_n(counter_of(address), __ATOMIC_RELAXED) == 0))
		return false;
	if (!lock_take(&process->sample_lock))
		return false;
	if (set_bits) {
		uint64_t *place = place_in(set, set_bits, address);

		was = *place == address;
		if (was) {
			*place = 1;
			__atomic_fetch_sub(counter_of(address), 1, __ATOMIC_RELAXED);
		}
	}
	lock_give(&process->sample_lock);
	return was;
}
