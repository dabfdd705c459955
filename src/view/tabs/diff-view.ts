/** The Diff view: the memory that each call path gained or gave back since the mark; Enter opens a call path. */
import type { ChangedPath } from '../../rank/breakdown/since-mark.js';
import { sinceOf } from '../model/answers.js';
import { asking } from '../model/state-requests.js';
import type { ViewState } from '../model/view-state.js';
import { diffBody } from './diff-lines.js';
import type { View } from './view.js';

export const DIFF_VIEW: View = {
  request: () => ({ kind: 'diff' }),
  rowCount: (state) => sinceOf(state)?.paths.length ?? 0,
  rowKey: (state, index) => keyOf(sinceOf(state)?.paths[index]),
  body: (state) => diffBody(state, state.data?.kind === 'diff' ? state.data.since : undefined),
  open: openPath,
};

function keyOf(path: ChangedPath | undefined): string {
  return path === undefined ? '' : `path ${path.stackId}`;
}

function openPath(state: ViewState): ViewState {
  const path = sinceOf(state)?.paths[state.selectedIndex];
  if (path === undefined) return state;
  const { stackId, allocator } = path;
  return asking(
    { ...state, place: 'detail', opened: { stackId, allocator }, selected: keyOf(path), detail: null, detailTop: 0 },
    { name: 'open', stackId },
  );
}
