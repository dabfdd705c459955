/**
 * A replay's timeline as ready-made lines: outstanding memory and events over the whole recording, lanes of what happened
 * on the machine, and a track that shows the position, where events were lost (x) and where the mark is (m). All share their
 * columns.
 */
import { formatBytes, formatEventRate, formatShare, sparkline } from '../../base/format.js';
import type { Sign } from '../lines/event-signs.js';
import { formatPosition } from '../lines/position-text.js';
import { columnAt, columnsOf, greatestOf } from '../lines/resample.js';
import { type Line, lineWidth, type Span, type Tone } from '../lines/styled-line.js';
import { positionOf } from '../model/answers.js';
import type { ViewState } from '../model/view-state.js';
import { eventLanes, putEventSigns } from './event-lanes.js';

/** `held` and `events` are null until there is a timeline. */
export interface TimelineLines {
  held: Line | null;
  events: Line | null;
  /** Of what happened on the machine; empty where the track has it as signs. */
  lanes: readonly Line[];
  track: Line;
}

const LEAST_WIDTH = 8;
const LEFT_WIDTH = 9;

/**
 * The timeline over the width of the screen, at the requested position. What happened on the machine is on at most
 * `mostLanes` lanes; 0 puts it on the track.
 */
export function timelineLines(state: ViewState, mostLanes: number): TimelineLines {
  const { status } = state.snapshot;
  const { timeline, durationNs } = status;
  const right = trackText(state);
  const rightWidth = Math.max(24, lineWidth(right));
  const width = Math.max(LEAST_WIDTH, state.columns - LEFT_WIDTH - rightWidth);
  const track: Line = [
    [`${formatPosition(positionOf(state), durationNs)} `.padStart(LEFT_WIDTH), 'strong'],
    ...trackSpans(state, width, mostLanes === 0),
    ...right,
  ];
  const lanes = eventLanes(state, { durationNs, width }, { most: mostLanes, titleWidth: LEFT_WIDTH });
  if (timeline === null || !(durationNs > 0) || timeline.events.length === 0)
    return { held: null, events: null, lanes, track };
  const held = columnsOf(timeline.outstandingBytes, timeline, durationNs, width, greatestOf);
  const events = columnsOf(timeline.events, timeline, durationNs, width, greatestOf);
  const most = greatestOf(timeline.outstandingBytes);
  const busiest = greatestOf(timeline.events) / (timeline.stepNs / 1e9);
  return {
    held: graph('held ', held, [` up to ${formatBytes(most)}`]),
    events: graph('events ', events, [` up to ${formatEventRate(busiest)}`]),
    lanes,
    track,
  };
}

function graph(name: string, values: readonly (number | null)[], right: Span): Line {
  const line = sparkline(
    values.map((value) => value ?? 0),
    values.length,
  );
  return [
    [name.padStart(LEFT_WIDTH), 'dim'],
    [line, 'drawing'],
    [right[0], 'dim'],
  ];
}

function trackText(state: ViewState): Line {
  const { status } = state.snapshot;
  const { durationNs } = status;
  const speed = state.speed ?? status.speed;
  const right: Span[] = [
    [` of ${formatPosition(durationNs, durationNs).trim()}`],
    [`  ${formatShare(positionOf(state), durationNs)}`.padStart(6), 'strong'],
    [`  speed ${speed === 0 ? 'max' : `${speed}x`}`],
  ];
  if (status.readShare < 1) right.push([`  read ${formatShare(status.readShare, 1)}`, 'warn']);
  return right;
}

function trackSpans(state: ViewState, width: number, hasEvents: boolean): Span[] {
  const { timeline, durationNs, markNs } = state.snapshot.status;
  const present = columnAt(positionOf(state), durationNs, width);
  const signs: Sign[] = Array.from({ length: width }, (_, column) =>
    column < present ? { text: '━', tone: 'drawing' } : { text: '─', tone: 'dim' },
  );
  if (hasEvents && durationNs > 0) putEventSigns(signs, state, { durationNs, width });
  if (timeline !== null && durationNs > 0 && timeline.lost.some((lost) => lost > 0)) {
    const { firstNs, stepNs, lost } = timeline;
    for (const [point, count] of lost.entries()) {
      if (count > 0) signs[columnAt(firstNs + point * stepNs, durationNs, width)] = { text: 'x', tone: 'bad' };
    }
  }
  if (markNs !== null) signs[columnAt(markNs, durationNs, width)] = { text: 'm', tone: 'warn' };
  // A sign under the position stays visible, as a capital.
  const under = signs[present];
  const isSign = /[a-z]/i.test(under.text);
  signs[present] = isSign ? { text: under.text.toUpperCase(), tone: 'inverse' } : { text: '┃', tone: 'strong' };
  return joined(signs);
}

function joined(signs: readonly Sign[]): Span[] {
  const spans: [string, Tone][] = [];
  for (const { text, tone } of signs) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] === tone) last[0] += text;
    else spans.push([text, tone]);
  }
  return spans;
}
