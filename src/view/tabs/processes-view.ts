/**
 * The tab Who: outstanding memory by the process, or the cgroup, that allocated it; Enter shows the call paths of one. Or
 * every process of the machine by its resident memory; Enter shows its mappings.
 */
import type { ProcessNameRow } from '../../rank/breakdown/process-names.js';
import { isOfProcesses } from '../../rank/report/category.js';
import { oneCgroup } from '../../rank/report/selection.js';
import { PROCESS_KEYS, PROCESS_VALUES, processSortsOf } from '../../session/view-data.js';
import type { RowTraits } from '../model/row-order.js';
import { goInto, showPage } from '../model/state-views.js';
import type { ViewState } from '../model/view-state.js';
import { type Processes, processesBody, processesOf, processKey } from './processes-lines.js';
import type { View } from './view.js';
import { processPage } from './who/process-page.js';

export const PROCESSES_VIEW: View = {
  request: ({ processesBy, processesSort, page }) => ({
    kind: 'processes',
    by: processesBy,
    sort: processesSort,
    ...(page?.kind === 'process' ? { pid: page.pid } : {}),
  }),
  rowCount: (state) => processesOf(state)?.rows.length ?? 0,
  rowKey: (state, index) => {
    const row = processesOf(state)?.rows[index];
    return row === undefined ? '' : processKey(row, state.processesBy);
  },
  body: processesBody,
  open: openProcess,
  page: processPage,
  openPage: (state) => (state.page?.kind === 'process' ? goInto(state, 'stacks', { pid: state.page.pid }) : state),
  obey: (state, command) => (command === 'turn-processes' ? turned(state) : state),
};

/** The next list; that of every process begins with the largest. */
function turned(state: ViewState): ViewState {
  const { processesBy, processesSort } = state;
  const next = PROCESS_KEYS[(PROCESS_KEYS.indexOf(processesBy) + 1) % PROCESS_KEYS.length];
  const isKept = processesBy !== 'all' && processSortsOf(next).includes(processesSort);
  return { ...state, processesBy: next, processesSort: next === 'all' ? 'rss' : isKept ? processesSort : 'bytes' };
}

/** What holds a row in its order. */
export function processTraits({ by, sort }: Processes): (row: ProcessNameRow) => RowTraits {
  return (row) => ({ key: processKey(row, by), value: PROCESS_VALUES[sort](row), tier: 0, state: '' });
}

function openProcess(state: ViewState): ViewState {
  const row = processesOf(state)?.rows[state.selectedIndex];
  if (row === undefined) return state;
  const { comm, pid, cgroup } = row;
  const hasPage = state.processesBy === 'all' || isOfProcesses(state.report?.source.allocators ?? []);
  if (hasPage && pid !== null) return showPage(state, { kind: 'process', pid, name: comm });
  // Memory whose cgroup is not known cannot be asked for.
  if (cgroup !== undefined)
    return cgroup.path === '' ? state : goInto(state, 'stacks', { cgroup: oneCgroup(cgroup.path) });
  return goInto(state, 'stacks', pid === null ? { comm } : { comm, pid });
}
