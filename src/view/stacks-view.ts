/** The Stacks view: the ranking; Enter opens one call path. */
import type { ReportStack } from '../rank/report.js';
import { stacksBody } from './stacks-lines.js';
import type { ViewState } from './state.js';
import { asking } from './state-requests.js';
import type { View } from './views.js';

export const STACKS_VIEW: View = {
  request: () => ({ kind: 'stacks' }),
  rowCount: (state) => state.report?.stacks.length ?? 0,
  rowKey: (state, index) => stackKey(state.report?.stacks[index]),
  body: stacksBody,
  open: openStack,
};

/** Several call paths in one row are known by what they have in common: which of them comes first may change. */
function stackKey(stack: ReportStack | undefined): string {
  if (stack === undefined) return '';
  return stack.merged === null ? `path ${stack.stackId}` : `group ${stack.merged.label}`;
}

function openStack(state: ViewState): ViewState {
  const stack = state.report?.stacks[state.selectedIndex];
  if (stack === undefined) return state;
  const opened = { stackId: stack.stackId, allocator: stack.allocator };
  return asking(
    { ...state, place: 'detail', opened, selected: stackKey(stack), detail: null, detailTop: 0 },
    { name: 'open', stackId: stack.stackId },
  );
}
