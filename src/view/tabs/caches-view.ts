/** The Caches view: outstanding slab objects beside slabinfo's own figures; Enter shows the call paths of one cache. */

import { goInto } from '../model/state-views.js';
import { cachesBody, cachesOf } from './caches-lines.js';
import type { View } from './view.js';

export const CACHES_VIEW: View = {
  request: ({ cachesSort }) => ({ kind: 'caches', sort: cachesSort }),
  rowCount: (state) => cachesOf(state)?.rows.length ?? 0,
  rowKey: (state, index) => cachesOf(state)?.rows[index]?.cache ?? '',
  body: cachesBody,
  open: (state) => {
    const row = cachesOf(state)?.rows[state.selectedIndex];
    return row === undefined ? state : goInto(state, 'stacks', { cache: row.cache });
  },
};
