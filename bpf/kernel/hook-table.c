// SPDX-License-Identifier: MIT
/* All hooks, from the table in unfreed.h. */
#include "kernel.h"

#define HOOK(SLOT, name, group, KIND, essential) \
	[SLOT_##SLOT] = { name, group, (enum traced_allocator)ALLOCATOR_OF_##KIND, KIND_##KIND, essential },

const struct hook hooks[NR_SLOTS] = { ALLOC_HOOKS(HOOK) FREE_HOOKS(HOOK) };
