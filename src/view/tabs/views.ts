/**
 * The one table of views. Each view is a module of pure functions over the state. Its `request` names the data that it
 * needs from the session besides the Report; the answer is in `state.data`, and `state.data.kind` says which view it is
 * for. To add a view: its name in view-names.ts, its data in session/view-data.ts, its module, and its line here.
 */

import type { ViewName } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { CACHES_VIEW } from './caches-view.js';
import { DIFF_VIEW } from './diff-view.js';
import { eventPage } from './events/event-page.js';
import { eventCount, eventKey, eventsBody, openEvent, showEvent } from './events/events-list.js';
import { MEMORY_VIEW } from './memory-view.js';
import { PROCESSES_VIEW } from './processes-view.js';
import { STACKS_VIEW } from './stacks-view.js';
import { TREE_VIEW } from './tree-view.js';
import { TRIAGE_VIEW } from './triage-view.js';
import type { View } from './view.js';

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
  events: {
    // The snapshot has them.
    request: () => ({ kind: 'stacks' }),
    rowCount: eventCount,
    rowKey: eventKey,
    body: eventsBody,
    open: openEvent,
    page: eventPage,
    openPage: openEvent,
    obey: (state, command) => (command === 'expand' ? showEvent(state) : state),
  },
  triage: TRIAGE_VIEW,
};
