/** Tables of the results, for the terminal and for RESULTS.md. */
import type { Row } from './compare.js';

export interface KernelResult {
  series: string;
  release: string;
  accelerator: string;
  seconds: number;
  rows: Row[];
  /** What went wrong beside the numbers. */
  failures: string[];
  /** Events that the collector counted as lost. */
  losses: string[];
  hooks: string[];
  notes: string[];
}

const HEAD = ['module', 'function', 'kind', 'truth', 'unfreed', 'error', 'answer', 'note'];

/** A Markdown table that is readable as it is. */
export function formatTable(rows: Row[]): string {
  const lines = rows.map(cells);
  const widths = HEAD.map((head, i) => Math.max(head.length, ...lines.map((line) => line[i].length)));
  const format = (line: string[]): string => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [format(HEAD), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(format)].join('\n');
}

function cells({ truth, traced, measured, answer, expected, hole, note }: Row): string[] {
  const said = [
    measured.missedFrees > 0 ? `${measured.missedFrees} frees noticed by reuse` : '',
    note,
    hole !== null && answer === hole.shape ? hole.reason : '',
    expected ? '' : `UNEXPECTED: allocs ${traced.allocs}/${measured.allocs}, frees ${traced.frees}/${measured.frees}`,
  ];
  return [
    truth.module,
    truth.fn,
    truth.kind,
    amount(traced.liveCount, traced.liveBytes),
    amount(measured.liveCount, measured.liveBytes),
    (measured.liveBytes - traced.liveBytes).toLocaleString('en'),
    answer,
    said.filter((text) => text !== '').join('; '),
  ];
}

function amount(count: number, bytes: number): string {
  return `${count.toLocaleString('en')} (${bytes.toLocaleString('en')} B)`;
}

export function formatKernel(result: KernelResult): string {
  const exact = result.rows.filter(({ answer }) => answer === 'exact').length;
  const title = `## Linux ${result.release}`;
  const summary =
    `${exact} of ${result.rows.length} planted functions exact, ` +
    `${result.rows.filter((row) => row.expected && row.answer !== 'exact').length} as wrong as the kernel makes them, ` +
    `${result.rows.filter((row) => !row.expected).length} unexpected. ` +
    `${result.accelerator.toUpperCase()}, ${result.seconds.toFixed(0)} s with boot.`;
  const lines = [title, '', summary, '', formatTable(result.rows), ''];
  if (result.failures.length > 0) lines.push(...result.failures.map((text) => `- FAILED: ${text}`), '');
  if (result.losses.length > 0) lines.push(`Events lost and counted: ${result.losses.join(', ')}.`, '');
  lines.push(`Hooks: ${result.hooks.join(', ')}.`, '');
  if (result.notes.length > 0) lines.push(`The collector says: ${result.notes.join('; ')}.`, '');
  return lines.join('\n');
}
