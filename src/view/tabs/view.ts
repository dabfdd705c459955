/** The interface of a tab: pure functions over the state. */
import type { ViewRequest } from '../../session/view-data.js';
import type { PageText, ViewBody } from '../head/list-body.js';
import type { Command } from '../model/keys.js';
import type { ViewState } from '../model/view-state.js';

export interface View {
  /** The data that it needs from the session. It must be plain: requests are compared as JSON. */
  request(state: ViewState): ViewRequest;
  /** The number of rows that can be selected; 0 for a view without rows. */
  rowCount(state: ViewState): number;
  /** Identifies a row, independent of its index. */
  rowKey(state: ViewState, index: number): string;
  /** The lines between header and footer. */
  body(state: ViewState): ViewBody;
  /** Returns the state after Enter on the selected row. */
  open(state: ViewState): ViewState;
  /** The page of text over the view: its title and all its lines; null when it is about nothing that is there. */
  page?(state: ViewState): PageText | null;
  /** Returns the state after Enter on that page. */
  openPage?(state: ViewState): ViewState;
  /** Returns the state after a command that keys.ts binds for this view alone; the same state for others. */
  obey?(state: ViewState, command: Command): ViewState;
}
