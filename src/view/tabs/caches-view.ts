/** The Caches view: outstanding slab objects beside slabinfo's own figures; Enter shows the call paths of one cache. */
import type { CacheRow } from '../../rank/breakdown/slab-caches.js';
import { CACHE_VALUES } from '../../session/view-data.js';
import type { RowTraits } from '../model/row-order.js';
import { goInto } from '../model/state-views.js';
import { type Caches, cachesBody, cachesOf } from './caches-lines.js';
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

/** What holds a row in its order. */
export function cacheTraits({ sort }: Caches): (row: CacheRow) => RowTraits {
  return (row) => ({ key: row.cache, value: CACHE_VALUES[sort](row), tier: 0, state: '' });
}
