/** The tab Who: outstanding memory by the process that allocated it; Enter shows the call paths of one. */

import { goInto } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';
import { processesBody, processesOf } from './processes-lines.js';
import type { View } from './view.js';

export const PROCESSES_VIEW: View = {
  request: ({ processesBy, processesSort }) => ({ kind: 'processes', by: processesBy, sort: processesSort }),
  rowCount: (state) => processesOf(state)?.rows.length ?? 0,
  rowKey: (state, index) => {
    const row = processesOf(state)?.rows[index];
    return row === undefined ? '' : `${state.processesBy === 'pid' ? row.pid : ''} ${row.comm}`;
  },
  body: processesBody,
  open: openProcess,
  obey: (state, command) =>
    command === 'turn-processes' ? { ...state, processesBy: state.processesBy === 'pid' ? 'name' : 'pid' } : state,
};

function openProcess(state: ViewState): ViewState {
  const row = processesOf(state)?.rows[state.selectedIndex];
  if (row === undefined) return state;
  const { comm, pid } = row;
  return goInto(state, 'stacks', pid === null ? { comm } : { comm, pid });
}
