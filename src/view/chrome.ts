/** Turns a state into the part of the screen that Ink draws; it changes only when the user does something. */
import { safeText } from '../base/safe-text.js';
import type { ChromeProps } from './app.js';
import { layoutOf, MIN_COLUMNS, MIN_ROWS } from './head/layout.js';
import { helpLines } from './lines/help-lines.js';
import { type Line, type LinePainter, lineWidth, type Span } from './lines/styled-line.js';
import { footerEntries } from './model/keys.js';
import { menuOf } from './model/menus.js';
import { typedFilter } from './model/state-requests.js';
import type { ViewState } from './model/view-state.js';

/** Everything that Ink draws for this state, painted. */
export function chromeOf(state: ViewState, paint: LinePainter): ChromeProps {
  const layout = layoutOf(state);
  const { columns, rows } = state;
  const notice = layout.tooSmall ? tooSmallText(columns, rows) : null;
  const help = state.place === 'help';
  return {
    columns,
    rows,
    notice,
    headerRows: layout.headerRows,
    body: help ? helpBody(state, layout.bodyRows).map((line) => paint(line, columns)) : null,
    bodyRows: layout.bodyRows,
    panel: panelLines(state, layout.panelRows).map(({ line, selected }) => paint(line, columns, selected)),
    footer: paint(footerLine(state), columns),
  };
}

/** True if two results of chromeOf() draw the same frame. */
export function sameChrome(a: ChromeProps, b: ChromeProps): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function tooSmallText(columns: number, rows: number): string {
  const long = `too small: ${columns}x${rows}, needs ${MIN_COLUMNS}x${MIN_ROWS}`;
  return long.length <= columns ? long : 'too small'.slice(0, columns);
}

function helpBody(state: ViewState, rows: number): Line[] {
  const lines = helpLines(state.mode);
  const shown = lines.slice(state.helpTop, state.helpTop + rows);
  const below = lines.length - state.helpTop - shown.length;
  if (below > 0 && rows > 0) shown[rows - 1] = [[`  … ${below + 1} more lines below`, 'dim']];
  return shown;
}

interface PanelLine {
  line: Line;
  selected: boolean;
}

/** At most `rows` lines. A longer menu shows its title and the items around the selected one. */
function panelLines(state: ViewState, rows: number): PanelLine[] {
  if (rows === 0) return [];
  if (state.place === 'menu') {
    const menu = menuOf(state);
    const lines: PanelLine[] = [{ line: [[menu.title, 'head']], selected: false }];
    const width = Math.max(12, ...menu.items.map(({ name }) => name.length + 1));
    for (const [index, { name, help, letter, current }] of menu.items.entries()) {
      const key = letter === undefined ? '' : ` (${letter})`;
      lines.push({
        line: [[`  ${current ? '▾' : ' '} ${name.padEnd(width)}`], [help + key, 'dim']],
        selected: index === state.menuIndex,
      });
    }
    const first = Math.max(1, Math.min(lines.length - rows + 1, state.menuIndex - rows + 3));
    return [lines[0], ...lines.slice(first, first + rows - 1)];
  }
  if (state.place === 'time') return [{ line: timeLine(state), selected: false }];
  if (state.place === 'mark') return [{ line: markLine(state), selected: false }];
  const { text, error } = typedFilter(state);
  if (state.place !== 'filter' && text === '') return [];
  const line: Span[] = [['filter ', 'strong'], [safeText(text)]];
  if (state.place === 'filter') line.push(['█']);
  if (error !== null) line.push([`  ${safeText(error)}`, 'bad']);
  else if (state.place === 'filter' && text === '') {
    const what = state.view === 'events' ? 'of an event' : 'of a function, process or cache name';
    line.push([` part ${what}, or /regex/`, 'dim']);
  }
  return [{ line, selected: false }];
}

function timeLine({ time }: ViewState): Line {
  const line: Span[] = [['go to ', 'strong'], [time.text], ['█']];
  if (time.error !== null) line.push([`  ${safeText(time.error)}`, 'bad']);
  else if (time.text === '') line.push([' 1m30s, 00:01:30, +5s, -5s or 50%', 'dim']);
  return line;
}

function markLine({ markText }: ViewState): Line {
  const line: Span[] = [['mark ', 'strong'], [safeText(markText)], ['█']];
  if (markText === '') line.push([' what happens now, as: deploy 42', 'dim']);
  return line;
}

/** The notice that answers the last key, until the next key; otherwise as many key hints as fit, help among the first. */
function footerLine(state: ViewState): Line {
  const { notice } = state.snapshot.status;
  if (notice !== null && notice.id > state.noticeSeen) return [[safeText(notice.text), notice.failed ? 'bad' : 'good']];
  const line: Span[] = [];
  for (const { keys, label } of footerEntries(state.place, state.mode, state.view)) {
    const entry: Span[] = [...(line.length > 0 ? [['  '] as const] : []), [keys, 'key'], [` ${label}`, 'dim']];
    if (lineWidth(line) + lineWidth(entry) > state.columns) break;
    line.push(...entry);
  }
  return line;
}
