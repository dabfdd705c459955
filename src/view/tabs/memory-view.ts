/**
 * The tab Memory: where the memory of the machine went since the start, by line of /proc/meminfo; where it is over time;
 * every page by what it is and who holds it; the terms of MemTotal before the trace; counters beside their limits; or what
 * free and sar show.
 */

import { goInto, showPage } from '../model/state-views.js';
import { MEMORY_PAGES, type MemoryPage } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { censusBody } from './census/census-lines.js';
import { censusRows } from './census/census-rows.js';
import { termOf } from './census/class-names.js';
import { classPage } from './census/class-page.js';
import { areaChartBody } from './memory/area-chart.js';
import { changeBody, changeRows } from './memory/change-lines.js';
import { type ChangeRow, lineRow } from './memory/change-rows.js';
import { equationBody, equationTerms } from './memory/equation-lines.js';
import { gaugeKey, limitsBody, limitsOf } from './memory/limit-lines.js';
import { hasHolders, linePage } from './memory/line-page.js';
import { pagingBody } from './memory/paging-lines.js';
import { isProcessTrace, processBody, processRows } from './memory/process-body.js';
import type { View } from './view.js';

/** The rows of a page can be selected; one without rows has none of the functions for them. */
type Page = Pick<View, 'request' | 'body'> & Partial<Pick<View, 'rowCount' | 'rowKey' | 'open'>>;

/** Also a page of the first look. */
export const EQUATION_PAGE: Required<Page> = {
  request: () => ({ kind: 'stacks' }),
  rowCount: (state) => equationTerms(state).length,
  rowKey: (state, index) => equationTerms(state)[index]?.term ?? '',
  body: equationBody,
  open: (state) => {
    const term = equationTerms(state)[state.selectedIndex];
    return term === undefined ? state : showPage(state, { kind: 'line', name: term.term });
  },
};

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
  census: {
    request: () => ({ kind: 'census' }),
    rowCount: (state) => censusRows(state).length,
    rowKey: (state, index) => censusRows(state)[index]?.class ?? '',
    body: censusBody,
    open: (state) => {
      const row = censusRows(state)[state.selectedIndex];
      return row === undefined ? state : showPage(state, { kind: 'class', name: row.class });
    },
  },
  equation: EQUATION_PAGE,
  limits: {
    request: () => ({ kind: 'limits' }),
    rowCount: (state) => limitsOf(state)?.gauges.length ?? 0,
    rowKey: (state, index) => {
      const gauge = limitsOf(state)?.gauges[index];
      return gauge === undefined ? '' : gaugeKey(gauge);
    },
    body: limitsBody,
  },
  paging: { request: () => ({ kind: 'paging' }), body: pagingBody },
};

export const MEMORY_VIEW: View = {
  request: (state) => pageOf(state).request(state),
  rowCount: (state) => pageOf(state).rowCount?.(state) ?? 0,
  rowKey: (state, index) => pageOf(state).rowKey?.(state, index) ?? '',
  body: (state) => pageOf(state).body(state),
  open: (state) => pageOf(state).open?.(state) ?? state,
  page: (state) => (state.page?.kind === 'class' ? classPage(state) : linePage(state, 'Memory')),
  openPage: openFindings,
  obey: (state, command) => {
    if (command !== 'turn-memory') return state;
    const next = (MEMORY_PAGES.indexOf(state.memoryPage) + 1) % MEMORY_PAGES.length;
    return turnedTo(state, MEMORY_PAGES[next]);
  },
};

/** Shows a page of the tab, from its first row on. */
export function turnedTo(state: ViewState, memoryPage: MemoryPage): ViewState {
  return { ...state, memoryPage, selected: null, selectedIndex: 0, listTop: 0 };
}

/** In a trace of processes nothing is known of the machine's memory: one page has all. */
const PROCESS_PAGE: Page = {
  request: () => ({ kind: 'stacks' }),
  rowCount: (state) => processRows(state).length,
  rowKey: (_, index) => `line ${index}`,
  body: processBody,
};

function pageOf(state: ViewState): Page {
  return isProcessTrace(state) ? PROCESS_PAGE : PAGES[state.memoryPage];
}

/**
 * Shows who holds the selected line and its findings. Where nothing is known of its holders, Enter shows the findings at
 * once; a line that counts no memory of call paths has none.
 */
function openLine(state: ViewState): ViewState {
  const row = changeRows(state)[state.selectedIndex];
  if (row === undefined) return state;
  const selected = pageOf(state).rowKey?.(state, state.selectedIndex) ?? null;
  if (hasHolders(state, row.terms)) return showPage({ ...state, selected }, { kind: 'line', name: row.name });
  return findingsOf(state, row.categories);
}

function findingsOf(state: ViewState, categories: ChangeRow['categories']): ViewState {
  return categories.length === 0 ? state : goInto(state, 'stacks', { categories: [...categories] });
}

/** From the page of a line, of a term or of a class of pages to the findings of the trace in it. */
function openFindings(state: ViewState): ViewState {
  const { page, report } = state;
  const name = page?.kind === 'line' ? page.name : page?.kind === 'class' ? termOf(page.name) : null;
  if (name === null || report === null) return state;
  return findingsOf(state, lineRow(report, name)?.categories ?? []);
}
