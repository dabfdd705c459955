/** The tables of VERDICTS.md: a row for each kind of history, with the number of traces by verdict. */
import { readFileSync } from 'node:fs';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import type { HistoryKind } from './history-traces.js';

const COLUMNS = ['growing', 'in-steps', 'rested', 'one-time', 'steady', 'churning', 'none'];

/** `stacks`: the rows of each kind, over all traces. */
export function tableRows(kinds: readonly HistoryKind[], stacks: readonly ReportStack[][]): string[] {
  return kinds.map(({ name, truth }, i) => {
    const counts = COLUMNS.map((verdict) => stacks[i].filter((stack) => (stack.verdict ?? 'none') === verdict).length);
    const right = stacks[i].filter((stack) => truth.includes(stack.verdict)).length;
    const wanted = truth.map((verdict) => verdict ?? 'none').join(', ');
    return `| ${[name, wanted, ...counts, `${stacks[i].length - right} of ${stacks[i].length}`].join(' | ')} |`;
  });
}

/** The rows of the table below a heading, with single blanks. */
export function verdictTable(heading: string): string[] {
  const text = readFileSync(new URL('../../src/rank/verdict/VERDICTS.md', import.meta.url), 'utf8');
  const section = text.split('\n## ').find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => / \d+ of \d+ +\|$/.test(line));
  return lines.map((line) => line.replaceAll(/ +/g, ' '));
}
