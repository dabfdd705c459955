/**
 * A diff as plain text. In a pipe each row is one line that ends with its call path, for grep; in a
 * narrow terminal the call path has a line of its own. Every line is safe to print (names come from
 * the traced machines).
 */
import { formatBytes, formatCount, formatSignedBytes } from '../../base/format.js';
import { cutToWidth, safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { DiffProcess, DiffReport, DiffStack } from '../../rank/report/diff-report.js';
import { frameText } from '../parts/rows-text.js';
import {
  boundTexts,
  diffSummary,
  estimateTexts,
  perHourText,
  shortPath,
  signedCount,
  stateWords,
  totalRows,
  whoText,
} from './diff-summary.js';

export interface DiffTextOptions {
  /** Width of the tables in terminal cells, 40 or more; the sentences above them may be longer. */
  columns: number;
  /** Puts call paths on the line of their figures, however long. */
  oneLine: boolean;
  /** Lists all frames of each call path, one a line. */
  frames: boolean;
  /** Most processes to list. */
  processes: number;
}

export function encodeDiffText(diff: DiffReport, options: DiffTextOptions): string {
  const { columns } = options;
  // Bounds are sentences between the rows: they are wrapped.
  const totals = diffTotalLines(diff).flatMap((line) =>
    line.startsWith(BOUND_INDENT) ? wrapText(line, columns, { indent: BOUND_INDENT, gap: ' ' }) : [line],
  );
  const tables = ['', ...totals, '', ...stackTable(diff, options)];
  if (diff.processes.length > 0) tables.push('', ...diffProcessLines(diff, options.processes));
  // The heading is sentences that end in losses, so it is never cut.
  const lines = [...diffSummary(diff), ...tables.map((line) => cutToWidth(safeText(line), columns))];
  return `${lines.join('\n')}\n`;
}

/** Returns the totals of each allocator as a table. */
export function diffTotalLines(diff: DiffReport): string[] {
  const lines = [row('outstanding', 'before', 'after', 'difference', 'per hour')];
  for (const [name, total] of totalRows(diff)) {
    const { beforeBytes, afterBytes, differenceBytes, bytesPerHour } = total;
    const figures = [formatBytes(beforeBytes), formatBytes(afterBytes), formatSignedBytes(differenceBytes)];
    lines.push(row(name, ...figures, perHourText(bytesPerHour)));
    // On lines of their own, because they must not be cut.
    lines.push(...boundTexts(total).map((text) => BOUND_INDENT + text));
  }
  return lines;
}

const BOUND_INDENT = ' '.repeat(12);

function row(name: string, ...figures: string[]): string {
  return name.padEnd(12) + figures.map((figure) => figure.padStart(14)).join('');
}

function stackTable(diff: DiffReport, options: DiffTextOptions): string[] {
  if (diff.stacks.length === 0) return ['No call path that passes the selection has changed.'];
  const head = [...HEAD, ...(options.oneLine ? [PER_HOUR, 'kind', 'call path'] : ['kind'])].join('  ');
  const lines = [head, ...diff.stacks.flatMap((stack) => stackLines(stack, options))];
  const { changes } = diff;
  const all = changes.new.stacks + changes.grown.stacks + changes.shrunk.stacks + changes.gone.stacks;
  const more = all - diff.stacks.length;
  if (more > 0) {
    const total = changes.new.differenceBytes + changes.grown.differenceBytes + changes.shrunk.differenceBytes;
    const shown = diff.stacks.reduce((sum, stack) => sum + stack.differenceBytes, 0);
    const rest = total + changes.gone.differenceBytes - shown;
    lines.push(`… ${formatCount(more)} more call paths that changed, together ${formatSignedBytes(rest)}`);
  }
  return lines;
}

const HEAD = [
  '  #',
  'change',
  'difference'.padStart(10),
  'before'.padStart(8),
  'after'.padStart(8),
  'count'.padStart(8),
];
const PER_HOUR = 'per hour'.padStart(11);

function stackLines(stack: DiffStack, { columns, oneLine, frames }: DiffTextOptions): string[] {
  const { before, after } = stack;
  const figures = [
    String(stack.rank).padStart(3),
    stack.change.padEnd(6),
    formatSignedBytes(stack.differenceBytes).padStart(10),
    formatBytes(before?.bytes ?? 0).padStart(8),
    formatBytes(after?.bytes ?? 0).padStart(8),
    signedCount(stack.differenceCount).padStart(8),
  ];
  const perHour = perHourText(stack.bytesPerHour);
  const words = [
    stack.category ?? stack.allocator,
    ...stateWords(stack),
    ...estimateTexts(stack.estimate),
    ...(stack.caches.length === 0 ? [] : [safeText(stack.caches.join(' '))]),
    whoText(stack),
  ];
  const wrapped = (text: string, gap: string): string[] => wrapText(text, columns, { indent: INDENT, gap });
  const wide = [...figures, perHour.padStart(PER_HOUR.length), ...words].join('  ');
  const note = stack.note === null ? [] : wrapped(`${INDENT}note: ${stack.note}`, ' ');
  if (frames) return [...wrapped(wide, '  '), ...note, ...stackFrameLines(stack), ''];
  if (oneLine) return [`${wide}  ${shortPath(stack)}`];
  const facts = wrapped([...figures, ...words].join('  '), '  ');
  return [...facts, `${INDENT}${perHour}  ${shortPath(stack)}`, ...note];
}

/** Indent of lines below the figures of a row. */
const INDENT = ' '.repeat(7);

/** Returns all frames; a separate line marks the end of those that allocated the memory. */
export function stackFrameLines(stack: DiffStack): string[] {
  const lines = stack.frames.map((frame) => `       ${frameText(frame)}`);
  if (stack.interruptedFrom !== null) lines.splice(stack.interruptedFrom, 0, '       --- in an interrupt of:');
  if (lines.length === 0) lines.push('       [no stack]');
  return lines;
}

/** Returns what each process held, as a table of at most `limit` rows. */
export function diffProcessLines(diff: DiffReport, limit: number): string[] {
  const shown = diff.processes.slice(0, limit);
  const lines = [
    processRow('process', ['pid', 'before', 'after', 'difference', 'allocs'], 'state'),
    ...shown.map(processLine),
  ];
  const more = diff.processes.length - shown.length;
  if (more > 0) lines.push(`… ${formatCount(more)} more processes that changed`);
  const same = diff.processesUnchanged;
  if (same > 0)
    lines.push(`${formatCount(same)} ${same === 1 ? 'process holds' : 'processes hold'} what was held before`);
  return lines;
}

function processLine(held: DiffProcess): string {
  const { comm, pid, pidBefore, change, beforeBytes, afterBytes, differenceBytes, newAllocations } = held;
  const figures = [
    pid === null ? '-' : String(pid),
    formatBytes(beforeBytes),
    formatBytes(afterBytes),
    formatSignedBytes(differenceBytes),
    newAllocations === null ? '-' : formatCount(newAllocations),
  ];
  const state = change === 'same' ? '' : change === 'restarted' ? `restarted, was ${pidBefore ?? '-'}` : change;
  const name = safeText(comm === '' ? '[no name]' : comm);
  return processRow(name, figures, state);
}

/** A process name has at most 15 characters; formatBytes() returns at most 8. */
const PROCESS_WIDTHS = [7, 8, 8, 10, 7];

function processRow(name: string, figures: string[], state: string): string {
  const cells = figures.map((figure, i) => figure.padStart(PROCESS_WIDTHS[i]));
  return [name.padEnd(15), ...cells, state].join('  ').trimEnd();
}
