/**
 * Events on the line of time: as signs on its track, as a lane for each group where there is room, and the event next to
 * the position in words. A lane is there only if something is in it.
 */
import { formatCount, formatDuration, sparkline } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { groupOf, MARK_GROUPS, type MarkGroup } from '../../event/marks/mark-groups.js';
import { markValue } from '../../event/marks/marks.js';
import type { MarksView } from '../../session/trace-session.js';
import { groupTone, type Sign, signsByColumn } from '../lines/event-signs.js';
import { formatPosition } from '../lines/position-text.js';
import { columnAt } from '../lines/resample.js';
import { cutLine, type Line, lineWidth, type Span, spread } from '../lines/styled-line.js';
import { positionOf } from '../model/answers.js';
import { allEvents, type Burst, type EventRow, eventSentence, momentOf, presentBurst } from '../model/events.js';
import type { ViewState } from '../model/view-state.js';

/** Where time lies on the screen. */
export interface TimeScale {
  durationNs: number;
  /** Columns of the whole duration. */
  width: number;
}

/** Signs and lanes of the same events on the same scale are asked for several times a frame. */
const TRACKS = new WeakMap<MarksView, { of: string; signs: ReadonlyMap<number, Sign> }>();
const LANES = new WeakMap<MarksView, { of: string; lanes: Line[] }>();

/** Puts the sign of the most important event of each column over what is there. */
export function putEventSigns(
  signs: Sign[],
  { marks }: Pick<ViewState, 'marks'>,
  { durationNs, width }: TimeScale,
): void {
  if (marks === null) return;
  const of = `${durationNs} ${width}`;
  const known = TRACKS.get(marks);
  const track =
    known?.of === of ? known.signs : signsByColumn({ marks }, (timeNs) => columnAt(timeNs, durationNs, width));
  TRACKS.set(marks, { of, signs: track });
  for (const [column, sign] of track) signs[column] = sign;
}

/** The groups that have events, the most important first. */
export function groupsOf(state: Pick<ViewState, 'marks'>): MarkGroup[] {
  const kinds = new Set(state.marks?.counts.map(({ kind }) => groupOf(kind)));
  return MARK_GROUPS.filter((group) => kinds.has(group));
}

/** At most `most` lanes of groups that have events; those for which there is no room share the last one. */
export function eventLanes(
  state: Pick<ViewState, 'marks'>,
  scale: TimeScale,
  { most, titleWidth }: { most: number; titleWidth: number },
): readonly Line[] {
  const { marks } = state;
  if (marks === null || most === 0) return [];
  const of = `${scale.durationNs} ${scale.width} ${most} ${titleWidth}`;
  const known = LANES.get(marks);
  if (known?.of === of) return known.lanes;
  const lanes = lanesOf(state, scale, most, titleWidth);
  LANES.set(marks, { of, lanes });
  return lanes;
}

function lanesOf(state: Pick<ViewState, 'marks'>, scale: TimeScale, most: number, titleWidth: number): Line[] {
  const groups = groupsOf(state);
  const own = groups.length <= most ? groups : groups.slice(0, Math.max(0, most - 1));
  const rest = groups.slice(own.length);
  const lanes = own.map((group) => laneOf(state, [group], scale, titleWidth));
  return rest.length === 0 ? lanes : [...lanes, laneOf(state, rest, scale, titleWidth)];
}

function laneOf(
  state: Pick<ViewState, 'marks'>,
  groups: readonly MarkGroup[],
  scale: TimeScale,
  titleWidth: number,
): Line {
  const [group] = groups;
  const isOne = groups.length === 1;
  const rows = allEvents(state).filter(({ mark }) => groups.includes(groupOf(mark.kind)));
  const title: Span = [`${isOne ? group.title : 'others'} `.padStart(titleWidth), 'dim'];
  if (isOne && group.sign === 's') return [title, ...stallCurve(rows, scale)];
  const columns = signColumns(rows, scale, isOne ? (row) => group.kinds[row.mark.kind] ?? group.sign : signOf);
  return [title, [columns, isOne ? groupTone(group) : 'plain'], [countText(state, groups, rows, scale), 'dim']];
}

function signOf({ mark }: EventRow): string {
  return groupOf(mark.kind).sign;
}

/** A column with events of several kinds has the sign of the group of the first. */
function signColumns(
  rows: readonly EventRow[],
  { durationNs, width }: TimeScale,
  of: (row: EventRow) => string,
): string {
  const columns = Array.from({ length: width }, () => ' ');
  for (const row of rows) {
    const column = columnAt(row.timeNs, durationNs, width);
    const sign = of(row);
    if (columns[column] === ' ') columns[column] = sign;
    else if (columns[column] !== sign) columns[column] = signOf(row);
  }
  return columns.join('');
}

/** How many there were, and when the last one was. */
function countText(
  { marks }: Pick<ViewState, 'marks'>,
  groups: readonly MarkGroup[],
  rows: readonly EventRow[],
  { durationNs }: TimeScale,
): string {
  const counts = marks?.counts.filter(({ kind }) => groups.includes(groupOf(kind))) ?? [];
  const count = counts.reduce((sum, each) => sum + each.count, 0);
  const last = rows.at(-1);
  const at = last === undefined ? '' : `, last at ${formatPosition(last.timeNs, durationNs).trim()}`;
  return ` ${formatCount(count)}${at}`;
}

/** The time that processes stood still, by column. */
function stallCurve(rows: readonly EventRow[], { durationNs, width }: TimeScale): Span[] {
  const sums = Array.from({ length: width }, () => 0);
  for (const { timeNs, mark } of rows) {
    sums[columnAt(timeNs, durationNs, width)] += Math.max(0, markValue(mark, 'durationNs') ?? 0);
  }
  const most = Math.max(...sums);
  const at = formatPosition((sums.indexOf(most) * durationNs) / width, durationNs).trim();
  return [
    [drawn(sums), 'warn'],
    [` most ${formatDuration(most)} at ${at}`, 'dim'],
  ];
}

/** A column without a stall stays empty, and the shortest stall is seen. */
function drawn(sums: readonly number[]): string {
  const line = Array.from(sparkline(sums, sums.length));
  return line.map((character, column) => (sums[column] > 0 ? character : ' ')).join('');
}

/** 'K 03:15 OOM kill of ...; tail 9336; 21.9 MiB anon   2 of 12  { }': the event next to a replay's position. Null without. */
export function presentEventLine(state: ViewState): Line | null {
  const present = presentBurst(state);
  if (present === null) return null;
  const { burst, index, of } = present;
  const { snapshot, columns, eventFilter } = state;
  const { durationNs } = snapshot.status;
  const [first] = burst.rows;
  const isAhead = momentOf(first, state) > positionOf(state);
  const left: Span[] = [
    [burst.group.sign, groupTone(burst.group)],
    [` ${formatPosition(first.timeNs, durationNs).trim()} `, 'strong'],
    [`${isAhead ? 'next: ' : ''}${burstText(burst)}`, isAhead ? 'dim' : 'plain'],
  ];
  const filter = eventFilter.grep === null ? '' : `/${safeText(eventFilter.grep)}/ `;
  const right: Line = [
    [`  ${filter}${formatCount(index + 1)} of ${formatCount(of)}  `, 'dim'],
    ['{ }', 'key'],
  ];
  // Without room for both the event is worth more.
  return columns < 60 || lineWidth(right) > columns / 3 ? cutLine(left, columns) : spread(left, right, columns);
}

/** An OOM kill stays in the head of a live trace for this long. */
const TOLD_NS = 300e9;

/** The last OOM kill of a live trace, and how many came before it; null where there was none lately. */
export function lastKillLine(state: ViewState): Line | null {
  const kills = allEvents(state).filter(({ mark }) => mark.kind === 'oom-kill');
  const last = kills.at(-1);
  const { positionNs } = state.snapshot.status;
  if (last === undefined || positionNs - last.timeNs > TOLD_NS) return null;
  const group = groupOf('oom-kill');
  const left: Line = [
    [group.sign, groupTone(group)],
    [` ${formatPosition(last.timeNs, positionNs).trim()} `, 'strong'],
    [safeText(eventSentence(last))],
  ];
  const before = kills.length > 1 ? `  ${formatCount(kills.length - 1)} before it` : '';
  return spread(
    left,
    [
      [before, 'dim'],
      ['  7', 'key'],
    ],
    state.columns,
  );
}

function burstText({ rows }: Burst): string {
  const [first] = rows;
  if (rows.length === 1) return safeText(eventSentence(first));
  const tookNs = rows[rows.length - 1].timeNs - first.timeNs;
  const others = new Set(rows.map(({ what }) => what)).size > 1 ? ', and others' : '';
  return safeText(
    `${formatCount(rows.length)} in ${formatDuration(tookNs)}: ${eventSentence({ ...first, howMuch: '' })}${others}`,
  );
}
