/**
 * The order of the nodes of the tree on the screen: as that of a list (row-order.ts), level by level. A node that comes
 * into a level that is shown would move all rows below it, so it waits until the tree is ranked anew.
 */
import type { TreeNode } from '../../rank/breakdown/tree.js';
import { RANKED_EVERY_MS, type RowOrder, type RowTraits, rankedAnew } from './row-order.js';

export interface TreeUpdate {
  /** RowOrder.list of the nodes that came. */
  list: string;
  /** The nodes on the screen, depth first. */
  shown: readonly TreeNode[];
  /** The nodes that came. */
  ranked: readonly TreeNode[];
  nowMs: number;
  /** True while a key holds the order. */
  isHeld: boolean;
}

/** Returns the nodes, depth first, in the order in which they are shown. */
export function orderedTree(
  before: RowOrder | null,
  { list, shown, ranked, nowMs, isHeld }: TreeUpdate,
): { order: RowOrder; nodes: TreeNode[] } {
  const isFirst = before === null || before.list !== list;
  const stays = !isFirst && (isHeld || nowMs - before.rankedMs < RANKED_EVERY_MS);
  const order: RowOrder = {
    list,
    keys: [],
    states: new Map(),
    since: new Map(),
    known: new Set(),
    startedMs: isFirst ? nowMs : before.startedMs,
    rankedMs: stays ? before.rankedMs : nowMs,
    isStale: stays,
  };
  if (isFirst) return { order, nodes: [...ranked] };
  const [old, now] = [levelsOf(shown), levelsOf(ranked)];
  const nodes: TreeNode[] = [];
  const add = (parent: number): void => {
    const was = old.get(parent);
    const is = now.get(parent) ?? [];
    for (const node of was === undefined ? is : stays ? heldLevel(was, is) : rankedLevel(was, is)) {
      nodes.push(node);
      if (node.open) add(node.key);
    }
  };
  add(ROOT);
  return { order, nodes };
}

/** Stands for the parent of the first level; no node has this key. */
const ROOT = -1;

/** Nodes by the key of their parent. */
function levelsOf(nodes: readonly TreeNode[]): Map<number, TreeNode[]> {
  const levels = new Map<number, TreeNode[]>();
  const parents: number[] = [];
  for (const node of nodes) {
    parents[node.depth + 1] = node.key;
    const parent = node.depth === 0 ? ROOT : parents[node.depth];
    const level = levels.get(parent) ?? [];
    levels.set(parent, level);
    level.push(node);
  }
  return levels;
}

function heldLevel(was: readonly TreeNode[], is: readonly TreeNode[]): TreeNode[] {
  const now = new Map(is.map((node) => [node.key, node]));
  return was.map((node) => now.get(node.key) ?? node);
}

function rankedLevel(was: readonly TreeNode[], is: readonly TreeNode[]): TreeNode[] {
  const keys = was.map(({ key }) => String(key));
  const now = new Map(is.map((node) => [String(node.key), node]));
  return rankedAnew(keys, new Map(), is.map(traitsOf)).flatMap((key) => now.get(key) ?? []);
}

function traitsOf({ key, bytes, kind }: TreeNode): RowTraits {
  // The closing node of a level stays the last.
  return { key: String(key), value: bytes, tier: kind === 'more' ? 1 : 0, state: '' };
}
