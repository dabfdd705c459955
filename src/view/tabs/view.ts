/** What every tab of the screen offers: pure functions over the state. */
import type { ViewRequest } from '../../session/view-data.js';
import type { ViewBody } from '../lines/list-body.js';
import type { Command } from '../model/keys.js';
import type { ViewState } from '../model/view-state.js';

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
