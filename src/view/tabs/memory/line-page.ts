/** The page about one line of memory: its figures, the findings of the trace in it, and who held it before the trace. */
import { formatBytes, formatChange, formatShare } from '../../../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText, textWidth } from '../../../base/safe-text.js';
import { whatText, whoText } from '../../../rank/answer/words.js';
import type { ReportStack } from '../../../rank/report/report-rows.js';
import type { EquationTerm, Holder, LineHolders, TriageReport } from '../../../triage/report.js';
import { isAbnormal, SEVERITY_WORDS } from '../../../triage/words.js';
import type { PageText } from '../../head/list-body.js';
import { holderLines, sentenceLines } from '../../lines/holder-lines.js';
import type { Line } from '../../lines/styled-line.js';
import { firstLookOf } from '../../model/answers.js';
import type { ViewState } from '../../model/view-state.js';
import { type ChangeRow, lineRow } from './change-rows.js';

/** Findings of the trace that the page lists. */
const MOST_FINDINGS = 8;

/** What a line is: a row of the page of changes, or a term of the equation. */
interface MemoryLine {
  name: string;
  /** Terms of the equation in it. */
  terms: readonly string[];
  /** Null where the line is no row of the changes, or nothing was sampled yet. */
  row: ChangeRow | null;
}

/** True if the first look says who holds this line. */
export function hasHolders(state: ViewState, terms: readonly string[]): boolean {
  return linesOf(firstLookOf(state), terms).length > 0;
}

/** The page of the line that is opened; null if none is, or if it is gone. `from` names the view it lies over. */
export function linePage(state: ViewState, from: string): PageText | null {
  const line = openedLine(state);
  if (line === null) return null;
  const look = firstLookOf(state);
  const title: Line = [
    [`${from} › `, 'dim'],
    [safeText(line.name), 'strong'],
  ];
  const sections = [
    figureLines(line, look, state.columns),
    findingLines(line, state.columns),
    heldLines(line, look, state.columns),
    abnormalLines(line, look, state.columns),
  ];
  const lines = sections.filter((section) => section.length > 0).flatMap((section) => [...section, []]);
  return { title, lines: lines.slice(0, -1) };
}

function openedLine(state: ViewState): MemoryLine | null {
  const { page } = state;
  if (page?.kind !== 'line') return null;
  const { name } = page;
  const row = state.report === null ? null : lineRow(state.report, name);
  if (row?.name === name) return { name, terms: row.terms, row };
  const isTerm = firstLookOf(state)?.equation.some(({ term }) => term === name) === true;
  return isTerm ? { name, terms: [name], row } : null;
}

function linesOf(look: TriageReport | null, terms: readonly string[]): LineHolders[] {
  return (look?.lines ?? []).filter(({ term }) => terms.includes(term));
}

function termsOf(look: TriageReport | null, terms: readonly string[]): EquationTerm[] {
  return (look?.equation ?? []).filter(({ term }) => terms.includes(term));
}

/** '13.1 MiB at the start, 57.9 MiB now: +44.8 MiB', and what it was before the trace, with its source. */
function figureLines({ name, row, terms }: MemoryLine, look: TriageReport | null, columns: number): Line[] {
  const lines: Line[] = [];
  if (row !== null) {
    const line = row.name === name ? '' : `${row.name}: `;
    const change = `since the start ${line}${formatBytes(row.startBytes)}, now ${formatBytes(row.nowBytes)}, ${formatChange(row.changeBytes)}`;
    lines.push(...sentenceLines(change, columns, '  ').map((each): Line => [[each, 'strong']]));
  }
  const total = look?.machine.totalBytes ?? 0;
  for (const { term, bytes, source } of termsOf(look, terms)) {
    const of = terms.length > 1 ? `${term}: ` : '';
    const share = total === 0 ? '' : ` (${formatShare(bytes, total)} of RAM)`;
    const text = `at the first look ${of}${formatBytes(bytes)}${share}, ${source}`;
    lines.push(...sentenceLines(text, columns, '  ').map((each): Line => [[each]]));
  }
  return lines;
}

function findingLines({ row }: MemoryLine, columns: number): Line[] {
  if (row === null || row.findings.length === 0) return [];
  const head = `  #     HELD  FINDINGS OF THE TRACE IN IT`;
  const shown = row.findings.slice(0, MOST_FINDINGS);
  const more = row.findings.length - shown.length;
  return [
    [[padText(head, columns), 'head']],
    ...shown.map((finding) => findingLine(finding, columns)),
    ...(more > 0 ? [[[`  ${more} more`, 'dim']] satisfies Line] : []),
  ];
}

function findingLine(finding: ReportStack, columns: number): Line {
  const lead = `${padTextLeft(String(finding.rank), 3)} ${padTextLeft(formatBytes(finding.bytes), 8)}  `;
  const text = safeText(`${whatText(finding)}, ${whoText(finding.holder, 24)}`);
  return [[lead], [cutToWidth(text, Math.max(0, columns - textWidth(lead))), 'strong']];
}

/** Of terms without known holders it says so, once. */
function heldLines({ terms }: MemoryLine, look: TriageReport | null, columns: number): Line[] {
  if (look === null) return [];
  const lines = linesOf(look, terms);
  if (lines.length === 0) {
    const text = 'Who held it before the trace was not read, or cannot be told.';
    return sentenceLines(text, columns, '  ').map((each): Line => [[each, 'dim']]);
  }
  const holders = lines
    .flatMap((line) => line.holders)
    .toSorted((one: Holder, other: Holder) => (other.bytes ?? 0) - (one.bytes ?? 0));
  const whole = termsOf(look, terms).reduce((sum, { bytes }) => sum + bytes, 0);
  return holderLines('HELD BEFORE THE TRACE BY', holders, whole, columns);
}

/** Rules of triage that judge a term of the equation. */
export function rulesOf(term: string): readonly string[] {
  return Object.hasOwn(RULES, term) ? RULES[term] : [];
}

const RULES: Readonly<Record<string, readonly string[]>> = {
  AnonPages: ['R13'],
  Shmem: ['R11'],
  Slab: ['R5', 'R6', 'R16'],
  'vmalloc without stacks': ['R7'],
  'Percpu without first chunk': ['R8'],
  PageTables: ['R9'],
  KernelStack: ['R10'],
  Hugetlb: ['R12'],
  zram: ['R18'],
  'held by a reference': ['R4'],
  'not in meminfo': ['R3'],
};

/** What triage found abnormal in the line. */
export function abnormalLines(
  { terms }: Pick<MemoryLine, 'terms'>,
  look: TriageReport | null,
  columns: number,
): Line[] {
  const rules = terms.flatMap(rulesOf);
  return (look?.findings ?? [])
    .filter((finding) => isAbnormal(finding) && rules.includes(finding.rule))
    .flatMap(({ severity, text, rule }): Line[] =>
      sentenceLines(`${SEVERITY_WORDS[severity]}  ${text} (${rule})`, columns, '  ').map((each): Line => [[each]]),
    );
}
