/** The Diff view as ready-made lines: the call paths that changed since the mark, the greatest growth first. */
import { formatBytes, formatCount, formatShortCount, formatSignedBytes } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { CHANGE_NAMES, type ChangedPath, type ChangeName, type SinceMark } from '../../rank/breakdown/since-mark.js';
import type { ViewBody } from '../head/list-body.js';
import { emptyBody, listBody } from '../head/list-body.js';
import { callPathSpans } from '../lines/call-path.js';
import { type Column, cellSpans, fitColumns, headSpans } from '../lines/columns.js';
import { formatPosition } from '../lines/position-text.js';
import { scopeText } from '../lines/scope-text.js';
import type { Line, Span, Tone } from '../lines/styled-line.js';
import type { ViewState } from '../model/view-state.js';

const TONES: Readonly<Record<ChangeName, Tone>> = { new: 'warn', grown: 'warn', shrunk: 'good', gone: 'good' };
const LEAST_PATH = 24;

const COLUMNS: readonly Column<ChangedPath>[] = [
  {
    title: 'CHANGE',
    width: 6,
    align: 'left',
    rank: 2,
    text: ({ change }) => change,
    tone: ({ change }) => TONES[change],
  },
  { title: 'BY', width: 9, align: 'right', rank: 0, text: (row) => formatSignedBytes(growthOf(row)) },
  {
    title: 'BEFORE',
    width: 8,
    align: 'right',
    rank: 3,
    text: ({ before }) => formatBytes(before.bytes),
    tone: () => 'dim',
  },
  { title: 'NOW', width: 8, align: 'right', rank: 1, text: ({ after }) => formatBytes(after.bytes) },
  { title: 'COUNT', width: 7, align: 'right', rank: 4, text: countText },
  { title: 'ALLOC', width: 7, align: 'left', rank: 6, text: ({ allocator }) => allocator, tone: () => 'dim' },
  { title: 'CATEGORY', width: 12, align: 'left', rank: 5, text: ({ category }) => safeText(category ?? '') },
];

/** `since` is null without a mark, undefined before the session has answered. */
export function diffBody(state: ViewState, since: SinceMark | null | undefined): ViewBody {
  if (since === undefined) return emptyBody(state, ['waiting for the session']);
  if (since === null) {
    return emptyBody(state, ['No mark yet. Press m; this tab then shows what has changed since.']);
  }
  if (since.paths.length === 0) {
    return emptyBody(state, [`nothing has changed since the mark at ${markText(since)}`, scopeText(state).trim()]);
  }
  const fitted = fitColumns(COLUMNS, state.columns, LEAST_PATH);
  const { paths } = since;
  return listBody(state, {
    head: headSpans(fitted, 'CALL PATH'),
    rows: paths.length,
    row: (index) => [...cellSpans(fitted, paths[index]), ...pathSpans(paths[index], fitted.restWidth)],
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

function countText({ before, after }: ChangedPath): string {
  const change = after.count - before.count;
  return `${change > 0 ? '+' : ''}${formatShortCount(change)}`;
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
  line.push([scopeText(state), 'warn']);
  return line;
}
