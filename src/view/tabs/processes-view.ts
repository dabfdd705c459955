/** The tab Who: outstanding memory by the process that allocated it; Enter shows the call paths of one. */
import type { ProcessNameRow } from '../../rank/breakdown/process-names.js';
import { PROCESS_VALUES } from '../../session/view-data.js';
import type { RowTraits } from '../model/row-order.js';
import { goInto } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';
import { type Processes, processesBody, processesOf, processKey } from './processes-lines.js';
import type { View } from './view.js';

export const PROCESSES_VIEW: View = {
  request: ({ processesBy, processesSort }) => ({ kind: 'processes', by: processesBy, sort: processesSort }),
  rowCount: (state) => processesOf(state)?.rows.length ?? 0,
  rowKey: (state, index) => {
    const row = processesOf(state)?.rows[index];
    return row === undefined ? '' : processKey(row, state.processesBy);
  },
  body: processesBody,
  open: openProcess,
  obey: (state, command) =>
    command === 'turn-processes' ? { ...state, processesBy: state.processesBy === 'pid' ? 'name' : 'pid' } : state,
};

/** What holds a row in its order. */
export function processTraits({ by, sort }: Processes): (row: ProcessNameRow) => RowTraits {
  return (row) => ({ key: processKey(row, by), value: PROCESS_VALUES[sort](row), tier: 0, state: '' });
}

function openProcess(state: ViewState): ViewState {
  const row = processesOf(state)?.rows[state.selectedIndex];
  if (row === undefined) return state;
  const { comm, pid } = row;
  return goInto(state, 'stacks', pid === null ? { comm } : { comm, pid });
}
