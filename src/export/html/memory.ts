/** Where the memory of the machine was: two bars of one scale, and its change over time by line of meminfo. */
import { formatBytes, formatChange, formatSignedBytes } from '../../base/format.js';
import { olderText } from '../../rank/answer/equation.js';
import { meminfoLine } from '../../rank/answer/words.js';
import type { Report } from '../../rank/report/report.js';
import { lineColour } from '../parts/flame-colours.js';
import { markupText } from '../parts/markup.js';
import { type Line, lineChart } from './charts.js';

type Memory = NonNullable<Report['memory']>;

/** Names of the parts of memory (report-memory.ts) that are no categories. */
const PART_LINES: Readonly<Record<string, string>> = {
  'not in meminfo': 'none',
  'kernel stacks': 'KernelStack',
};
/** Their names in the bars. */
const PART_NAMES: Readonly<Record<string, string>> = {
  'not in meminfo': 'not in meminfo',
  anon: 'processes',
  'page cache': 'files',
  shmem: 'Shmem',
  slab: 'slab',
};
/** From left to right; the others come between slab and the gap. */
const FIRST: readonly string[] = ['free', 'page cache', 'anon', 'shmem', 'slab'];
const GAP = 'not in meminfo';
/** Share of the bar in which a name fits. */
const NAMED_SHARE = 0.09;
/** Lines of the chart; the others are one. */
const LINES = 6;

interface Part {
  name: string;
  line: string;
  start: number;
  end: number;
}

/** Two bars and their figures; '' where /proc/meminfo was not sampled. */
export function memoryBars(report: Report): string {
  const { memory, meminfo } = report;
  if (memory === null) return '';
  const parts = partsOf(memory);
  const total = Math.max(1, sum(parts, 'start'), sum(parts, 'end'));
  return [
    '<section id="memory" class="column"><h2>Memory</h2>',
    barText('at the start', parts, 'start', total),
    barText('at the end', parts, 'end', total),
    `<p class="legend">${parts
      .filter((part) => part.start + part.end > 0)
      .map(legendText)
      .join('')}</p>`,
    meminfo === null
      ? ''
      : `<p class="dim">Both bars are all of the ${formatBytes(meminfo.totalBytes)}. Hatched: in no line of /proc/meminfo. ` +
        `${markupText(olderText(report) ?? '')}.</p>`,
    '</section>',
  ].join('');
}

function barText(when: string, parts: readonly Part[], at: 'start' | 'end', total: number): string {
  const pieces = parts
    .filter((part) => part[at] > 0)
    .map((part) => {
      const share = part[at] / total;
      const name = share < NAMED_SHARE ? '' : markupText(nameOf(part));
      const title = markupText(`${nameOf(part)} ${formatBytes(part[at])}`);
      return `<span class="${classOf(part)}" style="width:${(100 * share).toFixed(3)}%" title="${title}">${name}</span>`;
    });
  const said = parts.filter((part) => part[at] > 0).map((part) => `${nameOf(part)} ${formatBytes(part[at])}`);
  return (
    `<div class="memory"><span class="when">${when}</span>` +
    `<div class="parts" role="img" aria-label="${markupText(`Memory ${when}: ${said.join(', ')}`)}">${pieces.join('')}</div></div>`
  );
}

function legendText(part: Part): string {
  const change = formatChange(part.end - part.start);
  return (
    `<span><i class="${classOf(part)}"></i>${markupText(nameOf(part))} ${formatBytes(part.end)}` +
    `${change === '±0' ? '' : ` <strong>${change}</strong>`}</span>`
  );
}

/** Change of each line of meminfo since the start; '' where there are not two samples. */
export function changeChart({ memory, durationNs }: Report): string {
  if (memory === null || memory.timesNs.length < 2) return '';
  const { timesNs } = memory;
  const changes = memory.parts
    .filter(({ name }) => name !== 'free')
    .map(({ name, bytes }) => ({
      name: name === GAP ? 'not in meminfo' : nameOf({ name, line: lineOf(name) }),
      colour: lineColour(lineOf(name)).background,
      isGap: name === GAP,
      values: bytes.map((value) => value - bytes[0]),
    }))
    .toSorted((a, b) => Number(b.isGap) - Number(a.isGap) || most(b.values) - most(a.values));
  const lines: Line[] = changes.slice(0, LINES);
  const rest = changes.slice(LINES);
  if (rest.length > 0) {
    lines.push({
      name: `${rest.length} more lines`,
      colour: lineColour('').background,
      isGap: false,
      values: timesNs.map((_, i) => rest.reduce((all, { values }) => all + values[i], 0)),
    });
  }
  const ends = lines.map(({ name, values }) => `${name} ${formatSignedBytes(values[values.length - 1])}`);
  return lineChart({ timesNs, durationNs, lines, sentence: `Change since the start: ${ends.join(', ')}.` });
}

function most(values: readonly number[]): number {
  return values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
}

function partsOf({ parts }: Memory): Part[] {
  return parts
    .map(({ name, bytes }) => ({ name, line: lineOf(name), start: bytes[0] ?? 0, end: bytes[bytes.length - 1] ?? 0 }))
    .toSorted((a, b) => placeOf(a.name) - placeOf(b.name));
}

/** The place of a part from left to right. */
function placeOf(name: string): number {
  const at = FIRST.indexOf(name);
  if (at >= 0) return at;
  return name === GAP ? FIRST.length + 1 : FIRST.length;
}

function lineOf(name: string): string {
  return Object.hasOwn(PART_LINES, name) ? PART_LINES[name] : meminfoLine(name);
}

function nameOf({ name, line }: Pick<Part, 'name' | 'line'>): string {
  return Object.hasOwn(PART_NAMES, name) ? PART_NAMES[name] : line;
}

const CLASSES: Readonly<Record<string, string>> = {
  none: 'l-none',
  Slab: 'l-slab',
  Shmem: 'l-shmem',
  AnonPages: 'l-anon',
  Cached: 'l-files',
  PageTables: 'l-tables',
  free: 'l-free',
};

function classOf({ line }: Part): string {
  return Object.hasOwn(CLASSES, line) ? CLASSES[line] : 'l-rest';
}

/** The style of the classes of the parts of memory. */
export const PART_STYLE = [
  ...Object.entries(CLASSES).filter(([line]) => line !== 'free' && line !== 'none'),
  ['', 'l-rest'],
]
  .map(([line, name]) => `.${name}{background:${lineColour(line).background};color:${lineColour(line).text}}`)
  .join('');

function sum(parts: readonly Part[], at: 'start' | 'end'): number {
  return parts.reduce((all, part) => all + part[at], 0);
}
