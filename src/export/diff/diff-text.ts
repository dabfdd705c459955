/**
 * A diff as plain text, like the findings of `top`: which two, the sentences, the totals, a row for each
 * call path, the processes, then all doubts and what is next. Every line is safe to print (names come
 * from the traced machines).
 */
import { formatBytes, formatCount, formatSignedBytes } from '../../base/format.js';
import { cutToWidth, safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import type { DiffProcess, DiffReport, DiffTotal } from '../../rank/report/diff-report.js';
import { growthLines } from '../census/census-lines.js';
import { answerLines, nextCommand } from '../parts/answer-text.js';
import { diffRows } from './diff-rows.js';
import { boundTexts, diffSummary, perHourText, sizeCells, sizeHeads, titleLine, totalRows } from './diff-summary.js';

export interface DiffTextOptions {
  /** Width of lines in terminal cells, 40 or more: sentences are wrapped, rows and call paths cut. */
  columns: number;
  /** Lists all frames of each call path, one a line. */
  frames: boolean;
  /** The sentences alone. */
  quiet: boolean;
  /** Most processes to list, and most cgroups. */
  processes: number;
}

const LEAD = ' '.repeat(9);

export function encodeDiffText(diff: DiffReport, options: DiffTextOptions): string {
  const { columns, frames, quiet, processes } = options;
  const wrap = (text: string): string[] => wrapText(safeText(text), columns, { indent: LEAD, gap: ' ' });
  const lines = [...wrap(titleLine(diff)), ...answerLines(diff, columns)];
  if (!quiet) {
    lines.push(...wrap(heldText(diff)), '', ...diffRows(diff, { columns, frames }), '');
    if (diff.processes.length > 0) {
      lines.push(...diffProcessLines(diff, processes).map((line) => cutToWidth(line, columns)), '');
    }
    const cgroups = diffCgroupLines(diff, processes);
    if (cgroups.length > 0) lines.push(...cgroups.map((line) => cutToWidth(line, columns)), '');
    // It ends in losses, so it is never cut.
    lines.push(...diffSummary(diff).flatMap(wrap));
    if (diff.census !== null) lines.push(...growthLines(diff.census).flatMap(wrap));
    const next = nextCommand(diff);
    if (next !== null) lines.push(...wrap(`next     ${next}`));
  }
  return `${lines.join('\n')}\n`;
}

/** 'held     27.6 MiB now, 13.2 MiB before: +14.4 MiB; page +14.4 MiB, slab +541 KiB'. */
function heldText(diff: DiffReport): string {
  const parts = totalRows(diff)
    .filter(([name, { beforeBytes, afterBytes }]) => name !== 'together' && beforeBytes + afterBytes > 0)
    .map(([name, total]) => `${name} ${formatSignedBytes(total.differenceBytes)}${boundsOf(total)}`);
  const { distinct } = diff.outstanding;
  const { beforeBytes, afterBytes, differenceBytes } = distinct;
  const all = `${formatBytes(afterBytes)} now, ${formatBytes(beforeBytes)} before: ${formatSignedBytes(differenceBytes)}`;
  return `held     ${all}${boundsOf(distinct)}${parts.length === 0 ? '' : `; ${parts.join(', ')}`}`;
}

function boundsOf(total: DiffTotal): string {
  const texts = boundTexts(total);
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
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

/** Returns what each process held, as a table of at most `limit` rows. */
export function diffProcessLines(diff: DiffReport, limit: number): string[] {
  const shown = diff.processes.slice(0, limit);
  const lines = [
    processRow('process', ['pid', 'before', 'after', 'difference', 'allocs', ...sizeHeads(diff)], 'state'),
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
    ...sizeCells(held),
  ];
  const state = change === 'same' ? '' : change === 'restarted' ? `restarted, was ${pidBefore ?? '-'}` : change;
  const name = safeText(comm === '' ? '[no name]' : comm);
  return processRow(name, figures, state);
}

/** Returns what each cgroup held, as a table of at most `limit` rows; nothing where all is of the root, or where no cgroup is known. */
export function diffCgroupLines(diff: DiffReport, limit: number): string[] {
  if (diff.cgroups.every(({ cgroup }) => cgroup === '/')) return [];
  const lines = [
    cgroupRow(['before', 'after', 'difference'], 'state', 'cgroup'),
    ...diff.cgroups.slice(0, limit).map((held) => {
      const { name, change, cgroupBefore, beforeBytes, afterBytes, differenceBytes } = held;
      const figures = [formatBytes(beforeBytes), formatBytes(afterBytes), formatSignedBytes(differenceBytes)];
      const was = cgroupBefore === null ? '' : `, was ${cgroupBefore}`;
      return cgroupRow(figures, change === 'same' ? '' : change, safeText(name + was));
    }),
  ];
  const more = diff.cgroups.length - limit;
  if (more > 0) lines.push(`… ${formatCount(more)} more ${more === 1 ? 'cgroup' : 'cgroups'} that changed`);
  const same = diff.cgroupsUnchanged;
  if (same > 0) lines.push(`${formatCount(same)} ${same === 1 ? 'cgroup holds' : 'cgroups hold'} what was held before`);
  return lines;
}

/** Names of cgroups are long, so they come last. */
function cgroupRow(figures: string[], state: string, cgroup: string): string {
  return [...figures.map((figure) => figure.padStart(10)), state.padEnd(9), cgroup].join('  ');
}

/** A process name has at most 15 characters; formatBytes() returns at most 8. */
const PROCESS_WIDTHS = [7, 8, 8, 10, 7, 8, 10, 8, 10];

function processRow(name: string, figures: string[], state: string): string {
  const cells = figures.map((figure, i) => figure.padStart(PROCESS_WIDTHS[i]));
  return [name.padEnd(15), ...cells, state].join('  ').trimEnd();
}
