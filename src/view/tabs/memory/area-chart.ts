/**
 * The Memory view as ready-made lines: the parts of /proc/meminfo over time, stacked, with the unaccounted memory on top.
 * A cell shows the part that fills most of it; each part has a character of its own, so that the chart can be read without
 * colour. Free memory is not drawn: the scale is that of the memory in use.
 */
import { formatBytes, formatSignedBytes } from '../../../base/format.js';
import { padText, padTextLeft, textWidth } from '../../../base/safe-text.js';
import type { MemoryView } from '../../../session/view-data.js';
import { groupsOf, putEventSigns } from '../../head/event-lanes.js';
import { layoutOf } from '../../head/layout.js';
import type { ViewBody } from '../../head/list-body.js';
import { emptyBody } from '../../head/list-body.js';
import type { Sign } from '../../lines/event-signs.js';
import { formatPosition } from '../../lines/position-text.js';
import { columnAt, columnsOf, lastOf } from '../../lines/resample.js';
import type { Line, Span, Tone } from '../../lines/styled-line.js';
import { positionOf } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';

type PartName = MemoryView['parts'][number]['name'];

interface Look {
  fill: string;
  tone: Tone;
}

/** Shades for the large parts, a full block for unaccounted memory, punctuation for parts that are mostly small. */
const LOOKS: Readonly<Record<PartName, Look>> = {
  slab: { fill: '▓', tone: 'drawing' },
  'page tables': { fill: '=', tone: 'module' },
  'kernel stacks': { fill: ':', tone: 'module' },
  vmalloc: { fill: '%', tone: 'module' },
  percpu: { fill: '+', tone: 'module' },
  hugetlb: { fill: '#', tone: 'plain' },
  gpu: { fill: '&', tone: 'plain' },
  zram: { fill: '*', tone: 'plain' },
  other: { fill: '?', tone: 'plain' },
  anon: { fill: '▒', tone: 'good' },
  shmem: { fill: '/', tone: 'good' },
  'page cache': { fill: '░', tone: 'dim' },
  'held by reference': { fill: '▄', tone: 'warn' },
  unaccounted: { fill: '█', tone: 'strong' },
  free: { fill: ' ', tone: 'dim' },
};

/** Parts that the screen names otherwise. */
const NAMES: Readonly<Partial<Record<PartName, string>>> = {
  unaccounted: 'not in meminfo',
  'held by reference': ' of it held',
};
/** Part of the memory that is not in meminfo. */
const HELD = 'held by reference';
/** Less of what is held may be pages on their way to a list: every CPU keeps some dozens. */
const TOLD_BYTES = 2 ** 20;
const RARE: ReadonlySet<PartName> = new Set([HELD, 'gpu', 'zram']);

const AXIS_WIDTH = 10;
/** Width of name and bytes; CHANGE_WIDTH is added for the change where there is room. */
const LEGEND_WIDTH = 27;
const CHANGE_WIDTH = 12;
const LEAST_CHART = 16;
/** Rows of the body beside the chart: title, axis, times; one more where events are. */
const FRAME_ROWS = 3;

export function areaChartBody(state: ViewState): ViewBody {
  const { data } = state;
  if (data?.kind !== 'memory') return emptyBody(state, ['waiting for what /proc/meminfo says']);
  const { memory } = data;
  if (memory === null) return emptyBody(state, ['no sample of /proc/meminfo is in this trace']);
  return { lines: memoryLines(state, memory), selected: -1 };
}

function memoryLines(state: ViewState, memory: MemoryView): Line[] {
  const { bodyRows } = layoutOf(state);
  const { columns } = state;
  const changes = columns >= 100;
  const legendWidth = LEGEND_WIDTH + (changes ? CHANGE_WIDTH : 0);
  const width = columns - AXIS_WIDTH - legendWidth - 2;
  const height = bodyRows - FRAME_ROWS - (groupsOf(state).length > 0 ? 1 : 0);
  const now = pointAt(state, memory);
  const legend = legendLines(memory, now, changes);
  const lines: Line[] = [titleLine(memory, now)];
  if (width < LEAST_CHART || height < 3) {
    lines.push(...legend);
  } else {
    const chart = chartOf(state, memory, width, height);
    for (let row = 0; row < bodyRows - 1; row++) {
      const left = chart[row] ?? [[' '.repeat(AXIS_WIDTH + width)]];
      lines.push([...left, ['  '], ...(legend[row] ?? [])]);
    }
  }
  while (lines.length < bodyRows) lines.push([]);
  return lines.slice(0, bodyRows);
}

/** Index of the sample in force at the present time. */
function pointAt(state: ViewState, { firstNs, stepNs, parts }: MemoryView): number {
  const last = parts[0].bytes.length - 1;
  if (state.mode === 'live') return last;
  return Math.min(last, Math.max(0, Math.floor((positionOf(state) - firstNs) / stepNs)));
}

function titleLine(memory: MemoryView, now: number): Line {
  const at = (name: PartName, point: number): number => partOf(memory, name)[point] ?? 0;
  const used = memory.totalBytes - at('free', now);
  const gapAt = (point: number): number => at('unaccounted', point) + at(HELD, point);
  const gap = gapAt(now);
  const trend = gap - gapAt(0);
  const held = at(HELD, now);
  const ofIt: Line = held < TOLD_BYTES ? [] : [[`, ${formatBytes(held)} of it held by a reference`, 'dim']];
  return [
    ['in use '],
    [formatBytes(used), 'strong'],
    [` of ${formatBytes(memory.totalBytes)}`],
    ['   not in meminfo '],
    [formatBytes(gap), 'strong'],
    [` (${formatSignedBytes(trend)} since start)`, trend > 0 ? 'warn' : 'dim'],
    ...ofIt,
  ];
}

function partOf({ parts }: MemoryView, name: PartName): readonly number[] {
  return parts.find((part) => part.name === name)?.bytes ?? [];
}

/**
 * From the top of the stack down, free memory first. The unaccounted memory is told whole, and the
 * part of it that is held by a reference below it. Parts that most machines do not have are left out
 * where there is next to nothing of them.
 */
function legendLines(memory: MemoryView, now: number, changes: boolean): Line[] {
  const held = partOf(memory, HELD);
  const shown = memory.parts.filter(({ name, bytes }) => !RARE.has(name) || bytes.some((value) => value >= TOLD_BYTES));
  return shown.toReversed().map((part) => {
    const { name } = part;
    const { fill, tone } = LOOKS[name];
    const strong = name === 'unaccounted';
    const bytes = strong ? part.bytes.map((value, point) => value + (held[point] ?? 0)) : part.bytes;
    const line: Span[] = [
      [fill + fill, tone],
      [` ${padText(NAMES[name] ?? name, 14)}`, strong ? 'strong' : 'plain'],
      [padTextLeft(formatBytes(bytes[now]), 10), strong ? 'strong' : 'plain'],
    ];
    const change = bytes[now] - bytes[0];
    if (changes) line.push([padTextLeft(formatSignedBytes(change), CHANGE_WIDTH), change === 0 ? 'dim' : 'plain']);
    return line;
  });
}

/** Rows of the chart from the top, then the axis and its times. */
function chartOf(state: ViewState, memory: MemoryView, width: number, height: number): Line[] {
  const drawn = memory.parts.filter(({ name }) => name !== 'free');
  const durationNs = lengthOf(state, memory);
  const series = drawn.map(({ bytes }) => columnsOf(bytes, memory, durationNs, width, lastOf));
  const used = Array.from({ length: width }, (_, column) =>
    series.reduce((sum, values) => sum + (values[column] ?? 0), 0),
  );
  const step = niceStep(Math.max(...used, 1), height);
  const cells = Array.from({ length: width }, (_, column) =>
    columnCells(
      series.map((values) => values[column]),
      step,
      height,
    ),
  );
  const lines: Line[] = [];
  for (let row = 0; row < height; row++) {
    const level = height - row;
    // A label on every other row is enough.
    const label = row % 2 === 0 ? `${formatBytes(level * step)} ` : '';
    const line: Span[] = [
      [padTextLeft(label, AXIS_WIDTH - 1), 'dim'],
      [row % 2 === 0 ? '┤' : '│', 'dim'],
    ];
    for (let column = 0; column < width; column++) {
      const part = cells[column][level - 1];
      const { fill, tone } = part < 0 ? LOOKS.free : LOOKS[drawn[part].name];
      const last = line.at(-1);
      if (column > 0 && last !== undefined && last[1] === tone) line[line.length - 1] = [last[0] + fill, tone];
      else line.push([fill, tone]);
    }
    lines.push(line);
  }
  const present = columnAt(state.mode === 'live' ? durationNs : positionOf(state), durationNs, width);
  lines.push([
    [padTextLeft('0 B ', AXIS_WIDTH - 1), 'dim'],
    ['└', 'dim'],
    ['─'.repeat(present), 'dim'],
    ['┴', 'strong'],
    ['─'.repeat(width - present - 1), 'dim'],
  ]);
  if (groupsOf(state).length > 0)
    lines.push([[padTextLeft('events ', AXIS_WIDTH), 'dim'], ...signs(state, durationNs, width)]);
  lines.push([[' '.repeat(AXIS_WIDTH)], [timesText(durationNs, width), 'dim']]);
  return lines;
}

/** What happened on the machine, below the axis. */
function signs(state: ViewState, durationNs: number, width: number): Line {
  const columns = Array.from({ length: width }, (): Sign => ({ text: ' ', tone: 'plain' }));
  putEventSigns(columns, state, { durationNs, width });
  return columns.map(({ text, tone }): Span => [text, tone]);
}

/** Duration of the chart, ns: live up to now or the last sample; in a replay the whole recording, at any position. */
function lengthOf(state: ViewState, { firstNs, stepNs, parts }: MemoryView): number {
  const end = firstNs + parts[0].bytes.length * stepNs;
  return state.mode === 'live'
    ? Math.max(stepNs, Math.min(end, state.snapshot.status.positionNs))
    : Math.max(stepNs, state.snapshot.status.durationNs);
}

/** For each cell, from the bottom, the index of the part that fills most of it; -1 when more than half of it is empty. */
function columnCells(bytes: readonly (number | null)[], step: number, height: number): number[] {
  const cells: number[] = [];
  for (let cell = 0; cell < height; cell++) {
    const from = cell * step;
    let best = -1;
    // At least half of the cell must be filled.
    let most = step / 2;
    let empty = step;
    let bottom = 0;
    for (const [part, held] of bytes.entries()) {
      const top = bottom + (held ?? 0);
      const within = Math.min(top, from + step) - Math.max(bottom, from);
      bottom = top;
      if (within <= 0) continue;
      empty -= within;
      if (best < 0 || within > most) {
        best = part;
        most = within;
      }
    }
    cells.push(empty > step / 2 ? -1 : best);
  }
  return cells;
}

/** Bytes of a row: a round number, so that the axis is readable, and so great that `most` fits into `rows`. */
function niceStep(most: number, rows: number): number {
  const least = most / rows;
  let step = 4096;
  for (;;) {
    for (const factor of [1, 1.25, 1.5, 1.75]) if (step * factor >= least) return step * factor;
    step *= 2;
  }
}

function timesText(durationNs: number, width: number): string {
  const start = formatPosition(0, durationNs).trim();
  const end = formatPosition(durationNs, durationNs).trim();
  const middle = formatPosition(durationNs / 2, durationNs).trim();
  const rest = width - textWidth(start) - textWidth(end);
  if (rest < textWidth(middle) + 4) return start + ' '.repeat(Math.max(1, rest)) + end;
  const before = Math.floor(width / 2) - textWidth(start) - (textWidth(middle) >> 1);
  return start + ' '.repeat(before) + middle + ' '.repeat(rest - before - textWidth(middle)) + end;
}
