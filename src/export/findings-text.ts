/**
 * The findings as plain text, the output of `top`: sentences first, then where the memory is, then a
 * row for each finding with its greatest call paths, then doubts, and what is next. Every line is safe
 * to print.
 */

import {
  formatBytes,
  formatCount,
  formatDuration,
  formatSignedBytes,
  type RateUnit,
  rateUnitOf,
} from '../base/format.js';
import { cutToWidth, padText, padTextLeft, safeText } from '../base/safe-text.js';
import { wrapText } from '../base/wrap.js';
import { countedIn, valuesOf } from '../event/kinds.js';
import { isBound, lossSentence } from '../rank/answer/loss.js';
import { processLines } from '../rank/answer/process-lines.js';
import { cgroupOf, cgroupText, meminfoLine, memoryColumn, stateText, whatText, whoText } from '../rank/answer/words.js';
import { dumpName } from '../rank/report/meaning.js';
import type { Report } from '../rank/report/report.js';
import { type FindingPath, isRising, type ReportStack } from '../rank/report/report-rows.js';
import { belongsText } from '../rank/report/row-names.js';
import { censusLines } from './census/census-lines.js';
import { answerLines, memoryLines, nextCommand, readingLine } from './parts/answer-text.js';
import { lossCauses, unnamedLines } from './parts/losses-text.js';
import { heldBytesText, rowMeaning, togetherText } from './parts/meaning-text.js';
import { frameText, freedLines, rangeTexts, ruleLines } from './parts/rows-text.js';
import { modeLines, rowEstimate } from './parts/sample-text.js';
import { dumpSentence, kernelText, orderLine, reconciliationLines } from './parts/summary.js';

/** Findings whose call paths are listed, and how many of each. */
const OPENED = 3;
const PATHS = 2;
const WHO = 17;

export interface FindingsTextOptions {
  /** Width in terminal cells, 40 or more. */
  columns: number;
  /** Lists all frames of each listed call path, one a line, with offset and module. */
  frames: boolean;
  /** The sentences alone. */
  quiet: boolean;
}

export function encodeFindings(report: Report, { columns, frames, quiet }: FindingsTextOptions): string {
  const lines = [titleText(report), ...answerLines(report, columns)];
  if (!quiet) {
    const wrap = (text: string): string[] => wrapText(safeText(text), columns, { indent: ' '.repeat(9), gap: ' ' });
    lines.push(...memoryLines(report).flatMap(wrap));
    lines.push(...processLines(report, columns));
    lines.push(...wrap(heldText(report)), ...modeLines(report).flatMap(wrap), '');
    lines.push(...rows(report, columns, frames), ...below(report).flatMap(wrap));
    if (report.census !== null) lines.push(...censusLines(report.census).flatMap(wrap));
    const next = nextCommand(report);
    if (next !== null) lines.push(`next     ${safeText(next)}`);
  }
  return `${lines.join('\n')}\n`;
}

function titleText(report: Report): string {
  const { source, durationNs } = report;
  const dump = dumpName(report);
  const host = source.hostname === '' ? '' : `${source.hostname}, `;
  return safeText(
    `${host}${kernelText({ ...source, arch: '' })}, ${
      dump === null ? `traced ${formatDuration(durationNs)}` : dumpSentence(dump)
    }`,
  );
}

/** What is held by allocator, or what else the figures are where frees are missing. */
function heldText(report: Report): string {
  const { source, outstanding } = report;
  const parts = valuesOf(outstanding, source.allocators).map(([name, held]) => `${name} ${heldBytesText(held)}`);
  const together = togetherText(report);
  return `held     ${[...parts, ...(together === null ? [] : [`together ${together}`])].join('  ')}`;
}

function rows(report: Report, columns: number, frames: boolean): string[] {
  if (report.stacks.length === 0) return ['Nothing held passes the selection.'];
  const unit = rateUnitOf(report.durationNs);
  const lines = [headText(unit, report)];
  for (const [i, stack] of report.stacks.entries()) {
    lines.push(cutToWidth(rowText(stack, unit), columns));
    const facts = factTexts(stack, report);
    if (facts.length > 0) lines.push(cutToWidth(`      ${safeText(facts.join('  '))}`, columns));
    if (i < OPENED || frames) lines.push(...pathLines(stack, columns, frames));
  }
  return lines;
}

function headText(unit: RateUnit, { source }: Report): string {
  const memory = padText(memoryColumn(source.allocators), 11);
  return `  #     HELD ${padTextLeft(`GROWTH/${unit.name}`, 10)} STATE      ${memory} ${padText('WHO', WHO)} WHAT`;
}

function rowText(stack: ReportStack, { hours }: RateUnit): string {
  const { rank, verdict, growth, holder, category, estimate, bytes } = stack;
  const held = `${isBound(stack) ? '≤' : ''}${formatBytes(estimate?.bytes ?? bytes)}`;
  const pace = isRising(verdict) && growth !== null ? formatSignedBytes(growth.bytesPerHour * hours) : '-';
  return [
    padTextLeft(String(rank), 3),
    padTextLeft(held, 8),
    padTextLeft(pace, 10),
    padText(safeText(stateText(stack)), 10),
    padText(safeText(meminfoLine(category)), 11),
    padText(safeText(whoText(holder, WHO)), WHO),
    safeText(whatText(stack)),
  ].join(' ');
}

/** What a row must say beside its columns. */
function factTexts(stack: ReportStack, { durationNs }: Report): string[] {
  const { note, watched, reliability, evidence } = stack;
  const belongs = belongsText(stack);
  return [
    ...rowEstimate(stack),
    ...rangeTexts(stack),
    // STATE says it of memory from before.
    ...(stack.baseline ? [] : rowMeaning(stack, durationNs)),
    ...(watched === null ? [] : [`watched: ${watched}`]),
    ...(belongs === null ? [] : [belongs]),
    ...(note === null ? [] : [note]),
    ...cgroupFact(stack),
    ...(reliability === 'unreliable' ? [`doubtful: ${evidence.reason}`] : []),
  ];
}

/** The cgroup that nearly all of it is in. */
function cgroupFact(stack: ReportStack): string[] {
  const cgroup = cgroupOf(stack);
  return cgroup === null ? [] : [`in ${cgroupText(cgroup)}`];
}

function pathLines({ merged, bytes, ...stack }: ReportStack, columns: number, frames: boolean): string[] {
  const paths: readonly FindingPath[] = merged?.paths ?? [{ ...stack, bytes }];
  const shown = paths.slice(0, frames ? paths.length : PATHS);
  const lines = shown.flatMap((path) => {
    const unit = countedIn(path.allocator).slice(0, -1);
    const count = `${formatCount(path.count)} ${unit}${path.count === 1 ? '' : 's'}`;
    const head = `      ${padTextLeft(formatBytes(path.bytes), 8)} ${padTextLeft(count, 13)}    `;
    if (!frames) return [cutToWidth(`${head}${pathText(path)}`, columns)];
    return [head.trimEnd(), ...path.frames.map((frame) => cutToWidth(`        ${frameText(frame)}`, columns))];
  });
  const rest = (merged?.stacks ?? 1) - shown.length;
  if (rest > 0) {
    const restBytes = bytes - shown.reduce((sum, path) => sum + path.bytes, 0);
    lines.push(
      `      … ${formatCount(rest)} more call path${rest === 1 ? '' : 's'} made with it, ${formatBytes(restBytes)}`,
    );
  }
  const reading = merged === null ? null : readingLine({ ...stack, merged, bytes });
  const freed = freedLines({ ...stack, merged, bytes }, frames).map(safeText);
  return [...lines, ...(reading === null ? [] : [reading]), ...freed].map((line) =>
    cutToWidth(line.startsWith('      ') ? line : `      ${line}`, columns),
  );
}

function pathText({ frames, firstFrame, interruptedFrom }: FindingPath): string {
  const names = frames.slice(firstFrame, interruptedFrom ?? frames.length).map(({ symbol }) => safeText(symbol));
  if (interruptedFrom !== null) names.push('[interrupt]');
  return names.length === 0 ? '[no call path]' : names.join(' < ');
}

/** The rest of the ranking, and all doubts. */
function below(report: Report): string[] {
  const { matching, stacks, self, selection, source, losses } = report;
  const lines: string[] = [];
  const rest = matching.rows - stacks.length;
  if (rest > 0) {
    const bytes = Math.max(0, matching.bytes - stacks.reduce((sum, stack) => sum + stack.bytes, 0));
    lines.push(`${formatCount(rest)} more ${rest === 1 ? 'row holds' : 'rows hold'} ${formatBytes(bytes)}.`);
  }
  if (self.bytes > 0 && !selection.includeSelf) lines.push(`unfreed's own ${formatBytes(self.bytes)} are left out.`);
  const causes = lossCauses(losses);
  lines.push(
    `${lossSentence(report)}${causes.length === 0 ? '' : ` (${causes.join(', ')})`}`,
    ...reconciliationLines(report).map((line) => `kernel: ${line}`),
  );
  lines.push(...unnamedLines(losses), ...ruleLines(report), ...source.notes.map((note) => `note: ${note}`));
  lines.push(orderLine(report));
  return lines;
}
