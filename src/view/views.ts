/**
 * The one table of views. Each is a module of pure functions over the state; what it needs of the session besides the
 * Report it says in `request`, and finds in `state.data` once the session has answered (`state.data.kind` tells).
 * To add one: its name in view-names.ts, its data in session/view-data.ts, its module, and its line here.
 */
import type { ViewRequest } from '../session/view-data.js';
import { CACHES_VIEW } from './caches-view.js';
import { DIFF_VIEW } from './diff-view.js';
import type { Command } from './keys.js';
import type { ViewBody } from './list-body.js';
import { MEMORY_VIEW } from './memory-view.js';
import { PROCESSES_VIEW } from './processes-view.js';
import { STACKS_VIEW } from './stacks-view.js';
import type { ViewState } from './state.js';
import { TREE_VIEW } from './tree-view.js';
import type { ViewName } from './view-names.js';

export interface View {
  /** What the session is to work out for it; compared as JSON, so that it must be plain. */
  request(state: ViewState): ViewRequest;
  /** Rows that can be selected; 0 for a view without. */
  rowCount(state: ViewState): number;
  /** The same for the same row, wherever it stands. */
  rowKey(state: ViewState, index: number): string;
  /** What stands in the body. */
  body(state: ViewState): ViewBody;
  /** Enter on the selected row. */
  open(state: ViewState): ViewState;
  /** Commands that keys.ts binds for this view alone. */
  obey?(state: ViewState, command: Command): ViewState;
}

export function viewOf(state: ViewState): View {
  return VIEWS[state.view];
}

const VIEWS: Readonly<Record<ViewName, View>> = {
  stacks: STACKS_VIEW,
  tree: TREE_VIEW,
  processes: PROCESSES_VIEW,
  caches: CACHES_VIEW,
  memory: MEMORY_VIEW,
  diff: DIFF_VIEW,
};
