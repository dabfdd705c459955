/* SPDX-License-Identifier: MIT */
/*
 * The call path without the kernel's unwinder: FAST-STACKS.md has the method.
 * In short: a table says, for each return address, where on the stack the next
 * one lies; the loader fills it from the kernel's own unwind table (orc.c). A path
 * through an address that is not in the table, or not certain, is walked by the
 * kernel. The walk itself is in fast-walk.bpf.h; here are its maps, its audit, and
 * the walk by the kernel.
 *
 * The data is in both objects that are built from unfreed.bpf.c; the code only
 * in the one for kernels with bpf_rdonly_cast (FAST_STACKS, 6.2: a35b9af4ec2c).
 */
#ifndef FAST_STACK_BPF_H
#define FAST_STACK_BPF_H

struct pc_table {
	u64 word[NR_PCS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct pc_table);
} pc_table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_ALLOC_SLOTS * SCRATCH_LEVELS);
	__type(key, u32);
	__type(value, struct stack_counts);
} stack_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct path_tree);
} path_tree SEC(".maps");

/* Pieces of the unwind table, on their way to the loader. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kernel_piece);
} kernel_pieces SEC(".maps");

__u32 fast_on = 0;
__u32 audit_every = 0; /* after the first AUDITED_FIRST paths, one in audit_every is audited */
__u32 paths_wanted = 0; /* how many paths may be sent to the loader; the loader sets it anew each second */
__u64 paths_sent[NR_PATHS_SENT] = {};
struct fast_start fast_starts[NR_ALLOC_SLOTS] = {};
__u32 start_samples[NR_ALLOC_SLOTS] = {};
__u32 mismatches_sent = 0;
#define HOT_BITS 11
__u64 hot_pcs[1 << HOT_BITS] = {};
__u64 pcs_asked[NR_PCS_ASKED] = {}; /* so that none is asked for twice in a row: the loader is slower than we are */

SEC("syscall")
int copy_kernel_piece(struct kernel_piece_wanted *wanted)
{
	struct kernel_piece *piece;
	u32 zero = 0;

	piece = bpf_map_lookup_elem(&kernel_pieces, &zero);
	if (!piece)
		return -1;
	return bpf_probe_read_kernel(piece->bytes, sizeof(piece->bytes), (void *)wanted->address);
}

#ifdef FAST_STACKS

#include "fast-walk.bpf.h"
#include "path-tree.bpf.h"

/* 1 if the kernel's list in ->walked has the same frames; its first ones may be the tracing itself. */
__noinline int same_path(u32 index)
{
	struct slot_scratch *scratch = bpf_map_lookup_elem(&scratches, &index);
	u32 i, skip;

	if (!scratch)
		return 0;
#pragma clang loop unroll(disable)
	for (skip = 0; skip < MAX_MACHINERY; skip++) {
		if (scratch->walked[skip] == scratch->first)
			break;
	}
	if (scratch->walked_depth != scratch->depth + skip)
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < MAX_FAST_DEPTH; i++) {
		if (i >= scratch->depth)
			break;
		if (scratch->walked[(i + skip) & (WALKED_FRAMES - 1)] != scratch->frames[i])
			return 0;
	}
	return 1;
}

/*
 * Makes the kernel's list the call path, from ->first on if it has that frame: so a
 * path has the same hash, whether we walk it or the kernel.
 */
__noinline int take_walked(u32 index)
{
	struct slot_scratch *scratch = bpf_map_lookup_elem(&scratches, &index);
	u64 hash = GOLDEN, pc;
	u32 i, skip;

	if (!scratch)
		return 0;
#pragma clang loop unroll(disable)
	for (skip = 0; skip < MAX_MACHINERY; skip++) {
		if (scratch->walked[skip] == scratch->first)
			break;
	}
	if (skip == MAX_MACHINERY || skip >= scratch->walked_depth)
		skip = 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < MAX_DEPTH; i++) {
		if (i + skip >= scratch->walked_depth)
			break;
		pc = scratch->walked[(i + skip) & (WALKED_FRAMES - 1)];
		scratch->frames[i] = pc;
		hash = mix(hash, pc);
	}
	scratch->depth = scratch->walked_depth - skip;
	scratch->hash = hash ? hash : 1;
	return 0;
}

static __always_inline bool walk(void *ctx, struct slot_scratch *scratch)
{
	long bytes = bpf_get_stack(ctx, scratch->walked, MAX_DEPTH * sizeof(u64), 0);

	scratch->walked_depth = bytes < 0 ? 0 : (u32)bytes >> 3;
	return bytes >= 8;
}

/* Sends the loader a sample of the stack, to find where a hook's call path starts on it. */
static __noinline int send_start_sample(void *ctx, struct slot_scratch *scratch)
{
	u32 hook = scratch->index >= NR_ALLOC_SLOTS ? scratch->index - NR_ALLOC_SLOTS : scratch->index;
	struct start_sample *sample;

	if (hook >= NR_ALLOC_SLOTS || start_samples[hook] >= MAX_START_SAMPLES)
		return 0;
	sample = bpf_ringbuf_reserve(&ring, sizeof(*sample), 0);
	if (!sample)
		return 0;
	start_samples[hook]++;
	sample->tag = SAMPLES_START;
	sample->slot = hook;
	sample->depth = scratch->walked_depth;
	__builtin_memcpy(sample->frames, scratch->walked, sizeof(sample->frames));
	bpf_probe_read_kernel(sample->words, sizeof(sample->words), ctx);
	bpf_ringbuf_submit(sample, BPF_RB_NO_WAKEUP);
	return 0;
}

static __noinline int send_mismatch(struct slot_scratch *scratch, u64 tree_hash)
{
	struct path_mismatch *mismatch;

	if (mismatches_sent >= MAX_MISMATCHES)
		return 0;
	mismatch = bpf_ringbuf_reserve(&ring, sizeof(*mismatch), 0);
	if (!mismatch)
		return 0;
	mismatches_sent++;
	mismatch->tag = REPORTS_MISMATCH;
	mismatch->in_tree = tree_hash != 0 && tree_hash != scratch->hash;
	mismatch->fast_depth = scratch->depth;
	mismatch->walked_depth = scratch->walked_depth;
	bpf_probe_read_kernel(mismatch->fast, sizeof(mismatch->fast), scratch->frames);
	bpf_probe_read_kernel(mismatch->walked, sizeof(mismatch->walked), scratch->walked);
	bpf_ringbuf_submit(mismatch, BPF_RB_NO_WAKEUP);
	return 0;
}

/*
 * Has the kernel walk the path that was just walked by table, and compares them. The
 * path of the tree is compared by its hash, which the loader made of the frames that
 * it put there.
 */
static __always_inline void audit(void *ctx, struct slot_scratch *scratch, struct stack_counts *counts, u64 tree_hash)
{
	u32 index = scratch->index;

	scratch->until_audit = counts->audited < AUDITED_FIRST ? 0 : audit_every;
	counts->audited++;
	if (!walk(ctx, scratch))
		return;
	if ((!tree_hash || tree_hash == scratch->hash) && same_path(index))
		return;
	counts->mismatches++;
	scratch->fixed = 0;
	send_mismatch(scratch, tree_hash);
	take_walked(index);
}

/* walk_stack (intern.bpf.h) where call paths can be fast. */
static __always_inline u64 walk_stack(void *ctx, struct slot_scratch *scratch)
{
	u32 index = scratch->index, reason = WALK_OFF;
	struct stack_counts *counts = bpf_map_lookup_elem(&stack_counts, &index);
	u64 tree_hash = scratch->tree_hash;

	if (!counts)
		return 0;
	scratch->tree_hash = 0;
	scratch->first = 0;
	scratch->fixed = 0;
	scratch->hash = 0;
	if (fast_on) {
		/* a pointer to the verifier; through memory it becomes a number */
		scratch->ctx = (u64)ctx;
		asm volatile("" ::: "memory");
		reason = fast_walk(scratch->ctx, index);
	}
	if (reason == 0 || tree_hash) {
		counts->fast++;
		if (scratch->until_audit > 1)
			scratch->until_audit--;
		else
			audit(ctx, scratch, counts, tree_hash);
		return scratch->hash;
	}
	scratch->fixed = 0;
	counts->walked++;
	counts->reason[reason & (NR_WALK_REASONS - 1)]++;
	if (!walk(ctx, scratch))
		return 0;
	if (reason == WALK_UNCALIBRATED)
		send_start_sample(ctx, scratch);
	take_walked(index);
	return scratch->hash;
}

/* The path as the walks find it: if the tree does not have it, or for an audit. */
static __noinline u32 walked_path(void *ctx, struct slot_scratch *scratch)
{
	u32 index = scratch->index, tree_id = scratch->tree_id;
	struct stack_counts *counts = bpf_map_lookup_elem(&stack_counts, &index);
	u64 hash = walk_stack(ctx, scratch);
	u32 id = hash ? stack_id(scratch, hash) : NO_PATH;

	if (id == NO_ROOM || id >= NO_PATH)
		return id;
	/* a hash has one id; if the hash differed, that is counted already, and ->fixed is 0 */
	if (tree_id && scratch->fixed && id != tree_id && counts) {
		counts->mismatches++;
		send_mismatch(scratch, 0);
	}
	if (scratch->fixed)
		send_path(scratch, id);
	return id;
}

/* path_id (intern.bpf.h) where call paths can be fast. */
static __always_inline u32 path_id(void *ctx, struct slot_scratch *scratch, u32 slot)
{
	bool has_site = slot != SLOT_MM_PAGE_ALLOC && slot != SLOT_ALLOC_VMAP_AREA;
	u32 index = scratch->index, zero = 0, end = 0, id = 0;
	const struct path_tree *tree = bpf_map_lookup_elem(&path_tree, &zero);
	struct stack_counts *counts = bpf_map_lookup_elem(&stack_counts, &index);

	if (fast_on && tree && counts) {
		scratch->site = has_site ? word_of_ctx(ctx, 0) : 0;
		/* a pointer to the verifier; through memory it becomes a number */
		scratch->ctx = (u64)ctx;
		asm volatile("" ::: "memory");
		id = path_in_tree(tree, scratch->ctx, slot, scratch->site, &end);
		if (id && scratch->until_audit > 1) {
			scratch->until_audit--;
			counts->fast++;
			return id;
		}
		scratch->tree_hash = id ? tree->node[(end + 1) & (NR_PATH_NODES - 1)].step : 0;
	}
	scratch->tree_id = id;
	return walked_path(ctx, scratch);
}

#endif
#endif
