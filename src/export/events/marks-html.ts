/** Events of a report as a page has them: a lane below its charts over time, and a table. */
import { formatCount, formatDuration } from '../../base/format.js';
import { markSign } from '../../event/marks/mark-groups.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportMark } from '../../rank/report/report-marks.js';
import { markupText } from '../parts/markup.js';
import { byImportance, countsText, lackingText, mostImportant } from './marks-order.js';

/** Places in the lane, so that no sign covers another on a small screen: what is closer shares one. */
const PLACES = 48;
/** Events that a place names. */
const NAMED = 4;
/** Rows that are seen at first, and rows at all. */
const FIRST_ROWS = 20;
const MOST_ROWS = 400;
/** What hurts stands out; what is routine on a busy machine does not. */
const LOUD = 'K';
const QUIET = 'ec';

/** A sign for each place of time at which something happened; '' without events. The script of the page makes ranges of them. */
export function marksLane(report: Report): string {
  const { marks, durationNs } = report;
  if (marks.length === 0 || durationNs <= 0) return '';
  const places = new Map<number, ReportMark[]>();
  for (const mark of marks) {
    const place = Math.min(PLACES - 1, Math.floor((mark.timeNs / durationNs) * PLACES));
    const there = places.get(place);
    if (there === undefined) places.set(place, [mark]);
    else there.push(mark);
  }
  const signs = [...places]
    .toSorted(([a], [b]) => a - b)
    .map(([place, there]) => signOf(there, (place + 0.5) / PLACES));
  return `<div class="lane" role="group" aria-label="${markupText(`What happened when: ${countsText(report)}`)}">${signs.join('')}</div>`;
}

function signOf(marks: readonly ReportMark[], at: number): string {
  const sorted = marks.toSorted(byImportance);
  const [first] = sorted;
  const sign = markSign(first.kind);
  const title = sorted.slice(0, NAMED).map((mark) => `${formatDuration(mark.timeNs)} ${sentenceOf(mark)}`);
  if (sorted.length > NAMED) title.push(`${formatCount(sorted.length - NAMED)} more`);
  const look = LOUD.includes(sign) ? ' class="loud"' : QUIET.includes(sign) ? ' class="quiet"' : '';
  const text = title.map(markupText).join('&#10;');
  return (
    `<button type="button"${look} data-ns="${first.timeNs}" style="left:${(100 * at).toFixed(2)}%"` +
    ` title="${text}" aria-label="${text}">${sign}</button>`
  );
}

function sentenceOf({ what, who, howMuch }: ReportMark): string {
  return [`${what}${who === '' ? '' : ` (${who})`}`, ...(howMuch === '' ? [] : [howMuch])].join('; ');
}

/** The events as a table, the most important ones first seen; '' without any. */
export function marksTable(report: Report): string {
  const first = mostImportant(report.marks, FIRST_ROWS);
  const all = mostImportant(report.marks, MOST_ROWS);
  const lacking = lackingText(report, all.length);
  if (all.length === 0 && lacking === '') return '';
  const few = first.length < all.length;
  return [
    '<section id="events" class="column"><h2>What happened when</h2>',
    `<p class="dim">${markupText(countsText(report))}${few ? '. The most important ones:' : ''}</p>`,
    tableOf(first),
    few ? `<details><summary>All of these ${formatCount(all.length)}</summary>${tableOf(all)}</details>` : '',
    lacking === '' ? '' : `<p class="dim">${markupText(lacking)}</p>`,
    '</section>',
  ].join('');
}

function tableOf(marks: readonly ReportMark[]): string {
  if (marks.length === 0) return '';
  const head = '<tr><th class="number">time</th><th></th><th>what</th><th>who</th><th>how much</th></tr>';
  return `<div class="scroll"><table class="events"><thead>${head}</thead><tbody>${marks.map(rowOf).join('')}</tbody></table></div>`;
}

function rowOf({ timeNs, kind, what, who, howMuch }: ReportMark): string {
  const sign = markSign(kind);
  const marked = LOUD.includes(sign) ? `<strong>${sign}</strong>` : sign;
  return (
    `<tr><td class="number">${formatDuration(timeNs)}</td><td>${marked}</td>` +
    `<td>${markupText(what)}</td><td>${markupText(who)}</td><td>${markupText(howMuch)}</td></tr>`
  );
}

/** The style of both. */
export const MARKS_STYLE = `
.lane{position:relative;height:24px;margin:0 248px 2px 0;overflow:hidden}
.lane button{position:absolute;top:0;transform:translateX(-50%);min-height:24px;min-width:12px;padding:0;border:0;background:none;color:inherit;
font:12px/24px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.lane .loud,.events strong{color:var(--loss);font-weight:700}.lane .quiet{color:var(--dim)}
.events td{vertical-align:top;overflow-wrap:anywhere}.events td:nth-child(-n+2){white-space:nowrap}
@media screen and (max-width:760px){.lane{margin-right:0}}
@media print{.lane button{display:block!important}}
`;
