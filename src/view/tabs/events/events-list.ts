/** The list of the tab Events: what happened on the machine, newest first, and what Enter does with an event. */
import { formatCount } from '../../../base/format.js';
import { padText, safeText } from '../../../base/safe-text.js';
import { groupOf } from '../../../event/marks/mark-groups.js';
import type { MarksView } from '../../../session/trace-session.js';
import { countedText, emptyBody, listBody, type ViewBody } from '../../head/list-body.js';
import { groupTone } from '../../lines/event-signs.js';
import { formatPosition } from '../../lines/position-text.js';
import type { Line, Span } from '../../lines/styled-line.js';
import { positionOf } from '../../model/answers.js';
import { allEvents, type EventRow, eventSentence, eventsOf, lengthOf, momentOf } from '../../model/events.js';
import { asking, seekTo } from '../../model/state-requests.js';
import { goInto, showPage } from '../../model/state-views.js';
import type { ViewState } from '../../model/view-state.js';

/** Of the columns that sign, time and who leave, WHAT has this share; HOW MUCH has the rest. */
const WHAT_SHARE = 0.6;
const SIGN_WIDTH = 2;
const TIME_WIDTH = 9;

export function eventCount(state: ViewState): number {
  return eventsOf(state).length;
}

/** The event of a row: the newest one is in row 0. */
export function eventAt(state: ViewState, index: number): EventRow | undefined {
  const rows = eventsOf(state);
  return rows[rows.length - 1 - index];
}

export function eventKey(state: ViewState, index: number): string {
  return eventAt(state, index)?.key ?? '';
}

export function eventsBody(state: ViewState): ViewBody {
  const { columns, marks, snapshot } = state;
  const rows = eventsOf(state);
  if (rows.length === 0) return emptyBody(state, nothingTexts(state));
  const widths = widthsOf(columns);
  return listBody(state, {
    head: headLine(widths),
    rows: rows.length,
    row: (index) => {
      const row = rows[rows.length - 1 - index];
      return row === undefined ? [] : eventLine(state, row, widths);
    },
    closing: (last) => [
      ...closingLine(marks, { shown: rows.length, all: allEvents(state).length, last }, snapshot.status),
      ...lackTexts(state).map((text): Span => [`   ${text}`, 'dim']),
    ],
    whole: () => wholeLine(eventAt(state, state.selectedIndex)),
  });
}

/** Live all that the event tells; in a replay the ranking at its moment, where time stands still then. */
export function openEvent(state: ViewState): ViewState {
  const row = openedEvent(state);
  if (row === undefined) return state;
  return state.mode === 'live' ? showEvent(state) : toMoment(state, row);
}

/** The page over the selected event. */
export function showEvent(state: ViewState): ViewState {
  const row = eventAt(state, state.selectedIndex);
  return row === undefined ? state : showPage({ ...state, selected: row.key }, { kind: 'event', key: row.key });
}

/** The event of the page, else the selected one. */
function openedEvent(state: ViewState): EventRow | undefined {
  const { page, selectedIndex } = state;
  if (page?.kind !== 'event') return eventAt(state, selectedIndex);
  return allEvents(state).find(({ key }) => key === page.key);
}

function toMoment(state: ViewState, row: EventRow): ViewState {
  const paused = state.snapshot.status.state === 'playing' ? asking(state, { name: 'pause' }) : state;
  return seekTo(goInto({ ...paused, selected: row.key }, 'stacks', {}), row.timeNs);
}

function nothingTexts(state: ViewState): string[] {
  if (allEvents(state).length > 0) return ['no event matches the filter', 'Esc clears it'];
  const what = 'OOM kills, stalls, shared memory, cgroups, swap, modules, your marks';
  const isRead = state.snapshot.status.readShare >= 1;
  const ofTrace = isRead ? 'this trace tells of no events' : 'no event so far; the recording is still being read';
  const [first, ...last] = state.mode === 'live' ? ['nothing has happened yet', 'M sets a mark'] : [ofTrace];
  return [first, `shown here: ${what}`, ...lackTexts(state), ...last];
}

/** What the kernel does not tell of, as the collector says it; safe text. */
function lackTexts({ report }: ViewState): string[] {
  return report?.source.notes.filter((note) => note.startsWith('the time line lacks')).map(safeText) ?? [];
}

interface Widths {
  what: number;
  who: number;
  howMuch: number;
}

function widthsOf(columns: number): Widths {
  const who = columns >= 120 ? 20 : columns >= 60 ? 15 : 0;
  const rest = Math.max(0, columns - SIGN_WIDTH - TIME_WIDTH - 1 - (who === 0 ? 0 : who + 1) - 1);
  const what = Math.ceil(rest * WHAT_SHARE);
  return { what, who, howMuch: rest - what };
}

function headLine({ what, who, howMuch }: Widths): Line {
  const whoTitle = who === 0 ? '' : ` ${padText('WHO', who)}`;
  const time = 'TIME'.padStart(SIGN_WIDTH + TIME_WIDTH);
  return [[`${time} ${padText('WHAT', what)}${whoTitle} ${padText('HOW MUCH', howMuch)}`, 'head']];
}

/** In a replay an event behind the position is dim: the other views do not show it yet. */
function eventLine(state: ViewState, row: EventRow, { what, who, howMuch }: Widths): Line {
  const group = groupOf(row.mark.kind);
  const isAhead = state.mode === 'replay' && momentOf(row, state) > positionOf(state);
  const tone = isAhead ? 'dim' : 'plain';
  const line: Span[] = [
    [`${group.sign} `, isAhead ? 'dim' : groupTone(group)],
    [`${formatPosition(row.timeNs, lengthOf(state)).padStart(TIME_WIDTH)} `, isAhead ? 'dim' : 'strong'],
    [padText(safeText(row.what), what), tone],
  ];
  if (who > 0) line.push([` ${padText(safeText(row.who === '' ? '-' : row.who), who)}`, tone]);
  line.push([` ${padText(safeText(row.howMuch), howMuch)}`, tone]);
  return line;
}

/** The event in one line, without columns. */
function wholeLine(row: EventRow | undefined): Line {
  return row === undefined ? [] : [[safeText(eventSentence(row))]];
}

/** '12 of 240 events  … 3 below   9,000 cgroup-released left out, lost 4'. */
function closingLine(
  marks: MarksView | null,
  { shown, all, last }: { shown: number; all: number; last: number },
  { readShare }: { readShare: number },
): Line {
  const many: [string, string] = ['event', 'events'];
  const line: Span[] = [
    [shown < all ? `${formatCount(shown)} of ${countedText(all, many)}` : countedText(all, many), 'dim'],
  ];
  if (shown > last) line.push([`  … ${formatCount(shown - last)} below`, 'dim']);
  const left = (marks?.counts ?? []).filter(({ leftOut }) => leftOut > 0);
  const parts = left.map(({ kind, leftOut }) => `${formatCount(leftOut)} ${kind}`);
  if (parts.length > 0) line.push([`   left out, as they are many: ${parts.join(', ')}`, 'warn']);
  if (marks !== null && marks.lost > 0) line.push([`   lost ${formatCount(marks.lost)}`, 'bad']);
  if (readShare < 1) line.push(['   so far', 'dim']);
  return line;
}
