// SPDX-License-Identifier: MIT
/* Allocators and event kinds, from the tables in unfreed.h. */
#include "base.h"

#define ALLOCATOR(NAME, name, sample_shift, often) [ALLOCATOR_##NAME] = { name, sample_shift, often },
#define KIND(NAME, number, ALLOCATOR, ring_words, wire_words) \
	[KIND_##NAME] = { ALLOCATOR_##ALLOCATOR, ring_words, wire_words },
#define FITS(NAME, number, ALLOCATOR, ring_words, wire_words) \
	_Static_assert(ring_words <= MAX_EVENT_WORDS && wire_words <= ring_words && number < NR_KINDS, #NAME);

EVENT_KINDS(FITS)

const struct allocator allocators[NR_ALLOCATORS] = { ALLOCATORS(ALLOCATOR) };
const struct record_shape record_shapes[NR_KINDS] = { EVENT_KINDS(KIND) };
