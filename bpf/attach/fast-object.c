// SPDX-License-Identifier: MIT
/* The other build of unfreed.bpf.c, as bytes: it is opened instead of the first where call paths can be fast. */
#include <stdlib.h>
#include "attach.h"
#include "unfreed-fast.skel.h"

const void *fast_object_bytes(size_t *bytes)
{
	return unfreed__elf_bytes(bytes);
}
