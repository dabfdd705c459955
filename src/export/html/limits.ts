/** Counters beside their limits, a table in the section of the memory; it says of which moment the figures are. */
import { formatCount, formatShare } from '../../base/format.js';
import type { Gauge, ReportLimits } from '../../rank/report/report-limits.js';
import { gaugeAmounts, gaugeName, gaugeNote } from '../../triage/words.js';
import { limitsTitle } from '../parts/limits-text.js';
import { markupText } from '../parts/markup.js';

/** Rows that are open at first, if no more are near their limit. */
const OPEN = 6;

/** '' without gauges. */
export function limitsTable(limits: ReportLimits | null): string {
  if (limits === null) return '';
  const { gauges, more } = limits;
  const near = gauges.filter((gauge) => gauge.near).length;
  const open = gauges.slice(0, Math.max(near, OPEN));
  const rest = gauges.slice(open.length);
  const said =
    near === 0
      ? 'None is near its limit.'
      : `${formatCount(near)} ${near === 1 ? 'is' : 'are'} near the limit, and marked.`;
  const others =
    more === 0 ? '' : `<p class="dim">${formatCount(more)} more, of cgroups and mounts, are not listed.</p>`;
  return [
    `<section id="limits" class="column"><h3>${markupText(limitsTitle(limits))}</h3>`,
    `<p class="dim">The figures are of that moment. ${said}</p>`,
    tableOf(open),
    rest.length === 0
      ? ''
      : `<details><summary>${formatCount(rest.length)} more, less full</summary>${tableOf(rest)}</details>`,
    others,
    '</section>',
  ].join('');
}

function tableOf(gauges: readonly Gauge[]): string {
  const head =
    '<tr><th class="number">share</th><th></th><th>limit</th><th>used of it</th><th>most by, or what of it can be given back</th></tr>';
  return `<div class="scroll"><table class="limits">${head}${gauges.map(row).join('')}</table></div>`;
}

function row(gauge: Gauge): string {
  const width = (100 * Math.min(1, gauge.share)).toFixed(1);
  const share = formatShare(gauge.used, gauge.limit);
  const marked = gauge.near ? `<strong>near ${share}</strong>` : share;
  return (
    `<tr><td class="number">${marked}</td>` +
    `<td><div class="gauge${gauge.near ? ' near' : ''}"><i style="width:${width}%"></i></div></td>` +
    `<td>${markupText(gaugeName(gauge))}</td><td>${markupText(gaugeAmounts(gauge))}</td><td>${markupText(gaugeNote(gauge))}</td></tr>`
  );
}

/** The style of the table. */
export const LIMITS_STYLE = `
.limits td{vertical-align:middle;overflow-wrap:anywhere}.gauge{width:120px;height:12px;border:1px solid var(--line);border-radius:2px;overflow:hidden}
.gauge i{display:block;height:100%;background:var(--dim)}.gauge.near i{background:#d55e00}
`;
