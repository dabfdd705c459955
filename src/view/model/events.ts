/**
 * The events of a trace (its marks) as the screen walks through them: rows in words, those that the filter of the tab Events
 * lets through, and bursts, which the keys jump along.
 */

import { groupOf, type MarkGroup } from '../../event/marks/mark-groups.js';
import { markHowMuch, markWhat, markWho } from '../../event/marks/mark-words.js';
import { type Mark, markValue } from '../../event/marks/marks.js';
import type { MarksView } from '../../session/trace-session.js';
import { positionOf } from './answers.js';
import type { ViewState } from './view-state.js';

/** An event in words; all of them are untrusted. */
export interface EventRow {
  /** Identifies it, also when others come or are left out. */
  key: string;
  timeNs: number;
  mark: Mark;
  what: string;
  /** '' = nobody, several, or not known. */
  who: string;
  /** '' where its kind has no size or time. */
  howMuch: string;
}

/** Events of one group, each soon after the one before: thousands of stalls are few steps of a key. */
export interface Burst {
  group: MarkGroup;
  /** At least one, in the order of time. */
  rows: readonly EventRow[];
}

type State = Pick<ViewState, 'marks' | 'eventFilter'>;

const ROWS = new WeakMap<MarksView, readonly EventRow[]>();
const FILTERED = new WeakMap<readonly EventRow[], { filter: string; rows: readonly EventRow[] }>();
const BURSTS = new WeakMap<readonly EventRow[], { gapNs: number; bursts: readonly Burst[] }>();

/** All events that the screen has, in the order of time. */
export function allEvents({ marks }: Pick<ViewState, 'marks'>): readonly EventRow[] {
  if (marks === null) return [];
  const known = ROWS.get(marks);
  if (known !== undefined) return known;
  const seen = new Map<string, number>();
  const rows = marks.marks.map(({ timeNs, mark }): EventRow => {
    const key = `${timeNs} ${mark.kind} ${mark.pid} ${mark.values.join(' ')} ${mark.texts.join(' ')}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    const words = { what: markWhat(mark), who: markWho(mark), howMuch: markHowMuch(mark) };
    return { key: times === 0 ? key : `${key} #${times}`, timeNs, mark, ...words };
  });
  ROWS.set(marks, rows);
  return rows;
}

/** What, who and how much in one line; untrusted. Who asked for memory and was killed for it is named once. */
export function eventSentence({ mark, what, who, howMuch }: EventRow): string {
  const isNamed = mark.kind === 'oom-kill' && markValue(mark, 'victimPid') === mark.pid;
  return [what, isNamed ? '' : who, howMuch].filter((part) => part !== '').join('; ');
}

/** Those that the filter of the tab Events lets through, in the order of time. */
export function eventsOf(state: State): readonly EventRow[] {
  const all = allEvents(state);
  const { grep } = state.eventFilter;
  if (grep === null) return all;
  const known = FILTERED.get(all);
  if (known?.filter === grep) return known.rows;
  const pattern = new RegExp(grep, 'i');
  const rows = all.filter(({ mark, what, who, howMuch }) => pattern.test(`${mark.kind} ${what} ${who} ${howMuch}`));
  FILTERED.set(all, { filter: grep, rows });
  return rows;
}

/** A burst ends where its group is quiet for this share of the trace, but not longer than MOST_GAP_NS. */
const GAP_SHARE = 1 / 200;
const MOST_GAP_NS = 10e9;

/** The same events in bursts, in the order of their first one. */
export function burstsOf(rows: readonly EventRow[], durationNs: number): readonly Burst[] {
  const gapNs = Math.min(MOST_GAP_NS, durationNs * GAP_SHARE);
  const known = BURSTS.get(rows);
  if (known?.gapNs === gapNs) return known.bursts;
  const bursts: { group: MarkGroup; rows: EventRow[] }[] = [];
  const last = new Map<MarkGroup, EventRow[]>();
  for (const row of rows) {
    const group = groupOf(row.mark.kind);
    const before = last.get(group);
    if (before !== undefined && !group.isSingle && row.timeNs - before[before.length - 1].timeNs <= gapNs) {
      before.push(row);
      continue;
    }
    const started = [row];
    last.set(group, started);
    bursts.push({ group, rows: started });
  }
  BURSTS.set(rows, { gapNs, bursts });
  return bursts;
}

/** How far the trace reaches: a replay's length, else the time traced so far. */
export function lengthOf({ mode, snapshot: { status } }: Pick<ViewState, 'mode' | 'snapshot'>): number {
  return mode === 'replay' ? status.durationNs : status.positionNs;
}

/** The bursts that the keys walk along. */
export function walkedBursts(state: ViewState): readonly Burst[] {
  return burstsOf(eventsOf(state), lengthOf(state));
}

/** Where a seek to this event ends, ns. */
export function momentOf({ timeNs }: EventRow, { snapshot: { status } }: ViewState): number {
  return Math.min(Math.round(timeNs), status.durationNs);
}

/** The burst next to a replay's position: the last one that has begun, else the first one. */
export function presentBurst(state: ViewState): { burst: Burst; index: number; of: number } | null {
  const bursts = walkedBursts(state);
  if (bursts.length === 0) return null;
  const positionNs = positionOf(state);
  const begun = bursts.findLastIndex(({ rows }) => momentOf(rows[0], state) <= positionNs);
  const index = Math.max(0, begun);
  return { burst: bursts[index], index, of: bursts.length };
}

/** The first event of the burst before (-1) or after (1) a time; null if there is none. */
export function neighbourEvent(state: ViewState, step: 1 | -1): EventRow | null {
  const bursts = walkedBursts(state);
  const fromNs = state.mode === 'replay' ? positionOf(state) : selectedTime(state);
  const timeOf = ({ rows }: Burst): number => (state.mode === 'replay' ? momentOf(rows[0], state) : rows[0].timeNs);
  const found =
    step < 0 ? bursts.findLast((burst) => timeOf(burst) < fromNs) : bursts.find((burst) => timeOf(burst) > fromNs);
  return found?.rows[0] ?? null;
}

/** Live there is no position but the selected event. */
function selectedTime(state: ViewState): number {
  const rows = eventsOf(state);
  if (state.view !== 'events') return Number.POSITIVE_INFINITY;
  return rows[rows.length - 1 - state.selectedIndex]?.timeNs ?? Number.POSITIVE_INFINITY;
}
