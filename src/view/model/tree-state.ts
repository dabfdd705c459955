/** Which nodes of the tree are open, and how keys change that. Pure; the tree itself is the session's answer. */
import type { CallTree, TreeNode } from '../../rank/breakdown/tree.js';
import { exactName } from './filter-text.js';
import type { Command } from './keys.js';
import { goInto } from './state-views.js';
import type { TreeState, ViewState } from './view-state.js';

export const INITIAL_TREE: TreeState = {
  direction: 'root',
  open: [],
  deep: [],
  closed: [],
  entries: false,
  begun: false,
};

/** The tree in the direction that is shown; null until the session has answered. */
export function treeOf(state: ViewState): CallTree | null {
  return state.data?.kind === 'tree' && state.data.tree.direction === state.tree.direction ? state.data.tree : null;
}

/** Opens the greatest node of the first tree that arrives: from the root, the first level alone says little. */
export function withFirstOpen(state: ViewState): ViewState {
  const first = treeOf(state)?.nodes[0];
  if (state.tree.begun || state.tree.direction !== 'root' || first === undefined) return state;
  const open = first.open || first.children === 0 ? state.tree.open : [...state.tree.open, first.key];
  return { ...state, tree: { ...state.tree, open, begun: true } };
}

/** Returns the state after a command of the Tree view; the same state if it is no such command or has no effect. */
export function obeyTree(state: ViewState, command: Command): ViewState {
  if (command === 'turn-tree') {
    const direction = state.tree.direction === 'root' ? 'leaf' : 'root';
    return { ...state, tree: { ...state.tree, direction }, selected: null, selectedIndex: 0, listTop: 0 };
  }
  if (command === 'tree-entries') {
    const entries = !state.tree.entries;
    return { ...state, tree: { ...state.tree, entries }, selected: null, selectedIndex: 0, listTop: 0 };
  }
  const nodes = treeOf(state)?.nodes ?? [];
  const node = nodes[state.selectedIndex];
  if (node === undefined) return state;
  switch (command) {
    case 'expand':
      return node.open ? selectNode(state, nodes, state.selectedIndex + 1) : withOpen(state, node);
    case 'collapse':
      return node.open ? withClosed(state, node) : selectNode(state, nodes, parentOf(nodes, state.selectedIndex));
    case 'expand-below':
      return withDeep(state, nodes, node);
    case 'call-paths':
      return callPathsThrough(state, node);
    default:
      return state;
  }
}

/** Enter: opens or closes the selected function; shows the call paths through one with no children. */
export function openNode(state: ViewState): ViewState {
  const node = treeOf(state)?.nodes[state.selectedIndex];
  if (node === undefined) return state;
  if (node.kind !== 'frame' || node.children === 0) return callPathsThrough(state, node);
  return node.open ? withClosed(state, node) : withOpen(state, node);
}

function withOpen(state: ViewState, node: TreeNode): ViewState {
  if (node.kind !== 'frame' || node.children === 0) return state;
  const { open, closed } = state.tree;
  return withTree(state, { open: [...without(open, node), node.key], closed: without(closed, node) });
}

function withClosed(state: ViewState, node: TreeNode): ViewState {
  const { open, deep, closed } = state.tree;
  // A node may be open because it is an only child, or below one that is open to the bottom.
  return withTree(state, {
    open: without(open, node),
    deep: without(deep, node),
    closed: [...without(closed, node), node.key],
  });
}

function withDeep(state: ViewState, nodes: readonly TreeNode[], node: TreeNode): ViewState {
  if (node.kind !== 'frame' || node.children === 0) return state;
  const index = nodes.indexOf(node);
  let end = index + 1;
  while (end < nodes.length && nodes[end].depth > node.depth) end++;
  const outside = new Set([...nodes.slice(0, index), ...nodes.slice(end)].map(({ key }) => key));
  const { deep, closed } = state.tree;
  return withTree(state, {
    deep: [...without(deep, node), node.key],
    // Closed nodes below it open too. A node that is not in the tree now may lie below it, so it is dropped as well.
    closed: closed.filter((key) => outside.has(key)),
  });
}

function withTree(state: ViewState, change: Partial<TreeState>): ViewState {
  const { nodes } = treeOf(state) ?? { nodes: [] };
  const selected = nodes[state.selectedIndex];
  // The selection stays on this node from now on, even if it was "the first row" (null) until now.
  return {
    ...state,
    tree: { ...state.tree, ...change },
    selected: selected === undefined ? state.selected : nodeKey(selected),
  };
}

/** The View.rowKey() of a node. */
export function nodeKey(node: TreeNode): string {
  return `${node.kind} ${node.key}`;
}

function selectNode(state: ViewState, nodes: readonly TreeNode[], index: number): ViewState {
  const node = nodes[index];
  return node === undefined ? state : { ...state, selected: nodeKey(node), selectedIndex: index };
}

/** Index of the node that this one is below; -1 on the first level. */
function parentOf(nodes: readonly TreeNode[], index: number): number {
  let above = index - 1;
  while (above >= 0 && nodes[above].depth >= nodes[index].depth) above--;
  return above;
}

function callPathsThrough(state: ViewState, node: TreeNode): ViewState {
  if (node.kind !== 'frame') return state;
  return goInto(state, 'stacks', { grep: exactName(node.symbol) });
}

function without(keys: readonly number[], node: TreeNode): number[] {
  return keys.filter((key) => key !== node.key);
}
