/** The answer: the sentences of the report, and its rows of one cause. */
import { formatBytes } from '../../base/format.js';
import { stateWord } from '../../rank/answer/words.js';
import type { Report } from '../../rank/report/report.js';
import { isRising, type ReportStack } from '../../rank/report/report-rows.js';
import { frameName, ownFrames } from '../parts/call-paths.js';
import { markupText } from '../parts/markup.js';

/** Returns the rows of one cause; call paths where the report has none. At most 16. */
export function findingsOf(report: Report): readonly ReportStack[] {
  const rows = report.findings.length > 0 ? report.findings : report.stacks;
  return rows.filter(({ bytes, category }) => bytes > 0 && category !== 'backing').slice(0, 16);
}

export function answerText(report: Report): string {
  const said = report.conclusions.map(({ kind, text, detail, next }) => {
    const more = [detail ?? '', next === null ? '' : `Next: ${next}`].filter((part) => part !== '');
    return (
      `<p><strong>${kind.toUpperCase()}</strong> ${markupText(text)}` +
      `${more.map((part) => `<br><span class="more">${markupText(part)}</span>`).join('')}</p>`
    );
  });
  if (said.length === 0) said.push('<p>The report draws no conclusion.</p>');
  return `<section class="answer column" aria-label="Answer">${said.join('')}</section>`;
}

export function findingsTable(report: Report): string {
  const rows = findingsOf(report);
  if (rows.length === 0) return '';
  const head = ['#', 'HELD', 'GROWTH/min', 'CURVE', 'STATE', 'MEMINFO', 'WHO', 'WHAT'];
  return (
    `<h2>Findings</h2><p id="chip" role="status"></p><div class="scroll"><table><thead><tr>` +
    `${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.map(rowText).join('')}</tbody></table></div>`
  );
}

function rowText(row: ReportStack, index: number): string {
  const growth = isRising(row.verdict) && row.growth !== null ? `+${formatBytes(row.growth.bytesPerHour / 60)}` : '-';
  const who = row.holder.pid === null ? row.holder.name : `${row.holder.name} ${row.holder.pid}`;
  const more = row.holder.more > 0 ? ` +${row.holder.more}` : '';
  const paths = row.merged?.paths ?? [row];
  const opened = paths.map((path) => {
    const names = ownFrames(path).slice(path.firstFrame).map(frameName);
    return `<li>${formatBytes(path.bytes)} ${markupText(names.length === 0 ? '[no stack]' : names.join(' < '))}</li>`;
  });
  return (
    `<tr data-finding="${index}" tabindex="0"><td class="number">${index + 1}</td><td class="held number">${formatBytes(row.bytes)}</td>` +
    `<td class="number">${growth}</td><td>${curveText(row.curve)}</td><td>${markupText(stateWord({ ...row, meaning: 'outstanding' }))}</td>` +
    `<td>${row.category === 'unaccounted' ? 'none' : markupText(row.category ?? '?')}</td><td>${markupText(who + more)}</td>` +
    `<td class="path"><details><summary>${markupText(row.noun)}</summary><ul>${opened.join('')}</ul></details></td></tr>`
  );
}

/** A curve of 120 x 20 px by its own greatest value. */
function curveText(curve: readonly number[]): string {
  const most = Math.max(1, ...curve);
  const step = 118 / Math.max(1, curve.length - 1);
  const points = curve.map((bytes, i) => `${(1 + i * step).toFixed(1)},${(19 - (18 * bytes) / most).toFixed(1)}`);
  return `<svg class="curve" viewBox="0 0 120 20" aria-hidden="true"><polyline points="${points.join(' ')}"/></svg>`;
}
