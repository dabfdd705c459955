/** The Tree view: callers and callees; Enter opens and closes a function. */

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
    entries: tree.entries,
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
