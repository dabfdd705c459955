/** The traced processes of a report as a section of a page: figures now, and size and faults over time as still lines. */
import { formatBytes, formatDuration } from '../../base/format.js';
import { type PlainTable, processTable, ranked, rateText } from '../../rank/answer/process-table.js';
import type { Report } from '../../rank/report/report.js';
import type { TracedProcess } from '../../rank/report/report-memory.js';
import { markupText } from './markup.js';

/** Processes with lines over time. */
const DRAWN = 6;
/** A chart in its own units. */
const WIDTH = 300;
const HEIGHT = 60;

/** '' where no process is known. */
export function processSection(report: Report): string {
  const table = processTable(report);
  if (table === null) return '';
  const more = table.more > 0 ? `<p class="dim">… ${table.more} more processes</p>` : '';
  const drawn = ranked(report.processes ?? []).filter(({ series }) => (series?.timesNs.length ?? 0) > 1);
  return [
    `<section id="processes"><h2>Processes</h2><div class="scroll">${tableHtml(table)}</div>${more}`,
    ...drawn.slice(0, DRAWN).map(chartsOf),
    '</section>',
  ].join('\n');
}

function tableHtml({ head, left, rows }: PlainTable): string {
  const cell = (tag: 'th' | 'td', text: string, column: number): string =>
    `<${tag}${left.has(column) ? '' : ' class="number"'}>${markupText(text)}</${tag}>`;
  const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
    `<tr>${cells.map((text, column) => cell(tag, text, column)).join('')}</tr>`;
  return `<table><thead>${row('th', head)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('\n')}</tbody></table>`;
}

function chartsOf({ name, pid, series }: TracedProcess): string {
  if (series === null) return '';
  const { timesNs, vsz, rss, minorPerSecond, majorPerSecond } = series;
  const charts = [
    // Of a large process a small growth would not be seen from 0 on.
    chart('VmSize', { timesNs, values: vsz, from: Math.min(...vsz), format: formatBytes }),
    chart('RSS', { timesNs, values: rss, from: Math.min(...rss), format: formatBytes }),
    // Nothing is known of the time before the first sample.
    chart('minor faults/s', { timesNs: timesNs.slice(1), values: minorPerSecond.slice(1), from: 0, format: rateText }),
    chart('major faults/s', { timesNs: timesNs.slice(1), values: majorPerSecond.slice(1), from: 0, format: rateText }),
  ];
  return `<h3>${markupText(`${name} ${pid}`)}</h3><div class="bar">${charts.join('')}</div>`;
}

interface Course {
  timesNs: readonly number[];
  values: readonly number[];
  /** The value at the foot of the chart. */
  from: number;
  format: (value: number) => string;
}

function chart(name: string, { timesNs, values, from, format }: Course): string {
  const [start, end] = [timesNs[0], timesNs[timesNs.length - 1]];
  const most = Math.max(...values);
  const points = values.map((value, i) => {
    const x = end > start ? ((timesNs[i] - start) / (end - start)) * WIDTH : 0;
    const share = most > from ? (value - from) / (most - from) : 0;
    return `${x.toFixed(1)},${(HEIGHT - share * (HEIGHT - 2) - 1).toFixed(1)}`;
  });
  const last = format(values[values.length - 1]);
  const range = `${format(from)} to ${format(most)}`;
  const label = `${name} ${last}, ${range}, from ${formatDuration(start)} to ${formatDuration(end)}`;
  return (
    `<figure><svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${markupText(label)}">` +
    `<polyline fill="none" stroke="currentColor" points="${points.join(' ')}"/></svg>` +
    `<figcaption>${markupText(name)} ${markupText(last)} <span class="dim">${markupText(range)}</span></figcaption></figure>`
  );
}
