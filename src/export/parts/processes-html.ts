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
    chart('VmSize', timesNs, vsz, formatBytes),
    chart('RSS', timesNs, rss, formatBytes),
    chart('minor faults/s', timesNs, minorPerSecond, rateText),
    chart('major faults/s', timesNs, majorPerSecond, rateText),
  ];
  return `<h3>${markupText(`${name} ${pid}`)}</h3><div class="bar">${charts.join('')}</div>`;
}

function chart(
  name: string,
  timesNs: readonly number[],
  values: readonly number[],
  format: (value: number) => string,
): string {
  const [from, to] = [timesNs[0], timesNs[timesNs.length - 1]];
  const most = Math.max(...values);
  const points = values.map((value, i) => {
    const x = to > from ? ((timesNs[i] - from) / (to - from)) * WIDTH : 0;
    return `${x.toFixed(1)},${(HEIGHT - (most > 0 ? value / most : 0) * (HEIGHT - 2) - 1).toFixed(1)}`;
  });
  const last = format(values[values.length - 1]);
  const label = `${name} ${last}, at most ${format(most)}, from ${formatDuration(from)} to ${formatDuration(to)}`;
  return (
    `<figure><svg width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${markupText(label)}">` +
    `<polyline fill="none" stroke="currentColor" points="${points.join(' ')}"/></svg>` +
    `<figcaption>${markupText(name)} ${markupText(last)} <span class="dim">most ${markupText(format(most))}</span></figcaption></figure>`
  );
}
