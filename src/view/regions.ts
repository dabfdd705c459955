/** The parts of the screen that change with every report, as ready-made lines over Ink's frame. */
import { formatCount } from '../base/format.js';
import type { ReportStack } from '../rank/report/report-rows.js';
import { headerLines } from './head/header-lines.js';
import { layoutOf } from './head/layout.js';
import { detailLines, detailTitle } from './lines/detail-lines.js';
import { type Line, type LinePainter, spread } from './lines/styled-line.js';
import type { ViewState } from './model/view-state.js';
import { findingRows } from './tabs/finding-rows.js';
import { viewOf } from './tabs/views.js';
import type { Screen } from './terminal/terminal-screen.js';

/** Sets the regions 'header' and 'body' of the screen; clears those that Ink draws (help) or that do not fit. */
export function paintRegions(
  screen: Pick<Screen, 'setRegion' | 'clearRegion'>,
  state: ViewState,
  paint: LinePainter,
): void {
  const layout = layoutOf(state);
  if (layout.tooSmall) {
    screen.clearRegion('header');
    screen.clearRegion('body');
    return;
  }
  const { columns } = state;
  screen.setRegion(
    'header',
    0,
    headerLines(state).map((line) => paint(line, columns)),
  );
  if (state.place === 'help') {
    screen.clearRegion('body');
    return;
  }
  if (state.page !== null) {
    const lines = pageBody(state, layout.bodyRows).map((line) => paint(line, columns));
    screen.setRegion('body', layout.bodyTop, lines);
    return;
  }
  if (state.opened !== null) {
    const lines = detailBody(state, layout.bodyRows).map((line) => paint(line, columns));
    screen.setRegion('body', layout.bodyTop, lines);
    return;
  }
  const { lines, selected } = viewOf(state).body(state);
  screen.setRegion(
    'body',
    layout.bodyTop,
    lines.map((line, row) => paint(line, columns, row === selected)),
  );
}

/** Exactly `rows` lines: the title, then as many lines of the page as fit, from detailTop on. */
function pageBody(state: ViewState, rows: number): Line[] {
  const text = viewOf(state).page?.(state) ?? null;
  const body: Line[] = [];
  if (text === null) body.push([['it is not there any more', 'dim']]);
  else {
    const shown = text.lines.slice(state.detailTop, state.detailTop + rows - 1);
    body.push(
      spread(text.title, [[placeText(state, text.lines.length, shown.length), 'dim']], state.columns),
      ...shown,
    );
  }
  while (body.length < rows) body.push([]);
  return body.slice(0, rows);
}

/** '7 more lines below', 'end' on the last of several screens, else ''. */
function placeText({ detailTop }: ViewState, all: number, shown: number): string {
  const below = all - detailTop - shown;
  return below > 0 ? `${below} more lines below` : detailTop > 0 ? 'end' : '';
}

/** Exactly `rows` lines: the title, then as many detail lines as fit, from detailTop on. */
function detailBody(state: ViewState, rows: number): Line[] {
  const { detail } = state;
  const body: Line[] = [];
  if (detail === null || detail.stack.stackId !== state.opened?.stackId) {
    body.push([['opening the call path', 'dim']]);
  } else {
    const all = detailLines(detail, state.report, state.columns, state.marks);
    const shown = all.slice(state.detailTop, state.detailTop + rows - 1);
    const place = placeText(state, all.length, shown.length);
    const merged = openedRow(state)?.merged ?? null;
    const of = merged === null || merged.stacks < 2 ? '' : `greatest of ${formatCount(merged.stacks)}  `;
    body.push(
      spread(
        detailTitle(detail),
        [
          [of, 'warn'],
          [place, 'dim'],
        ],
        state.columns,
      ),
      ...shown,
    );
  }
  while (body.length < rows) body.push([]);
  return body.slice(0, rows);
}

/** The row whose greatest call path is opened; null where a single call path is. */
function openedRow(state: ViewState): ReportStack | null {
  const row = state.view === 'stacks' ? findingRows(state)[state.selectedIndex] : undefined;
  return row === undefined || row.path !== null ? null : row.stack;
}
