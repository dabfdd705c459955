/** The first look: what triage found before the trace, or every term of MemTotal; Enter opens a finding or a term. */
import { triageKey } from '../model/answers.js';
import { showPage } from '../model/state-views.js';
import { TRIAGE_PAGES } from '../model/view-names.js';
import type { ViewState } from '../model/view-state.js';
import { linePage } from './memory/line-page.js';
import { EQUATION_PAGE } from './memory-view.js';
import { findingPage } from './triage/finding-page.js';
import { findingsBody, triageFindings } from './triage/findings-list.js';
import type { View } from './view.js';

type Page = Pick<View, 'rowCount' | 'rowKey' | 'body' | 'open'>;

const FINDINGS: Page = {
  rowCount: (state) => triageFindings(state).length,
  rowKey: (state, index) => {
    const finding = triageFindings(state)[index];
    return finding === undefined ? '' : triageKey(finding);
  },
  body: findingsBody,
  open: (state) => {
    const finding = triageFindings(state)[state.selectedIndex];
    return finding === undefined ? state : showPage(state, { kind: 'finding', key: triageKey(finding) });
  },
};

export const TRIAGE_VIEW: View = {
  request: () => ({ kind: 'stacks' }),
  rowCount: (state) => pageOf(state).rowCount(state),
  rowKey: (state, index) => pageOf(state).rowKey(state, index),
  body: (state) => pageOf(state).body(state),
  open: (state) => pageOf(state).open(state),
  page: (state) => (state.page?.kind === 'line' ? linePage(state, 'First look') : findingPage(state)),
  obey: (state, command) => {
    if (command !== 'turn-triage') return state;
    const next = (TRIAGE_PAGES.indexOf(state.triagePage) + 1) % TRIAGE_PAGES.length;
    return { ...state, triagePage: TRIAGE_PAGES[next], selected: null, selectedIndex: 0, listTop: 0 };
  },
};

function pageOf({ triagePage }: ViewState): Page {
  return triagePage === 'findings' ? FINDINGS : EQUATION_PAGE;
}
