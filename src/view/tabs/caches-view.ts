/** The Caches view: all slab caches, what is outstanding in each beside slabinfo's own figures; Enter shows what the objects of one are, if a census knows, then its call paths. */
import { CACHE_VALUES, type CacheSort } from '../../rank/breakdown/cache-order.js';
import type { CacheTableRow } from '../../rank/breakdown/cache-table.js';
import { emptyBody } from '../head/list-body.js';
import type { RowTraits } from '../model/row-order.js';
import { goInto, showPage } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';
import { type Caches, cachesBody, cachesOf } from './caches-lines.js';
import { cachePage, typesOf } from './census/type-lines.js';
import { isProcessTrace } from './memory/process-body.js';
import type { View } from './view.js';

export const CACHES_VIEW: View = {
  request: ({ cachesSort }) => ({ kind: 'caches', sort: cachesSort }),
  rowCount: (state) => (isProcessTrace(state) ? 0 : (cachesOf(state)?.rows.length ?? 0)),
  rowKey: (state, index) => cachesOf(state)?.rows[index]?.cache ?? '',
  body: (state) =>
    isProcessTrace(state)
      ? emptyBody(state, ['slab caches are of the kernel: a trace of processes has none'])
      : cachesBody(state),
  open: (state) => {
    const row = selectedRow(state);
    const name = row === undefined ? '' : slabName(row);
    const isKnown = typesOf(state).some(({ cache }) => cache === name);
    return isKnown ? showPage(state, { kind: 'cache', name }) : openPaths(state);
  },
  page: cachePage,
  openPage: openPaths,
};

function openPaths(state: ViewState): ViewState {
  const row = selectedRow(state);
  return row === undefined ? state : goInto(state, 'stacks', { cache: row.heldIn ?? row.cache });
}

function selectedRow(state: ViewState): CacheTableRow | undefined {
  return isProcessTrace(state) ? undefined : cachesOf(state)?.rows[state.selectedIndex];
}

/** Its name in slabinfo: a merged cache has others too. */
function slabName({ slab, cache }: CacheTableRow): string {
  return slab?.name ?? cache;
}

/** The slab cache that is selected, or whose page is open; null where what is selected is none. */
export function selectedCache(state: ViewState): string | null {
  if (state.page?.kind === 'cache') return state.page.name;
  return selectedRow(state)?.slab?.name ?? null;
}

/**
 * What holds a row in its order. By name a row is worth its place: names do not change. Where what is held orders the
 * list, caches of which nothing is held come last, by their size.
 */
export function cacheTraits({ sort, rows }: Caches): (row: CacheTableRow) => RowTraits {
  if (sort !== 'name') {
    const isByHeld = HELD_SORTS.includes(sort);
    const value = CACHE_VALUES[sort];
    return (row) =>
      isByHeld && row.bytes === 0
        ? { key: row.cache, value: row.slab?.cacheBytes ?? 0, tier: 1, state: '' }
        : { key: row.cache, value: value(row), tier: 0, state: '' };
  }
  const places = new Map(rows.map(({ cache }, index) => [cache, rows.length - index]));
  return ({ cache }) => ({ key: cache, value: places.get(cache) ?? 0, tier: 0, state: '' });
}

const HELD_SORTS: readonly CacheSort[] = ['bytes', 'objects', 'paths', 'oldest'];
