/** Still charts over the time of the trace: what the findings held, stacked, and lines of change. */
import { formatBytes, formatDuration, formatSignedBytes } from '../../base/format.js';
import { whoText } from '../../rank/answer/words.js';
import { isOfProcesses } from '../../rank/report/category.js';
import { PLACES } from '../parts/flame-colours.js';
import { markupText } from '../parts/markup.js';
import type { Picture } from './picture.js';

/** Findings with a band of their own. */
export const BANDS = 6;
/** A chart in its own units; the page stretches it to 220 px. */
const WIDTH = 1000;
const HEIGHT = 220;
/** Height of a label at the right end. */
const LABEL = 18;
/** Rows of a table for screen readers. */
const TABLE_ROWS = 12;

interface Label {
  /** Safe markup. */
  html: string;
  /** Where it belongs, px from the top. */
  at: number;
}

/** What the findings held over time, with the place for the range; '' where no curve is known. */
export function heldChart({ report, findings, curves, otherCurve, edgesNs }: Picture): string {
  if (edgesNs.length < 2) return '';
  const { durationNs } = report;
  // What a process had before the trace is most of it and has no history: what grows would not be seen beside it.
  const isOwn = isOfProcesses(report.source.allocators);
  const isDrawn = (place: number): boolean => !isOwn || !findings[place]?.baseline;
  const bands = findings
    .slice(0, BANDS)
    .map(({ noun, holder }, place) => ({
      place,
      name: `${place + 1} ${noun}`,
      who: whoText(holder, 24),
      values: curves[place],
    }))
    .filter(({ place, values }) => isDrawn(place) && values.length > 0);
  const rest = curves.filter((_, place) => place >= BANDS && isDrawn(place));
  const others = [...rest, otherCurve].filter((values) => values.length > 0);
  if (others.length > 0) {
    const values = edgesNs.map((_, i) => others.reduce((sum, each) => sum + each[i], 0));
    bands.push({ place: BANDS, name: 'other', who: '', values });
  }
  if (bands.length === 0) return '';
  const sums = edgesNs.map((_, i) => bands.reduce((sum, { values }) => sum + values[i], 0));
  const most = Math.max(1, ...sums);
  const floor = edgesNs.map(() => 0);
  const labels: Label[] = [];
  const areas = bands.map(({ place, name, values }) => {
    const below = floor.map((bytes, i) => point(edgesNs[i] / durationNs, bytes / most)).toReversed();
    const last = values.length - 1;
    labels.push({
      html: `<i class="f${place}"></i>${markupText(name)} ${formatBytes(values[last])}`,
      at: HEIGHT * (1 - (floor[last] + values[last] / 2) / most),
    });
    for (const [i, bytes] of values.entries()) floor[i] += bytes;
    const above = floor.map((bytes, i) => point(edgesNs[i] / durationNs, bytes / most));
    return `<polygon class="f${place}" points="${[...above, ...below].join(' ')}"/>`;
  });
  const ends = bands.map(
    ({ name, who, values }) => `${name}${who === '' ? '' : ` of ${who}`} ${formatBytes(values[values.length - 1])}`,
  );
  const sentence = `Held by finding, at most ${formatBytes(most)}; at the end: ${ends.join(', ')}.`;
  return chartText({
    id: 'held',
    sentence,
    svg: `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><g id="bands">${areas.join('')}</g><polygon id="one"/></svg>`,
    scale: [`most ${formatBytes(most)}`, '0'],
    labels,
    durationNs,
    table: { timesNs: edgesNs, columns: bands, format: formatBytes },
  });
}

export interface Line {
  name: string;
  /** A CSS colour. */
  colour: string;
  /** The line that a reader looks for: drawn bold. */
  isGap: boolean;
  values: readonly number[];
}

interface LineChart {
  timesNs: readonly number[];
  durationNs: number;
  lines: readonly Line[];
  sentence: string;
}

/** Lines around a line at zero, labelled at their ends. */
export function lineChart({ timesNs, durationNs, lines, sentence }: LineChart): string {
  const all = lines.flatMap(({ values }) => values);
  const high = Math.max(0, ...all);
  const low = Math.min(0, ...all);
  const span = Math.max(1, high - low);
  const share = (value: number): number => (value - low) / span;
  const drawn = lines
    .toReversed()
    .map(
      ({ colour, isGap, values }) =>
        `<polyline stroke="${colour}"${isGap ? ' class="gap"' : ''} points="${values.map((value, i) => point(timesNs[i] / durationNs, share(value))).join(' ')}"/>`,
    );
  const zero = (HEIGHT * (1 - share(0))).toFixed(1);
  return chartText({
    id: 'change',
    sentence,
    svg: `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><line class="zero" x2="${WIDTH}" y1="${zero}" y2="${zero}"/>${drawn.join('')}</svg>`,
    scale: [formatSignedBytes(high), low < 0 ? formatSignedBytes(low) : '±0'],
    labels: lines.map(({ name, colour, values }) => ({
      html: `<i style="background:${colour}"></i>${markupText(name)} ${formatSignedBytes(values[values.length - 1])}`,
      at: HEIGHT * (1 - share(values[values.length - 1])),
    })),
    durationNs,
    table: { timesNs, columns: lines, format: formatSignedBytes },
  });
}

interface Table {
  timesNs: readonly number[];
  columns: readonly { name: string; values: readonly number[] }[];
  format: (bytes: number) => string;
}

interface Chart {
  id: string;
  /** The chart in words. Untrusted text. */
  sentence: string;
  svg: string;
  /** What its upper and its lower edge stand for. */
  scale: readonly [string, string];
  labels: readonly Label[];
  durationNs: number;
  table: Table;
}

function chartText({ id, sentence, svg, scale, labels, durationNs, table }: Chart): string {
  const middle = [0.25, 0.5, 0.75].map((share) => `<span>${formatDuration(durationNs * share)}</span>`).join('');
  return (
    `<figure id="${id}" class="chart" role="img" aria-label="${markupText(sentence)}"><div class="plot">${svg}` +
    `<span class="most">${scale[0]}</span><span class="least">${scale[1]}</span></div>` +
    `<div class="labels" aria-hidden="true">${placed(labels).join('')}</div>` +
    `<div class="times" aria-hidden="true"><span>0s</span>${middle}<span>${formatDuration(durationNs)}</span></div></figure>` +
    tableText(sentence, table)
  );
}

/** Labels at their places, pushed apart where they would cover each other. */
function placed(labels: readonly Label[]): string[] {
  const sorted = labels.map(({ html, at }) => ({ html, top: at - LABEL / 2 })).toSorted((a, b) => a.top - b.top);
  let free = 0;
  for (const label of sorted) {
    label.top = Math.max(label.top, free);
    free = label.top + LABEL;
  }
  let lowest = HEIGHT;
  for (const label of sorted.toReversed()) {
    label.top = Math.min(label.top, lowest - LABEL);
    lowest = label.top;
  }
  return sorted.map(({ html, top }) => `<span style="top:${top.toFixed(0)}px">${html}</span>`);
}

/** The figures of a chart, for who cannot see it. */
function tableText(sentence: string, { timesNs, columns, format }: Table): string {
  const step = Math.max(1, Math.ceil(timesNs.length / TABLE_ROWS));
  const rows = timesNs.flatMap((timeNs, i) =>
    (timesNs.length - 1 - i) % step === 0
      ? [
          `<tr><th>${formatDuration(timeNs)}</th>${columns.map(({ values }) => `<td>${format(values[i])}</td>`).join('')}</tr>`,
        ]
      : [],
  );
  return (
    `<table class="unseen"><caption>${markupText(sentence)}</caption><thead><tr><th>time</th>` +
    `${columns.map(({ name }) => `<th>${markupText(name)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
  );
}

function point(across: number, up: number): string {
  return `${(WIDTH * across).toFixed(1)},${(HEIGHT * (1 - up)).toFixed(1)}`;
}

/** The style of finding 0 to 5 and of the rest. */
export const BAND_STYLE = PLACES.map(
  ({ background, text }, i) => `.f${i}{fill:${background};background:${background};color:${text}}`,
).join('');
