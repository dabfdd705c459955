/** The tab Memory: where the memory of the machine went since the start, by line of /proc/meminfo; or where it is over time. */

import { goInto } from '../model/state-views.js';
import { MEMORY_PAGES, type MemoryPage } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { areaChartBody } from './memory/area-chart.js';
import { changeBody, changeRows } from './memory/change-lines.js';
import type { View } from './view.js';

/** The rows of a page can be selected; one without rows has none of the functions for them. */
type Page = Pick<View, 'request' | 'body'> & Partial<Pick<View, 'rowCount' | 'rowKey' | 'open'>>;

const PAGES: Readonly<Record<MemoryPage, Page>> = {
  change: {
    // The report has it all.
    request: () => ({ kind: 'stacks' }),
    rowCount: (state) => changeRows(state).length,
    rowKey: (state, index) => {
      const row = changeRows(state)[index];
      return row === undefined ? '' : row.lines > 1 ? 'more lines' : row.name;
    },
    body: changeBody,
    open: openLine,
  },
  now: { request: () => ({ kind: 'memory' }), body: areaChartBody },
};

export const MEMORY_VIEW: View = {
  request: (state) => pageOf(state).request(state),
  rowCount: (state) => pageOf(state).rowCount?.(state) ?? 0,
  rowKey: (state, index) => pageOf(state).rowKey?.(state, index) ?? '',
  body: (state) => pageOf(state).body(state),
  open: (state) => pageOf(state).open?.(state) ?? state,
  obey: (state, command) => {
    if (command !== 'turn-memory') return state;
    const next = (MEMORY_PAGES.indexOf(state.memoryPage) + 1) % MEMORY_PAGES.length;
    return { ...state, memoryPage: MEMORY_PAGES[next] };
  },
};

function pageOf({ memoryPage }: ViewState): Page {
  return PAGES[memoryPage];
}

/** Shows the findings of the selected line; a line that counts no memory of call paths has none. */
function openLine(state: ViewState): ViewState {
  const categories = changeRows(state)[state.selectedIndex]?.categories ?? [];
  return categories.length === 0 ? state : goInto(state, 'stacks', { categories: [...categories] });
}
