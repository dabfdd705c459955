/**
 * The change of the machine's memory since the start, as ready-made lines: each line of /proc/meminfo with a bar around a
 * zero line and the findings in it, then free memory, which the other changes add up to. Below, on a high screen, the two
 * lines that changed most over time.
 */
import { bar, formatBytes, formatChange } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../../base/safe-text.js';
import { whatText, whoText } from '../../../rank/answer/words.js';
import { layoutOf } from '../../head/layout.js';
import { emptyBody, type ViewBody } from '../../head/list-body.js';
import type { Line, Span } from '../../lines/styled-line.js';
import type { ViewState } from '../../model/view-state.js';
import { memoryCurveLines } from './change-curves.js';
import { type ChangeRow, foldedRows, type MemoryChanges, memoryChanges } from './change-rows.js';

const NAME_WIDTH = 17;
/** Width of name, start, now and change, with a blank between two. */
const FIGURES_WIDTH = NAME_WIDTH + 1 + 8 + 1 + 8 + 1 + 9;
const FINDING_WIDTH = 7;
/** Columns on each side of the zero line. */
const MOST_SIDE = 24;
/** Bars shorter than this say nothing. */
const LEAST_SIDE = 4;
/** Room in which the finding is named, not only numbered. */
const NAMED_ROOM = 36;
/** Screens from this height on show curves below the lines. */
const CURVES_FROM = 30;

/** The rows on the screen; empty before the first sample of the counters. */
export function changeRows(state: ViewState): ChangeRow[] {
  const changes = changesOf(state);
  if (changes === null) return [];
  const { bodyRows } = layoutOf(state);
  return foldedRows(changes, bodyRows - 1 - freeLines(state, changes).length);
}

export function changeBody(state: ViewState): ViewBody {
  const { report, columns, rows } = state;
  const changes = changesOf(state);
  if (report === null || changes === null) return emptyBody(state, [withoutSample(state)]);
  const { bodyRows } = layoutOf(state);
  const shown = changeRows(state);
  const greatest = Math.max(LEAST_GREATEST, ...shown.map(({ changeBytes }) => Math.abs(changeBytes)));
  const side = sideOf(columns);
  const lines: Line[] = [headLine(side, columns)];
  for (const row of shown) lines.push(rowLine(row, greatest, side, columns));
  lines.push(...freeLines(state, changes));
  if (rows >= CURVES_FROM) lines.push(...memoryCurveLines(report.memory, columns, bodyRows - lines.length));
  while (lines.length < bodyRows) lines.push([]);
  return { lines: lines.slice(0, bodyRows), selected: state.selectedIndex + 1 };
}

function withoutSample({ snapshot }: ViewState): string {
  const isWhole = snapshot.status.state === 'ended';
  return isWhole ? 'no sample of /proc/meminfo is in this trace' : 'no sample of /proc/meminfo so far';
}

/** On a quiet machine the greatest bar is a short one. */
const LEAST_GREATEST = 2 ** 20;

function changesOf({ report }: ViewState): MemoryChanges | null {
  return report === null ? null : memoryChanges(report);
}

/** Columns on each side of the zero line; 0 where there is no room for bars. */
function sideOf(columns: number): number {
  const side = Math.floor((columns - FIGURES_WIDTH - 2 - 1 - 2 - FINDING_WIDTH) / 2);
  return side < LEAST_SIDE ? 0 : Math.min(MOST_SIDE, side);
}

function headLine(side: number, columns: number): Line {
  const figures = `${' '.repeat(NAME_WIDTH)} ${'START'.padStart(8)} ${'NOW'.padStart(8)} ${'CHANGE'.padStart(9)}`;
  const [shrank, grew] = side >= 8 ? ['shrank', 'grew'] : ['', ''];
  const bars = side === 0 ? '' : `  ${shrank.padEnd(side)}0${grew.padStart(side)}`;
  const finding = columns < FIGURES_WIDTH + 2 + FINDING_WIDTH ? '' : '  FINDING';
  return [[figures + bars + finding, 'head']];
}

function rowLine(row: ChangeRow, greatest: number, side: number, columns: number): Line {
  const line: Span[] = [...figureSpans(row)];
  if (side > 0) line.push(['  '], [barText(row.changeBytes / greatest, side), 'drawing']);
  const room = columns - FIGURES_WIDTH - 2 - (side > 0 ? 2 * side + 3 : 0);
  const text = findingText(row, room);
  if (text !== '') line.push(['  '], [text, 'strong']);
  return line;
}

function figureSpans({ name, startBytes, nowBytes, changeBytes, categories }: ChangeRow): Line {
  return [
    [padText(name, NAME_WIDTH), categories.includes('unaccounted') ? 'strong' : 'plain'],
    [` ${padTextLeft(formatBytes(startBytes), 8)} ${padTextLeft(formatBytes(nowBytes), 8)} `],
    [padTextLeft(formatChange(changeBytes), 9), formatChange(changeBytes) === '±0' ? 'dim' : 'strong'],
  ];
}

/** What shrank is to the left of the zero line, in halves of a column; what grew to the right, in eighths. */
function barText(share: number, side: number): string {
  if (share >= 0) return `${' '.repeat(side)}┃${padText(bar(share, side), side)}`;
  const halves = Math.max(1, Math.round(Math.min(1, -share) * side * 2));
  return `${padTextLeft((halves % 2 === 1 ? '▐' : '') + '█'.repeat(halves >> 1), side)}┃${' '.repeat(side)}`;
}

/** '1', '1 3 4', and where there is room '1 pipe buffers (9), python3 18875; also 3 4'. Safe text. */
function findingText({ findings }: ChangeRow, room: number): string {
  if (findings.length === 0 || room < 1) return '';
  const [first, ...others] = findings.map(({ rank }) => String(rank));
  if (room < NAMED_ROOM) return cutToWidth([first, ...others].join(' '), room);
  const [{ holder }] = findings;
  const also = others.length === 0 ? '' : `; also ${others.join(' ')}`;
  return cutToWidth(safeText(`${first} ${whatText(findings[0])}, ${whoText(holder, 24)}${also}`), room);
}

/** Free memory, and sentences on it: beside its figures if they fit there, else below. */
function freeLines(state: ViewState, { free, explainedBytes }: MemoryChanges): Line[] {
  const { report, columns } = state;
  const perCpu = report?.meminfo?.perCpuFreeBytes ?? null;
  const lines: Span[][] = [[...figureSpans(free), ['  ']]];
  let room = columns - FIGURES_WIDTH - 2;
  const say = (text: string): void => {
    if (text.length > room) {
      lines.push([]);
      room = columns;
    }
    lines[lines.length - 1].push([`${text} `, 'dim']);
    room -= text.length + 1;
  };
  if (perCpu !== null) say(`${formatBytes(perCpu)} of it on per-CPU lists.`);
  if (explainedBytes !== null) say(`Findings explain ${ofText(explainedBytes, -free.changeBytes)}.`);
  return lines;
}

/** '68.0 of the 68.1 MiB', '900 KiB of the 68.1 MiB', 'nothing of the 68.1 MiB'. */
function ofText(part: number, whole: number): string {
  const [size, unit] = formatBytes(part).split(' ');
  if (part === 0) return `nothing of the ${formatBytes(whole)}`;
  const all = formatBytes(whole);
  return all.endsWith(` ${unit}`) ? `${size} of the ${all}` : `${size} ${unit} of the ${all}`;
}
