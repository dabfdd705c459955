/** The Diff view: the memory that each call path gained or gave back since the mark; Enter opens a call path. */
import type { ChangedPath } from '../../rank/breakdown/since-mark.js';
import { sinceOf } from '../model/answers.js';
import type { RowTraits } from '../model/row-order.js';
import { asking } from '../model/state-requests.js';
import type { ViewState } from '../model/view-state.js';
import { changedPathKey, diffBody } from './diff-lines.js';
import type { View } from './view.js';

export const DIFF_VIEW: View = {
  request: () => ({ kind: 'diff' }),
  rowCount: (state) => sinceOf(state)?.paths.length ?? 0,
  rowKey: (state, index) => {
    const path = sinceOf(state)?.paths[index];
    return path === undefined ? '' : changedPathKey(path);
  },
  body: (state) => diffBody(state, state.data?.kind === 'diff' ? state.data.since : undefined),
  open: openPath,
};

/** What holds a row in its order: growth above loss, and the tiers of `unfreed diff`. */
export function changeTraits(path: ChangedPath): RowTraits {
  const { suspicion, category, reliability, verdict, change, before, after } = path;
  const tier = category === 'backing' ? 4 : reliability === 'unreliable' ? 2 : 0;
  return {
    key: changedPathKey(path),
    value: suspicion ?? Math.abs(after.bytes - before.bytes),
    tier: tier + Number(after.bytes < before.bytes),
    state: `${verdict ?? ''} ${change === 'gone'}`,
  };
}

function openPath(state: ViewState): ViewState {
  const path = sinceOf(state)?.paths[state.selectedIndex];
  if (path === undefined) return state;
  const { stackId, allocator } = path;
  return asking(
    {
      ...state,
      place: 'detail',
      opened: { stackId, allocator },
      selected: changedPathKey(path),
      detail: null,
      detailTop: 0,
    },
    { name: 'open', stackId },
  );
}
