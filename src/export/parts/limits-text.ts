/** Counters beside their limits as sentences: for Markdown and for who reads the HTML as text. Untrusted names inside. */
import { formatCount, formatShare } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import type { Gauge, ReportLimits } from '../../rank/report/report-limits.js';
import { gaugeAmounts, gaugeName, gaugeNote } from '../../triage/words.js';
import { startText } from './summary.js';

/** 'Limits at the look of 2026-03-02T10:00:00Z': the figures are of that moment. */
export function limitsTitle({ timeMs }: ReportLimits): string {
  const time = startText(timeMs ?? 0);
  return `Limits at ${time === '' ? 'a look at the machine' : `the look of ${time}`}`;
}

/** The title, then a safe line for each gauge that is near its limit, and for the fullest others up to `most`. */
export function limitLines(limits: ReportLimits, most: number): string[] {
  const near = limits.gauges.filter((gauge) => gauge.near).length;
  const shown = limits.gauges.slice(0, Math.max(near, most));
  const more = limits.gauges.length - shown.length + limits.more;
  return [
    limitsTitle(limits),
    ...shown.map(limitLine),
    ...(more > 0 ? [`          ${formatCount(more)} more, less full`] : []),
  ].map(safeText);
}

function limitLine(gauge: Gauge): string {
  const note = gaugeNote(gauge);
  const mark = gauge.near ? 'near' : '';
  const share = formatShare(gauge.used, gauge.limit);
  return `${mark.padEnd(4)} ${share.padStart(4)} ${gaugeName(gauge)}: ${gaugeAmounts(gauge)}${note === '' ? '' : `, ${note}`}`;
}
