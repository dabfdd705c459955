/** Tables of the results, for the terminal and for RESULTS.md. */
import type { Row } from './compare.js';
import { ordinal } from './holes.js';

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

/** `how`: when and where, for the summary. */
export function formatKernel(result: KernelResult, how: string): string {
  const exact = result.rows.filter(({ answer }) => answer === 'exact').length;
  const title = `## Linux ${result.release}`;
  const summary =
    `${exact} of ${result.rows.length} planted functions exact, ` +
    `${result.rows.filter(({ answer }) => answer === 'within losses').length} within the losses that were counted, ` +
    `${result.rows.filter((row) => row.hole !== null && row.expected).length} hidden by the kernel, ` +
    `${result.rows.filter((row) => !row.expected).length} unexpected. ` +
    `${result.accelerator.toUpperCase()}, ${result.seconds.toFixed(0)} s with boot (${how}).`;
  const lines = [title, '', summary, '', formatTable(result.rows), ''];
  if (result.failures.length > 0) lines.push(...result.failures.map((text) => `- FAILED: ${text}`), '');
  if (result.losses.length > 0) lines.push(`Events lost and counted: ${result.losses.join(', ')}.`, '');
  lines.push(`Hooks: ${result.hooks.join(', ')}.`, '');
  if (result.notes.length > 0) lines.push(`The collector says: ${result.notes.join('; ')}.`, '');
  return lines.join('\n');
}

const PREFACE = `# Guest kernels: last results

Written by \`npm run test:guest -- --write\`. Truth and unfreed: outstanding at the end, as pages (page, vmalloc) or objects
(slab, percpu), and bytes. "exact": allocs, frees, count and bytes agree. "within losses": off by no more than the collector
counted as lost (usually in the number of allocs and frees; the error column shows what it did to the bytes). The other
answers: holes.ts.
`;

/** The sections of RESULTS.md by series. */
export function splitResults(text: string): Map<string, string> {
  const sections = text.split(/^(?=## Linux )/m).slice(1);
  return new Map(sections.map((section) => [/^## Linux (\d+\.\d+)/.exec(section)?.[1] ?? '', section]));
}

export function joinResults(sections: Map<string, string>): string {
  const ordered = [...sections].toSorted(([a], [b]) => ordinal(a) - ordinal(b)).map(([, section]) => section.trimEnd());
  return [PREFACE.trimEnd(), ...ordered].join('\n\n') + '\n';
}
