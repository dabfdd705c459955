/** The conclusions of a report, and where its memory is, as lines of text. */
import { formatBytes, formatChange } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { wrapText } from '../../base/wrap.js';
import { equationText, freeBytes, olderText } from '../../rank/answer/equation.js';
import { readingText } from '../../rank/answer/readings.js';
import { whoText } from '../../rank/answer/words.js';
import type { Conclusion, ConclusionKind } from '../../rank/report/conclusion.js';
import type { DiffConclusion, DiffConclusionKind } from '../../rank/report/diff-report.js';
import type { Report } from '../../rank/report/report.js';
import type { ReportStack } from '../../rank/report/report-rows.js';

/** Words at the start of a sentence, for readers and for grep. */
const WORDS: Readonly<Record<ConclusionKind | DiffConclusionKind, string>> = {
  doubt: 'DOUBT',
  growing: 'GROWING',
  process: 'PROCESS',
  removed: 'REMOVED',
  before: 'BEFORE',
  once: 'ONCE',
  quiet: 'QUIET',
  early: 'EARLY',
  grew: 'GREW',
  new: 'NEW',
  shrank: 'SHRANK',
  gone: 'GONE',
};

/** A report or a diff. */
interface Concluded {
  conclusions: readonly (Conclusion | DiffConclusion)[];
}

/** Columns of the words. */
const LEAD = 9;

/** Returns the sentences, each behind its word, with what is next; wrapped at `columns`. Safe to print. */
export function answerLines({ conclusions }: Concluded, columns: number): string[] {
  return conclusions.flatMap((conclusion) => conclusionLines(conclusion, columns));
}

/** Returns the command that tells more; null where no conclusion has one. */
export function nextCommand({ conclusions }: Concluded): string | null {
  return conclusions.find(({ next }) => next !== null)?.next ?? null;
}

function conclusionLines({ kind, text, detail }: Conclusion | DiffConclusion, columns: number): string[] {
  const indent = ' '.repeat(LEAD);
  const wrap = (line: string): string[] => wrapText(line, columns, { indent, gap: ' ' });
  const first = wrap(safeText(`${WORDS[kind].padEnd(LEAD)}${text}`));
  return detail === null ? first : [...first, ...wrap(`${indent}${safeText(detail)}`)];
}

/** What grows, in a few words: 'nothing grows yet', 'growing: pipe buffers of python3 18875, and more'. Untrusted text. */
export function growthPhrase({ conclusions, findings }: Pick<Report, 'conclusions' | 'findings'>): string {
  const growing = conclusions.filter(({ kind }) => kind === 'growing');
  const first = findings.find(({ stackId }) => stackId === growing[0]?.stackId);
  if (conclusions.some(({ kind }) => kind === 'doubt')) return 'too much is lost to tell what grows';
  if (first === undefined) return 'nothing grows yet';
  const more = growing.length > 1 ? ', and more' : '';
  return `growing: ${first.noun} of ${whoText(first.holder, MOST_HOLDER)}${more}`;
}

/** Columns of a holder in a few words. */
const MOST_HOLDER = 20;

/**
 * 'RAM      23.5 GiB, free 18.7 GiB, not in meminfo 120 MiB (+22.1 MiB)', the equation of it, and what is older than
 * the trace; none where meminfo was not sampled.
 */
export function memoryLines(report: Pick<Report, 'meminfo' | 'triage' | 'conclusions'>): string[] {
  const { meminfo } = report;
  if (meminfo === null) return [];
  const { totalBytes, unaccountedBytes, unaccountedAtStartBytes } = meminfo;
  const change = formatChange(unaccountedBytes - unaccountedAtStartBytes);
  const gap = `not in meminfo ${formatBytes(unaccountedBytes)} (${change})`;
  const indent = ' '.repeat(LEAD);
  return [
    `${'RAM'.padEnd(LEAD)}${formatBytes(totalBytes)}, free ${formatBytes(freeBytes(meminfo))}, ${gap}`,
    `${indent}= ${equationText(meminfo, 'end')}`,
    `${indent}${olderText(report)}`,
  ];
}

/** What a row means, one line; null where nothing is known of it. Safe to print. */
export function readingLine(stack: ReportStack): string | null {
  const text = readingText(stack);
  return text === null ? null : safeText(text);
}
