/** The Stacks view as ready-made lines: column heads, the visible rows, and a line for the rows below them. */
import { formatBytes, formatCount, formatCountWithin } from '../../base/format.js';
import { cutMiddle, cutToWidth, padText, padTextLeft, safeText, textWidth } from '../../base/safe-text.js';
import { groupLabel, meminfoLine, whatText, whoText } from '../../rank/answer/words.js';
import type { Report } from '../../rank/report/report.js';
import type { FindingPath, ReportStack } from '../../rank/report/report-rows.js';
import { firstNameText } from '../../rank/report/row-names.js';
import type { GroupKey } from '../../rank/report/selection.js';
import type { ViewBody } from '../head/list-body.js';
import { countedText, emptyBody, listBody } from '../head/list-body.js';
import { callPathSpans } from '../lines/call-path.js';
import { cellSpans, type FittedColumns, headSpans } from '../lines/columns.js';
import { nothingText, suppressedText } from '../lines/narrow-line.js';
import type { Line, Span } from '../lines/styled-line.js';
import { isNewRow } from '../model/row-order.js';
import type { ViewState } from '../model/view-state.js';
import { canOpen, type FindingRow, findingKey, findingRows, stackKey } from './finding-rows.js';
import { stacksColumns } from './stacks-columns.js';

/** The lines of the body, one for each of its rows. */
export function stacksBody(state: ViewState): ViewBody {
  const { report } = state;
  if (report === null) return emptyBody(state, ['waiting for the first report']);
  if (report.stacks.length === 0) return emptyBody(state, nothingText(state));
  const fitted = stacksColumns(report, state.columns, (stack) =>
    isNewRow(state.orders.report, stackKey(stack, report.selection.group), state.nowMs),
  );
  const { group } = report.selection;
  const rows = findingRows(state);
  return listBody(state, {
    head: headSpans(fitted, REST_TITLES[group], report.selection.sort),
    rows: rows.length,
    row: (index) => rowSpans(state, fitted, rows[index], group),
    closing: (last) => totalLine(state, report, new Set(rows.slice(0, last).map(({ stack }) => stack)).size),
    whole: () => selectedLine(state, report),
  });
}

const REST_TITLES: Readonly<Record<GroupKey, string>> = {
  stack: 'CALL PATH',
  finding: 'WHAT',
  path: 'CALL PATH',
  site: 'SITE',
  module: 'MODULE, ITS GREATEST CALL PATH',
  comm: 'PROCESS, ITS GREATEST CALL PATH',
  cgroup: 'CGROUP, ITS GREATEST CALL PATH',
  cache: 'CACHE, ITS GREATEST CALL PATH',
  category: 'CATEGORY, ITS GREATEST CALL PATH',
};

/** Singular and plural. */
const ROW_NAMES: Readonly<Record<GroupKey, readonly [string, string]>> = {
  stack: ['call path', 'call paths'],
  finding: ['finding', 'findings'],
  path: ['call path', 'call paths'],
  site: ['site', 'sites'],
  module: ['module', 'modules'],
  comm: ['process name', 'process names'],
  cgroup: ['cgroup', 'cgroups'],
  cache: ['cache', 'caches'],
  category: ['category', 'categories'],
};

function rowSpans(
  state: ViewState,
  fitted: FittedColumns<ReportStack>,
  { stack, path }: FindingRow,
  group: GroupKey,
): Line {
  if (path !== null) return pathRow(fitted, path);
  const cells = cellSpans(fitted, stack);
  if (group !== 'finding') return [...cells, ...pathSpans(stack, group, fitted.restWidth)];
  return [...cells, ...whatSpans(state, stack, fitted.restWidth)];
}

/** A call path below an opened finding: what it holds, its line of meminfo, and its functions. */
function pathRow({ columns, restWidth }: FittedColumns<ReportStack>, path: FindingPath): Line {
  const texts: Readonly<Record<string, string>> = {
    HELD: formatBytes(path.bytes),
    MEMINFO: safeText(meminfoLine(path.category)),
    MEMORY: safeText(meminfoLine(path.category)),
    COUNT: formatCountWithin(path.count, 9),
  };
  const cells = columns.map(({ title, width, align }): Span => {
    const text = texts[title] ?? '';
    return [`${align === 'right' ? padTextLeft(text, width) : padText(text, width)} `, 'dim'];
  });
  const end = path.interruptedFrom ?? path.frames.length;
  return [...cells, ['  '], ...callPathSpans(path.frames.slice(0, end), path.firstFrame, restWidth - 2)];
}

/** '+ pipe buffers (9)', on wide screens with the greatest call path behind it. */
function whatSpans(state: ViewState, stack: ReportStack, width: number): Span[] {
  const sign = !canOpen(stack) ? '  ' : state.openFindings.includes(findingKey(stack)) ? '- ' : '+ ';
  const what = cutToWidth(safeText(namedText(stack)), width - 2);
  const room = width - 4 - textWidth(what);
  const spans: Span[] = [
    [sign, 'dim'],
    [what, 'strong'],
  ];
  if (room < LEAST_PATH) return spans;
  const end = stack.interruptedFrom ?? stack.frames.length;
  return [...spans, ['  '], ...callPathSpans(stack.frames.slice(0, end), stack.firstFrame, room)];
}

/** 'tmpfs pages: /dev/shm/big.bin (tmpfs on /dev/shm)' */
function namedText(stack: ReportStack): string {
  const name = stack.names === undefined ? null : firstNameText(stack.names);
  return name === null ? whatText(stack) : `${whatText(stack)}: ${name}`;
}

/** Who and how of the selected row, over the whole width. */
function selectedLine(state: ViewState, report: Report): Line {
  const row = findingRows(state)[state.selectedIndex];
  if (row === undefined) return [];
  const { stack, path } = row;
  const mark = `#${stack.rank} `;
  if (report.selection.group === 'finding') {
    const name = path !== null || stack.names === undefined ? null : firstNameText(stack.names);
    const who = `${safeText(whoText(stack.holder))}: ${name === null ? '' : `${safeText(name)}  `}`;
    if (textWidth(who) + LEAST_PATH > state.columns)
      return [[mark, 'strong'], [cutMiddle(who, state.columns - mark.length)]];
    const { frames, firstFrame, interruptedFrom } = path ?? stack;
    const shown = frames.slice(0, interruptedFrom ?? frames.length);
    return [[mark, 'strong'], [who], ...callPathSpans(shown, firstFrame, state.columns - mark.length - textWidth(who))];
  }
  return [[mark, 'strong'], ...pathSpans(stack, report.selection.group, state.columns - mark.length)];
}

/** A call path; for a merged row its label, its greatest call path, and how many more there are. */
function pathSpans(stack: ReportStack, group: GroupKey, width: number): Span[] {
  // The frames that an interrupt interrupted are no part of the path to the memory.
  const frames = stack.interruptedFrom === null ? stack.frames : stack.frames.slice(0, stack.interruptedFrom);
  const { merged } = stack;
  if (merged === null) return callPathSpans(frames, stack.firstFrame, width);
  // A path begins with its label, and a site is the first frame of its path.
  const label = group === 'path' ? '' : cutToWidth(safeText(groupLabel(stack, group)), width);
  const more = othersText(merged.others, width - textWidth(label));
  const between = label === '' ? '' : group === 'site' ? ' < ' : '  ';
  const room = width - textWidth(label) - textWidth(more) - between.length;
  const from = stack.firstFrame + (group === 'site' ? 1 : 0);
  const fits = label === '' || (room >= LEAST_PATH && from < frames.length);
  const path = fits ? callPathSpans(frames, from, room) : [];
  return [[label, 'strong'], [path.length > 0 ? between : '', 'dim'], ...path, [more, 'dim']];
}

/** In fewer columns than this a call path says too little to be shown beside a label. */
const LEAST_PATH = 16;

/** ' and 3.10 MiB from 48 more', shorter where there is little room. */
function othersText({ stacks, bytes }: { stacks: number; bytes: number }, width: number): string {
  if (stacks === 0) return '';
  const long = ` and ${formatBytes(bytes)} from ${formatCount(stacks)} more`;
  if (long.length <= width * 0.6) return long;
  const short = ` +${formatCount(stacks)}`;
  return short.length <= width ? short : '';
}

/** '… 1,204 more call paths, 3.10 MiB': the matching rows that are neither on the screen nor above it. */
function totalLine(state: ViewState, report: Report, last: number): Line {
  let shownBytes = 0;
  for (let i = 0; i < last; i++) shownBytes += report.stacks[i].bytes;
  const { matching } = report;
  const names = ROW_NAMES[report.selection.group];
  const more = matching.rows - last;
  const cut = last === report.stacks.length ? ' beyond the limit' : '';
  const rest = Math.max(0, matching.bytes - shownBytes);
  const text =
    more > 0
      ? `${countedText(more, names, ' more')}${cut} ${more === 1 ? 'holds' : 'hold'} ${formatBytes(rest)}`
      : `${countedText(matching.rows, names)}, ${formatBytes(matching.bytes)}`;
  return [
    [text, 'dim'],
    [suppressedText(state), 'warn'],
  ];
}
