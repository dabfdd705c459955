/* SPDX-License-Identifier: MIT */
/*
 * Call paths that are known already, as one tree of checks (FAST-STACKS.md). The stack
 * is compared with it word by word, without a hash or a table, down to the path's id.
 * The loader writes the tree (path-tree.c), the programs only read it.
 *
 * Part of fast-stack.bpf.h, for kernels with bpf_rdonly_cast.
 */
#ifndef PATH_TREE_BPF_H
#define PATH_TREE_BPF_H

/* True if the node's return address lies at its place. The upper half of all the kernel's addresses is the same. */
static __always_inline bool agrees(const struct path_node *node, u64 base)
{
	u64 step = node->step;

	return path_is_pc(step) && (u32)word_at(base + path_place(step)) == (u32)step;
}

/*
 * The id of the event's call path, 0 = the tree does not have it. `*end` is its last
 * node. Places on the stack are relative to `base`: the context, or the value of a
 * frame pointer. A turn of the loop takes up to three nodes, because a turn itself
 * costs as much as a node.
 */
static __always_inline u32 path_in_tree(const struct path_tree *tree, u64 base, u32 hook, u64 site, u32 *end)
{
	u32 at = tree->root[hook << PATH_ROOT_BITS | ((u32)site * PC_HASH >> (32 - PATH_ROOT_BITS))];
	const struct path_node *node;
	u64 kept = base, step;
	u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < MAX_PATH_STEPS; i++) {
		node = &tree->node[at & (NR_PATH_NODES - 1)];
		if (agrees(node, base)) {
			if (agrees(node + 1, base)) {
				if (agrees(node + 2, base)) {
					at += 3;
					continue;
				}
				at++;
			}
			at++;
			node = &tree->node[at & (NR_PATH_NODES - 1)];
		}
		step = node->step;
		if (path_is_pc(step)) {
			at = node->other;
			continue;
		}
		switch (path_kind(step)) {
		case PATH_BASE:
			base = word_at(base + path_place(step));
			break;
		case PATH_INDIRECT:
			kept = base = word_at(base + path_place(step));
			break;
		case PATH_KEPT_BASE:
			base = word_at(kept + path_place(step));
			break;
		case PATH_KEPT_INDIRECT:
			kept = base = word_at(kept + path_place(step));
			break;
		case PATH_USER:
			if (!(word_at(base + path_place(step)) & 3))
				return 0;
			break;
		case PATH_END:
			*end = at;
			return node->other;
		default:
			return 0;
		}
		at++;
	}
	return 0;
}

/*
 * Sends the loader a path that the walk has found, and its id, for the tree. Not twice
 * in a row, because the loader is slower than we are, and not too often a second.
 */
static __noinline int send_path(struct slot_scratch *scratch, u32 id)
{
	u32 hook = scratch->index >= NR_ALLOC_SLOTS ? scratch->index - NR_ALLOC_SLOTS : scratch->index;
	u64 key = scratch->hash ^ (scratch->site + hook) * GOLDEN;
	u32 i = key & (NR_PATHS_SENT - 1);
	struct path_seen *seen;

	/* a path over two stacks, or from an interrupt of the kernel, lies elsewhere each time */
	if (!scratch->fixed || paths_sent[i] == key || !paths_wanted)
		return 0;
	seen = bpf_ringbuf_reserve(&ring, sizeof(*seen), 0);
	if (!seen)
		return 0;
	paths_sent[i] = key;
	paths_wanted--;
	seen->tag = SAW_PATH;
	seen->hook = hook;
	seen->id = id;
	seen->site = scratch->site;
	seen->hash = scratch->hash;
	seen->depth = scratch->depth;
	seen->nr_hidden = scratch->nr_hidden;
	seen->cs_offset = bpf_core_field_offset(struct pt_regs___u, cs);
	__builtin_memcpy(seen->hidden, scratch->hidden, sizeof(seen->hidden));
	bpf_probe_read_kernel(seen->frames, sizeof(seen->frames), scratch->frames);
	bpf_ringbuf_submit(seen, BPF_RB_NO_WAKEUP);
	return 0;
}

#endif
