/* SPDX-License-Identifier: MIT */
/*
 * Sampling: which addresses are traced. A hash of the address decides, so an alloc
 * and its free agree although neither knows of the other. A program tests it before
 * it does anything else: an event outside the sample costs little more than the call.
 *
 * For pages the hash is of their 4 MiB neighbourhood (pfn >> 10), because a block may
 * be split and freed in pieces, whose pfns differ; a buddy block of any order up
 * to 10 lies inside one neighbourhood, and so do all its pieces. x86 has no larger
 * blocks; where there are (arm64 with pages of 64 KiB: 13) the loader notes it.
 * Gigantic pages do not matter: alloc_contig_range() has no tracepoint.
 *
 * A mask has its n highest bits set; 1 in 2^n hashes has none of them. So the sample of
 * 1/16 is part of that of 1/4, and a trace may change from one to the other.
 */
#ifndef SAMPLING_BPF_H
#define SAMPLING_BPF_H

const volatile __u64 sample_seed = 0;
const volatile __u64 sample_mask = 0;  /* 0 = all */
const volatile __u32 sample_moves = 0; /* the mask is sample_mask_now instead, and may change */
__u64 sample_mask_now = 0;

static __always_inline bool sampled(u64 key)
{
	u64 mask = sample_moves ? sample_mask_now : sample_mask;

	return !mask || !(sample_hash(sample_seed, key) & mask);
}

/* NULL and ZERO_SIZE_PTR are never skipped: all of them are counted. */
static __always_inline bool skips_object(u64 ptr)
{
	return ptr > 16 && !sampled(OBJECT_SAMPLE_KEY(ptr));
}

static __always_inline bool skips_page(u64 pfn)
{
	return !sampled(PAGE_SAMPLE_KEY(pfn));
}

#endif
