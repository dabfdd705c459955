/** The Tree view: callers and callees, open where the user opened them. */

import { nodeKey, obeyTree, openNode, treeOf } from '../model/tree-state.js';
import { treeBody } from './tree-lines.js';
import type { View } from './view.js';

export const TREE_VIEW: View = {
  request: ({ tree }) => ({
    kind: 'tree',
    direction: tree.direction,
    open: [...tree.open],
    deep: [...tree.deep],
    closed: [...tree.closed],
  }),
  rowCount: (state) => treeOf(state)?.nodes.length ?? 0,
  rowKey: (state, index) => {
    const node = treeOf(state)?.nodes[index];
    return node === undefined ? '' : nodeKey(node);
  },
  body: treeBody,
  open: openNode,
  obey: obeyTree,
};
