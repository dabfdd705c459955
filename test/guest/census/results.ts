/** The results of a guest as Markdown, readable as plain text. */
import type { CensusCheck } from './compare.js';

export interface CensusResult {
  series: string;
  release: string;
  hasKaslr: boolean;
  accelerator: string;
  seconds: number;
  /** Looks and what they had to show. */
  looks: { look: string; check: CensusCheck }[];
  /** Failures other than wrong numbers. */
  failures: string[];
  notes: string[];
}

const HEAD = ['look', 'what', 'truth', 'census', 'error', 'asked', 'answer', 'note'];

export function isAsExpected({ looks, failures }: CensusResult): boolean {
  return failures.length === 0 && looks.length > 0 && looks.every(({ check }) => check.ok);
}

/** The word for its section of RESULTS.md. */
export function censusMode({ hasKaslr }: Pick<CensusResult, 'hasKaslr'>): string {
  return hasKaslr ? 'kaslr' : 'census';
}

/** `how`: when and where it ran. */
export function formatCensus(result: CensusResult, how: string): string {
  const { release, accelerator, seconds, looks, failures, notes } = result;
  const good = looks.filter(({ check }) => check.ok).length;
  const summary = `${good} of ${looks.length} as asked. ${accelerator.toUpperCase()}, ${seconds.toFixed(0)} s with boot (${how}).`;
  const lines = looks.map(({ look, check }) => cells(look, check));
  const widths = HEAD.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i].length)));
  const format = (line: string[]): string => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const table = [format(HEAD), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.map(format)];
  const text = [`### Linux ${release}, ${censusMode(result)}: what was taken before`, '', summary, '', ...table, ''];
  if (failures.length > 0) text.push(...failures.map((each) => `- FAILED: ${each}`), '');
  if (notes.length > 0) text.push(...notes.map((each) => `- ${each}`), '');
  return text.join('\n');
}

function cells(look: string, { what, truth, ours, unit, asked, ok, note }: CensusCheck): string[] {
  const error = truth === 0 ? '' : `${((100 * (ours - truth)) / truth).toFixed(2)} %`;
  return [
    look,
    what,
    `${truth.toLocaleString('en')} ${unit}`,
    ours.toLocaleString('en'),
    error,
    asked,
    ok ? 'ok' : 'WRONG',
    note,
  ];
}
