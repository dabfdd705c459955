/** The two parts of the machine's memory that changed most over time, side by side, as changes since the start. */
import { formatChange, formatDuration } from '../../../base/format.js';
import { padTextLeft } from '../../../base/safe-text.js';
import type { MemorySeries } from '../../../rank/report/report-memory.js';
import { areaRows } from '../../lines/curve-lines.js';
import { type Line, lineWidth, type Span } from '../../lines/styled-line.js';

/** Lines of /proc/meminfo that are in a part of the series, where it is more than its name says. */
const TITLES: Readonly<Record<string, string>> = {
  shmem: 'Shmem',
  'page cache': 'Cached less Shmem, Buffers',
  anon: 'AnonPages',
  'page tables': 'PageTables',
  slab: 'Slab',
  vmalloc: 'VmallocUsed',
  'kernel stacks': 'KernelStack',
  percpu: 'Percpu',
  hugetlb: 'Hugetlb',
  gpu: 'GPUActive, GPUReclaim',
  other: 'other lines',
};

/** A smaller range is no change. */
const LEAST_RANGE = 64 * 1024;
const LABEL_WIDTH = 11;
/** Columns between two curves. */
const GAP = 3;
const MOST_COLUMNS = 64;
const MOST_ROWS = 14;
/** Rows beside those of the curve: an empty line, the title, the times. */
const FRAME_ROWS = 3;

interface Curve {
  title: string;
  /** Changes since the first sample, bytes. */
  changes: number[];
  range: number;
}

/** Lines below the table; none where nothing changed, or where less than 3 of `room` are left for the curves. */
export function memoryCurveLines(memory: MemorySeries | null, columns: number, room: number): Line[] {
  const rows = Math.min(MOST_ROWS, room - FRAME_ROWS);
  const width = Math.floor((columns - GAP) / 2);
  if (memory === null || rows < 3 || memory.timesNs.length < 2) return [];
  const blocks = mostChanged(memory).map((curve) => curveBlock(curve, memory.timesNs, width, rows));
  if (blocks.length === 0) return [];
  const lines: Line[] = [[]];
  for (let row = 0; row < rows + FRAME_ROWS - 1; row++) {
    lines.push(
      blocks.flatMap((block, index) => (index === 0 ? block[row] : [gapAfter(blocks[0][row], width), ...block[row]])),
    );
  }
  return lines;
}

function gapAfter(line: Line, width: number): Span {
  return [' '.repeat(Math.max(0, width - lineWidth(line)) + GAP)];
}

/** The parts that changed most, the greatest range first; free memory changes as all of them do. */
function mostChanged({ parts }: MemorySeries): Curve[] {
  const curves = parts
    .filter(({ name }) => name !== 'free')
    .map(({ name, bytes }): Curve => {
      const changes = bytes.map((value) => value - bytes[0]);
      return { title: TITLES[name] ?? name, changes, range: Math.max(...changes) - Math.min(...changes) };
    });
  return curves
    .filter(({ range }) => range >= LEAST_RANGE)
    .toSorted((a, b) => b.range - a.range)
    .slice(0, 2);
}

/** A title, `rows` lines of the curve, and its times. */
function curveBlock({ title, changes, range }: Curve, timesNs: readonly number[], width: number, rows: number): Line[] {
  const columns = Math.min(MOST_COLUMNS, width - LABEL_WIDTH);
  const lowest = Math.min(...changes);
  const values = atColumns(changes, timesNs, columns).map((change) => (change - lowest) / range);
  const drawn = areaRows(values, rows);
  const lines: Line[] = [
    [
      [title, 'strong'],
      [`  ${formatChange(changes[changes.length - 1])} since the start`, 'dim'],
    ],
  ];
  for (const [row, text] of drawn.entries()) {
    const label = row === 0 ? formatChange(lowest + range) : row === rows - 1 ? formatChange(lowest) : '';
    lines.push([
      [`${padTextLeft(label, LABEL_WIDTH - 1)}▏`, 'dim'],
      [text, 'drawing'],
    ]);
  }
  const [from, to] = [timesNs[0], timesNs[timesNs.length - 1]].map(formatDuration);
  const between = ' '.repeat(Math.max(1, columns - from.length - to.length));
  lines.push([[`${' '.repeat(LABEL_WIDTH)}${from}${between}${to}`, 'dim']]);
  return lines;
}

/** The values at evenly spaced times, the first and the last sample at the two ends, on straight lines between samples. */
function atColumns(values: readonly number[], timesNs: readonly number[], columns: number): number[] {
  const from = timesNs[0];
  const length = timesNs[timesNs.length - 1] - from;
  let at = 1;
  return Array.from({ length: columns }, (_, column) => {
    const timeNs = from + (length * column) / Math.max(1, columns - 1);
    while (at + 1 < values.length && timesNs[at] < timeNs) at++;
    const share = (timeNs - timesNs[at - 1]) / (timesNs[at] - timesNs[at - 1]);
    return values[at - 1] + (values[at] - values[at - 1]) * Math.min(1, share);
  });
}
