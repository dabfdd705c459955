/**
 * The call paths of a diff as a table with the columns of the tab Diff, each with its call path below.
 * Every line is safe to print.
 */
import { formatBytes, formatCount, formatSignedBytes, type RateUnit, rateUnitOf } from '../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import { countedIn } from '../../event/kinds.js';
import { meminfoLine, memoryColumn, stateText, whoText } from '../../rank/answer/words.js';
import type { DiffReport, DiffStack } from '../../rank/report/diff-report.js';
import { isDump } from '../../rank/report/meaning.js';
import { isRising } from '../../rank/report/report-rows.js';
import { frameText } from '../parts/rows-text.js';
import { doubtWords, estimateTexts, shortPath, signedCount } from './diff-summary.js';

/** Indent of lines below the figures of a row. */
const INDENT = ' '.repeat(6);
/** WHAT has at least as many cells; columns of the greatest rank leave before it has fewer. */
const LEAST_WHAT = 14;

/** A narrower call path has no pace before it. */
const LEAST_PACE = 60;

interface Column {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** 0 stays. */
  rank: number;
  text: (stack: DiffStack) => string;
}

/** The columns that a width has room for, whatever the rows are. */
function columnsFor(diff: DiffReport, columns: number): Column[] {
  const unit = rateUnitOf(diff.after.durationNs);
  const areDumps = isDump(diff.before) && isDump(diff.after);
  const who = columns >= 120 ? 17 : 15;
  const memory = memoryColumn(diff.after.source.allocators);
  const all: Column[] = [
    { title: '#', width: 3, align: 'right', rank: 0, text: ({ rank }) => String(rank) },
    {
      title: 'CHANGE',
      width: 9,
      align: 'right',
      rank: 0,
      text: ({ estimate, differenceBytes }) => formatSignedBytes(estimate?.differenceBytes ?? differenceBytes),
    },
    { title: `GROWTH/${unit.name}`, width: 10, align: 'right', rank: 2, text: (stack) => paceText(stack, unit) },
    { title: 'BEFORE', width: 8, align: 'right', rank: 4, text: ({ before }) => heldText(before) },
    { title: 'NOW', width: 8, align: 'right', rank: 3, text: ({ after }) => heldText(after) },
    { title: 'STATE', width: 9, align: 'left', rank: 1, text: (stack) => stateCell(stack, areDumps) },
    { title: memory, width: 11, align: 'left', rank: 5, text: ({ category }) => meminfoLine(category) },
    { title: 'WHO', width: who, align: 'left', rank: 0, text: (stack) => whoCell(stack, who) },
  ];
  let shown = all;
  for (let rank = 5; rank > 0 && widthOf(shown) + LEAST_WHAT > columns; rank--) {
    shown = all.filter((column) => column.rank < rank);
  }
  return shown;
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + 1, 0);
}

/** The pace of a row that rises; '-' for any other, for a pace beside "level" says two things at once. */
function paceText({ after, growth }: DiffStack, { hours }: RateUnit): string {
  return growth !== null && isRising(after?.verdict ?? null) ? formatSignedBytes(growth.bytesPerHour * hours) : '-';
}

function heldText(figures: DiffStack['after']): string {
  return formatBytes(figures?.estimate?.bytes ?? figures?.bytes ?? 0);
}

/** A row that shrank has no state: what it will do next is not asked. A dump has none at all. */
function stateCell({ change, differenceBytes, after }: DiffStack, isOfDumps: boolean): string {
  if (after === null) return 'gone';
  if (differenceBytes <= 0) return 'shrunk';
  return isOfDumps ? change : stateText(after);
}

/** Who holds most of what grew now, or of what shrank before. */
function whoCell({ before, after, differenceBytes }: DiffStack, width: number): string {
  const figures = differenceBytes < 0 ? (before ?? after) : (after ?? before);
  return figures === null ? '-' : whoText(figures.holder, width);
}

export interface DiffRowsOptions {
  /** Width in terminal cells, 40 or more. */
  columns: number;
  /** Lists all frames of each call path, one a line. */
  frames: boolean;
}

export function diffRows(diff: DiffReport, options: DiffRowsOptions): string[] {
  const { columns } = options;
  if (diff.stacks.length === 0) return ['No call path that passes the selection has changed.'];
  const shown = columnsFor(diff, columns);
  const line = (cell: (column: Column) => string, what: string): string => {
    const cells = shown.map((column) => {
      const text = safeText(cell(column));
      return column.align === 'right' ? padTextLeft(text, column.width) : padText(text, column.width);
    });
    return cutToWidth(`${cells.join(' ')} ${safeText(what)}`, columns);
  };
  const lines = [line(({ title }) => title, 'WHAT')];
  for (const stack of diff.stacks) {
    lines.push(
      line(({ text }) => text(stack), stack.noun),
      ...factLines(stack, columns),
    );
    lines.push(...pathLines(stack, diff, options));
  }
  return [...lines, ...moreLines(diff)];
}

/** What a row must say beside its columns. */
function factLines(stack: DiffStack, columns: number): string[] {
  const facts = [
    ...doubtWords(stack),
    ...estimateTexts(stack.estimate),
    ...(stack.note === null ? [] : [`note: ${stack.note}`]),
  ];
  if (facts.length === 0) return [];
  return wrapText(`${INDENT}${safeText(facts.join('  '))}`, columns, { indent: INDENT, gap: ' ' });
}

function pathLines(stack: DiffStack, diff: DiffReport, { columns, frames }: DiffRowsOptions): string[] {
  const head = [
    INDENT.slice(1),
    padTextLeft(changeText(stack), 16),
    ...(columns < LEAST_PACE ? [] : paceOfTraces(stack, diff)),
  ].join(' ');
  if (!frames) return [cutToWidth(`${head}  ${shortPath(stack)}`, columns)];
  return [head, ...stackFrameLines(stack).map((frame) => cutToWidth(frame, columns))];
}

/** '+3,201 pages', '-1 object'. */
function changeText({ differenceCount, allocator }: DiffStack): string {
  const unit = countedIn(allocator);
  return `${signedCount(differenceCount)} ${Math.abs(differenceCount) === 1 ? unit.slice(0, -1) : unit}`;
}

/** Of two traces, the pace of one less that of the other: they may not be equally long. */
function paceOfTraces({ bytesPerHour }: DiffStack, { kind, after }: DiffReport): string[] {
  if (kind === 'moments' || bytesPerHour === null) return [];
  const unit = rateUnitOf(after.durationNs);
  return [padTextLeft(`${formatSignedBytes(bytesPerHour * unit.hours)}/${unit.name}`, 13)];
}

/** Returns all frames; a separate line marks the end of those that allocated the memory. */
export function stackFrameLines(stack: DiffStack): string[] {
  const lines = stack.frames.map((frame) => `       ${frameText(frame)}`);
  if (stack.interruptedFrom !== null) lines.splice(stack.interruptedFrom, 0, '       --- in an interrupt of:');
  if (lines.length === 0) lines.push('       [no stack]');
  return lines;
}

function moreLines({ changes, stacks }: DiffReport): string[] {
  const all = changes.new.stacks + changes.grown.stacks + changes.shrunk.stacks + changes.gone.stacks;
  const more = all - stacks.length;
  if (more <= 0) return [];
  const total = changes.new.differenceBytes + changes.grown.differenceBytes + changes.shrunk.differenceBytes;
  const shown = stacks.reduce((sum, stack) => sum + stack.differenceBytes, 0);
  const rest = total + changes.gone.differenceBytes - shown;
  return [`… ${formatCount(more)} more call paths that changed, together ${formatSignedBytes(rest)}`];
}
