// SPDX-License-Identifier: MIT
/*
 * The tree of known call paths, the loader's half (path-tree.bpf.h). A path that the
 * walk by table has found becomes a list of checks. The list is put into the tree
 * behind the part that it shares with the paths there. Nodes never change once a link
 * to them is written, so programs may read at any moment.
 */
#include <string.h>
#include <sys/mman.h>
#include "stacks.h"

static struct path_tree *tree;
static uint32_t nr_nodes; /* in use; node 0 stands for "no such path" */
static uint32_t nr_paths;

/* A path as checks, while it is made. */
static struct checks {
	uint64_t step[MAX_PATH_STEPS];
	int nr;
	/* where the present return address lies, and where bp is saved, from the base or the one that was kept */
	int32_t place, bp_place;
	enum { BP_FROM_BASE, BP_FROM_KEPT, BP_LOST } bp;
} checks;

bool path_tree_open(int map_fd)
{
	nr_nodes = 1;
	tree = mmap(NULL, sizeof(*tree), PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	if (tree == MAP_FAILED)
		tree = NULL;
	return tree != NULL;
}

bool path_tree_has_room(void)
{
	return tree && nr_nodes + MAX_PATH_STEPS < NR_PATH_NODES;
}

void path_tree_say(void)
{
	if (tree)
		say("%u call paths are in the tree of known ones, which takes %u of %u nodes for them", nr_paths,
		    nr_nodes, NR_PATH_NODES);
}

static void check(uint32_t what, int32_t place)
{
	if (checks.nr < MAX_PATH_STEPS)
		checks.step[checks.nr] = (uint64_t)what | (uint64_t)(uint32_t)place << 32;
	checks.nr++;
}

/*
 * A frame that is found by bp. The place where bp was saved is relative to the old base,
 * and lost with it unless that base was kept.
 */
static bool follow_bp(enum pc_kind kind, int32_t offset)
{
	bool kept = checks.bp == BP_FROM_KEPT;

	if (checks.bp == BP_LOST)
		return false;
	if (kind == PC_BP) {
		check(kept ? PATH_KEPT_BASE : PATH_BASE, checks.bp_place);
		checks.place = offset - 8;
		if (!kept)
			checks.bp = BP_LOST;
		return true;
	}
	check(kept ? PATH_KEPT_INDIRECT : PATH_INDIRECT, checks.bp_place);
	check(PATH_BASE, offset);
	checks.place = -8;
	checks.bp = BP_FROM_KEPT;
	checks.bp_place = 0;
	return true;
}

/* The same arithmetic as in fast_walk (fast-walk.bpf.h). False: the path cannot be in the tree. */
static bool add_frame(uint64_t pc, bool is_last, uint32_t cs_offset)
{
	uint64_t word = pc_table_word(pc);

	check((uint32_t)pc, checks.place);
	switch (pc_kind(word)) {
	case PC_HIDDEN:
	case PC_CALL:
		checks.place += (int32_t)pc_offset(word);
		break;
	case PC_BP:
	case PC_BP_INDIRECT:
		if (!follow_bp(pc_kind(word), (int32_t)pc_offset(word)))
			return false;
		break;
	case PC_REGS:
	case PC_INTERRUPTED:
		check(PATH_USER, checks.place + 8 + (int32_t)pc_offset(word) + (int32_t)cs_offset);
		return is_last;
	case PC_END:
		return is_last;
	default:
		return false;
	}
	if (pc_bp(word) != 0) {
		checks.bp = BP_FROM_BASE;
		checks.bp_place = checks.place + 8 - (int32_t)pc_bp(word);
	}
	return !is_last;
}

static bool make_checks(const struct path_seen *seen, const struct fast_start *start)
{
	uint64_t hash = GOLDEN;

	if (seen->depth == 0 || seen->depth > MAX_FAST_DEPTH || seen->nr_hidden > MAX_HIDDEN)
		return false;
	checks.nr = 0;
	checks.place = (int32_t)start->slot;
	checks.bp = BP_FROM_BASE;
	checks.bp_place = checks.place + 8 - (int32_t)start->bp;
	for (uint32_t i = 0; i < seen->nr_hidden; i++) {
		if (!add_frame(seen->hidden[i], false, 0))
			return false;
	}
	for (uint32_t i = 0; i < seen->depth; i++) {
		hash = mix(hash, seen->frames[i]);
		if (!add_frame(seen->frames[i], i + 1 == seen->depth, seen->cs_offset))
			return false;
	}
	check(PATH_END, 0);
	return checks.nr <= MAX_PATH_STEPS && hash == seen->hash;
}

static void append(uint32_t *link, int from, const struct path_seen *seen)
{
	uint32_t first = nr_nodes;

	for (int i = from; i < checks.nr; i++)
		tree->node[nr_nodes++].step = checks.step[i];
	tree->node[nr_nodes - 1].other = seen->id;
	tree->node[nr_nodes++].step = seen->hash;
	nr_paths++;
	__atomic_store_n(link, first, __ATOMIC_RELEASE);
}

/* Follows the tree as a program does, as far as it has the path, and adds the rest there. */
static void put(uint32_t *link, const struct path_seen *seen)
{
	uint32_t at = *link;
	int i = 0;

	for (int looked_at = 0; i < checks.nr; looked_at++) {
		struct path_node *node = &tree->node[at];
		uint64_t step = checks.step[i];

		if (looked_at + checks.nr - i > MAX_PATH_STEPS)
			return;
		if (!at) {
			append(link, i, seen);
			return;
		}
		if (node->step == step) {
			i++;
			at++;
		} else if (path_is_pc(step) && path_is_pc(node->step) && path_place(step) == path_place(node->step)) {
			link = &node->other;
			at = *link;
		} else {
			return;
		}
	}
}

void path_tree_saw(const struct path_seen *seen, const struct fast_start *start)
{
	uint32_t bucket = (uint32_t)seen->site * PC_HASH >> (32 - PATH_ROOT_BITS);

	if (path_tree_has_room() && make_checks(seen, start))
		put(&tree->root[seen->hook << PATH_ROOT_BITS | bucket], seen);
}
