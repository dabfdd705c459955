/** The Stacks view as ready-made lines: column heads, the visible rows, and what is not shown. */
import { formatBytes, formatCount } from '../base/format.js';
import type { Report, ReportStack } from '../rank/report.js';
import { callPathSpans } from './call-path.js';
import { cellSpans, headSpans } from './columns.js';
import { emptyBody, listBody, type ViewBody } from './list-body.js';
import { nothingText, scopeText } from './scope-text.js';
import { stacksColumns } from './stacks-columns.js';
import type { ViewState } from './state.js';
import type { Line, Span } from './styled-line.js';

/** Exactly as many lines as the body has rows. */
export function stacksBody(state: ViewState): ViewBody {
  const { report } = state;
  if (report === null) return emptyBody(state, ['waiting for the first report']);
  if (report.stacks.length === 0) return emptyBody(state, nothingText(state));
  const fitted = stacksColumns(report, state.columns);
  return listBody(state, {
    head: headSpans(fitted, 'CALL PATH'),
    rows: report.stacks.length,
    row: (index) => [...cellSpans(fitted, report.stacks[index]), ...pathSpans(report.stacks[index], fitted.restWidth)],
    closing: (last) => totalLine(state, report, last),
    whole: () => selectedLine(state, report),
  });
}

/** The selected call path over the whole width. */
function selectedLine(state: ViewState, report: Report): Line {
  const stack = report.stacks[state.selectedIndex];
  if (stack === undefined) return [];
  const mark = `#${stack.rank} `;
  return [[mark, 'strong'], ...pathSpans(stack, state.columns - mark.length)];
}

/** What was interrupted is no part of the path to the memory. */
function pathSpans(stack: ReportStack, width: number): Span[] {
  const frames = stack.interruptedFrom === null ? stack.frames : stack.frames.slice(0, stack.interruptedFrom);
  return callPathSpans(frames, stack.firstFrame, width);
}

/** '… 1,204 more call paths, 3.10 MiB': what matches and is neither on the screen nor above it. */
function totalLine(state: ViewState, report: Report, last: number): Line {
  let shownBytes = 0;
  for (let i = 0; i < last; i++) shownBytes += report.stacks[i].bytes;
  const more = report.matching.stacks - last;
  const scope = scopeText(state);
  if (more <= 0) {
    const all = `${formatCount(report.matching.stacks)} call paths, ${formatBytes(report.matching.bytes)}`;
    return [
      [all, 'dim'],
      [scope, 'warn'],
    ];
  }
  const rest = Math.max(0, report.matching.bytes - shownBytes);
  const cut = last === report.stacks.length ? ' beyond the limit' : '';
  return [
    [`… ${formatCount(more)} more call paths${cut}, ${formatBytes(rest)}`, 'dim'],
    [scope, 'warn'],
  ];
}
