/** The Diff view as ready-made lines: the call paths that changed since the mark, in the order of `unfreed diff`. */
import { formatBytes, formatCount, formatSignedBytes, type RateUnit, rateUnitOf } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { meminfoLine, memoryColumn, stateText as stateWords, whoText } from '../../rank/answer/words.js';
import { CHANGE_NAMES, type ChangedPath, type SinceMark } from '../../rank/breakdown/since-mark.js';
import { isRising } from '../../rank/report/report-rows.js';
import type { ViewBody } from '../head/list-body.js';
import { emptyBody, listBody } from '../head/list-body.js';
import { callPathSpans } from '../lines/call-path.js';
import { type Column, cellSpans, fitColumns, headSpans, placeCell } from '../lines/columns.js';
import { suppressedText } from '../lines/narrow-line.js';
import { formatPosition } from '../lines/position-text.js';
import type { Line, Span } from '../lines/styled-line.js';
import { VERDICT_TONES } from '../lines/tones.js';
import { isNewRow } from '../model/row-order.js';
import type { ViewState } from '../model/view-state.js';

const LEAST_PATH = 20;

export function changedPathKey({ stackId }: ChangedPath): string {
  return `path ${stackId}`;
}

/** The columns in the order of `unfreed diff`; those of the greatest rank are left out first. */
function columnsOf(rate: RateUnit, state: ViewState): Column<NumberedPath>[] {
  const who = state.columns >= 120 ? 17 : 15;
  const memory = memoryColumn(state.report?.source.allocators ?? []);
  const isNew = ({ path }: NumberedPath): boolean => isNewRow(state.orders.data, changedPathKey(path), state.nowMs);
  return [
    { title: '#', width: 3, align: 'right', rank: 0, ...placeCell<NumberedPath>(({ place }) => place, isNew) },
    {
      title: 'CHANGE',
      width: 9,
      align: 'right',
      rank: 0,
      text: ({ path }) => formatSignedBytes(growthOf(path)),
      tone: () => 'strong',
    },
    { title: `GROWTH/${rate.name}`, width: 10, align: 'right', rank: 2, text: ({ path }) => paceText(path, rate) },
    {
      title: 'BEFORE',
      width: 8,
      align: 'right',
      rank: 5,
      text: ({ path }) => formatBytes(path.before.bytes),
      tone: () => 'dim',
    },
    { title: 'NOW', width: 8, align: 'right', rank: 4, text: ({ path }) => formatBytes(path.after.bytes) },
    {
      title: 'STATE',
      width: 9,
      align: 'left',
      rank: 3,
      text: ({ path }) => stateText(path),
      tone: ({ path }) => (path.verdict === null ? 'plain' : VERDICT_TONES[path.verdict]),
    },
    { title: memory, width: 11, align: 'left', rank: 6, text: ({ path }) => safeText(meminfoLine(path.category)) },
    { title: 'WHO', width: who, align: 'left', rank: 1, text: ({ path }) => whoCell(path, who) },
  ];
}

interface NumberedPath {
  place: number;
  path: ChangedPath;
}

/** The pace of a row that rises; '-' for any other, for a pace beside "level" says two things at once. */
function paceText({ verdict, growth }: ChangedPath, { hours }: RateUnit): string {
  return growth !== null && isRising(verdict) ? formatSignedBytes(growth.bytesPerHour * hours) : '-';
}

/** A row that shrank has no state: what it will do next is not asked. */
function stateText(path: ChangedPath): string {
  if (path.change === 'gone') return 'gone';
  if (growthOf(path) <= 0) return 'shrunk';
  return safeText(stateWords({ ...path, meaning: 'outstanding' }));
}

function whoCell({ holder }: ChangedPath, width: number): string {
  return holder === null ? '-' : safeText(whoText(holder, width));
}

/** `since` is null without a mark, undefined before the session has answered. */
export function diffBody(state: ViewState, since: SinceMark | null | undefined): ViewBody {
  if (since === undefined) return emptyBody(state, ['working out what has changed']);
  if (since === null) {
    return emptyBody(state, ['No mark yet. Press m; this tab then shows what has changed since.']);
  }
  if (since.paths.length === 0) {
    return emptyBody(state, [`nothing has changed since the mark at ${markText(since)}`, suppressedText(state).trim()]);
  }
  const rate = rateUnitOf(state.report?.durationNs ?? since.nowNs);
  const fitted = fitColumns(columnsOf(rate, state), state.columns, LEAST_PATH);
  const { paths } = since;
  return listBody(state, {
    head: headSpans(fitted, 'WHAT'),
    rows: paths.length,
    row: (index) => [
      ...cellSpans(fitted, { place: index + 1, path: paths[index] }),
      ...pathSpans(paths[index], fitted.restWidth),
    ],
    closing: (last) => closingLine(state, since, last),
    whole: () => {
      const path = paths[state.selectedIndex];
      return path === undefined ? [] : pathSpans(path, state.columns);
    },
  });
}

/** The time of the mark, formatted like the replay's position. */
function markText({ markNs, nowNs }: SinceMark): string {
  return formatPosition(markNs, Math.max(markNs, nowNs)).trim();
}

function growthOf({ before, after }: ChangedPath): number {
  return after.bytes - before.bytes;
}

function pathSpans(path: ChangedPath, width: number): Span[] {
  const frames = path.interruptedFrom === null ? path.frames : path.frames.slice(0, path.interruptedFrom);
  return callPathSpans(frames, path.firstFrame, width);
}

/** 'since 2.00s +1.20 MiB  12 new, 3 grown, 1 gone', then how many rows are below, and the scope. */
function closingLine(state: ViewState, since: SinceMark, last: number): Line {
  const growth = since.after.bytes - since.before.bytes;
  const counts = CHANGE_NAMES.filter((name) => since.changed[name] > 0).map(
    (name) => `${formatCount(since.changed[name])} ${name}`,
  );
  const all = CHANGE_NAMES.reduce((sum, name) => sum + since.changed[name], 0);
  const direction = since.nowNs < since.markNs ? 'back from' : 'since';
  const line: Span[] = [
    [`${direction} ${markText(since)} `, 'dim'],
    [formatSignedBytes(growth), growth > 0 ? 'warn' : 'plain'],
    [`  ${counts.join(', ')}`, 'dim'],
  ];
  if (all > last) line.push([`  … ${formatCount(all - last)} below`, 'dim']);
  if (since.partly) line.push(['  process, size and age do not apply here', 'warn']);
  line.push([suppressedText(state), 'warn']);
  return line;
}
