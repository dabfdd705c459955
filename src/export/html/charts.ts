/** Still charts: memory at the start and the end, and what the findings held over time. */
import { formatBytes, formatDuration, formatSignedBytes } from '../../base/format.js';
import type { Report } from '../../rank/report/report.js';
import { markupText } from '../parts/markup.js';
import { findingsOf } from './answer.js';

/** Findings with a band of their own in the chart. */
const BANDS = 6;

/** Two bars of equal scale; of the start the report knows the gap alone. */
export function memoryBars({ meminfo }: Report): string {
  if (meminfo === null) return '';
  const { totalBytes, unaccountedBytes: end, unaccountedAtStartBytes: start } = meminfo;
  const bar = (gap: number): string => {
    const width = Math.min(100, (100 * gap) / Math.max(1, totalBytes)).toFixed(2);
    return `<div class="parts"><span class="f6" style="flex:1"></span><span class="none" style="width:${width}%"></span></div>`;
  };
  const terms = meminfo.terms
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 8)
    .map(({ name, bytes }) => `${markupText(name)} ${formatBytes(bytes)}`);
  return (
    `<section class="column"><h2>Memory</h2><div>at the start: not in meminfo ${formatBytes(start)}</div>${bar(start)}` +
    `<div>at the end: not in meminfo ${formatBytes(end)} (${formatSignedBytes(end - start)})</div>${bar(end)}` +
    `<p class="dim">Of ${formatBytes(totalBytes)}; hatched: in no line of meminfo. At the end: ${terms.join(', ')}.</p></section>`
  );
}

/** Held by finding, stacked, in a box of 1000 x 200 units. */
export function timeChart(report: Report): string {
  const { curve } = report;
  if (curve === null || curve.points < 2) return '';
  const rows = findingsOf(report).filter((row) => row.curve.length === curve.points);
  if (rows.length === 0) return '';
  const bands = rows.slice(0, BANDS).map((row) => ({ name: row.noun, values: row.curve }));
  const others = rows.slice(BANDS);
  if (others.length > 0)
    bands.push({
      name: 'other',
      values: others[0].curve.map((_, i) => others.reduce((sum, row) => sum + row.curve[i], 0)),
    });
  const sums = bands[0].values.map((_, i) => bands.reduce((sum, band) => sum + band.values[i], 0));
  const most = Math.max(1, ...sums);
  const x = (i: number): string => ((1000 * i) / (curve.points - 1)).toFixed(1);
  const y = (bytes: number): string => (200 - (200 * bytes) / most).toFixed(1);
  const floor = sums.map(() => 0);
  const areas = bands.map(({ values }, band) => {
    const below = floor.map((bytes, i) => `${x(i)},${y(bytes)}`).toReversed();
    for (const [i, bytes] of values.entries()) floor[i] += bytes;
    return `<polygon class="f${band}" points="${[...floor.map((bytes, i) => `${x(i)},${y(bytes)}`), ...below].join(' ')}"/>`;
  });
  const legend = bands.map(({ name }, i) => `<span><i class="f${i}"></i>${i + 1} ${markupText(name)}</span>`);
  return (
    `<section><h2>Held by finding</h2><svg id="time" viewBox="0 0 1000 200" preserveAspectRatio="none" tabindex="0" role="img"` +
    ` aria-label="Held by finding, at most ${formatBytes(most)}">${areas.join('')}<rect id="range" y="0" height="200" width="0"/></svg>` +
    `<div class="legend">${legend.join('')}</div><p class="dim">From ${formatDuration(curve.firstNs)} to ` +
    `${formatDuration(curve.firstNs + (curve.points - 1) * curve.stepNs)}, at most ${formatBytes(most)}. Drag a range (keys: Shift with arrows): ` +
    'the flame graph then shows by how much each call path rose in it, at least what was taken in it and is still held at its end. A call path without a curve (beyond the first 500) is left out then.</p></section>'
  );
}
