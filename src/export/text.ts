/**
 * The ranking as plain text: the output of `top`, and of commands without a terminal. Findings have a
 * table of their own (findings-text.ts). Of other groups there are two lines a
 * call path, more in narrow terminals: facts continue on the next line, and only a call path is cut
 * at `columns`. Every line is safe to print (names come from the traced machine).
 */

import { formatBytes, formatCount, formatDuration, rateUnitOf } from '../base/format.js';
import { cutToWidth, safeText } from '../base/safe-text.js';
import { wrapText } from '../base/wrap.js';
import { valuesOf } from '../event/kinds.js';
import { processLines } from '../rank/answer/process-lines.js';
import { cgroupOf, cgroupText } from '../rank/answer/words.js';
import type { Report } from '../rank/report/report.js';
import { isAgeKnown, isRising, type ReportStack } from '../rank/report/report-rows.js';
import { belongsText } from '../rank/report/row-names.js';
import { growthText } from '../rank/verdict/verdict-reasons.js';
import { censusLines } from './census/census-lines.js';
import { encodeFindings } from './findings-text.js';
import { answerLines } from './parts/answer-text.js';
import { gapLines } from './parts/gap-text.js';
import { lossCauses, unnamedLines } from './parts/losses-text.js';
import { heldBytesText, rowMeaning, togetherText } from './parts/meaning-text.js';
import {
  countText,
  frameText,
  freedLines,
  labelText,
  moreText,
  othersText,
  rangeTexts,
  ruleLines,
} from './parts/rows-text.js';
import { modeLines, rowEstimate, scaleOf } from './parts/sample-text.js';
import { kernelText, madeText, orderLine, reconciliationLines } from './parts/summary.js';

export interface TextOptions {
  /** Width in terminal cells, 40 or more. */
  columns: number;
  /** Lists all frames of each call path, one a line, with offset and module. */
  frames: boolean;
  /** The sentences alone. */
  quiet?: boolean;
}

export function encodeText(report: Report, options: TextOptions): string {
  const { columns } = options;
  if (report.selection.group === 'finding')
    return encodeFindings(report, { ...options, quiet: options.quiet ?? false });
  const answer = answerLines(report, columns);
  if (options.quiet === true) return `${answer.join('\n')}\n`;
  const lines = [...answer, ...headLines(report, columns).flatMap((line) => sentence(line, columns)), ''];
  if (report.stacks.length === 0) lines.push('Nothing outstanding passes the selection.');
  for (const stack of report.stacks) lines.push(...stackLines(stack, report, options));
  const more = moreText(report);
  if (more !== null) lines.push(...sentence(more, columns));
  lines.push(...ruleLines(report).flatMap((line) => sentence(line, columns)));
  if (report.census !== null) {
    const wrap = (text: string): string[] => wrapText(safeText(text), columns, { indent: ' '.repeat(9), gap: ' ' });
    lines.push(...censusLines(report.census).flatMap(wrap));
  }
  return `${lines.map(safeText).join('\n')}\n`;
}

function sentence(text: string, columns: number): string[] {
  return wrapText(text, columns, { indent: /^ */.exec(text)?.[0].padEnd(2) ?? '', gap: ' ' });
}

/** Indent of lines below the figures of a row. */
const INDENT = ' '.repeat(7);

function headLines(report: Report, columns: number): string[] {
  const { source, events, anomalies, outstanding } = report;
  const lines = [
    safeText(
      `${source.kind === 'live' ? 'this machine' : source.kind}${source.hostname === '' ? '' : ` ${source.hostname}`}` +
        `, ${kernelText({ ...source, arch: '' })}, ${madeText(report)}`,
    ),
    `events ${formatCount(events.total)}  ${lossText(report)}  orphan frees ${formatCount(anomalies.orphanFrees)}  ` +
      `missed frees ${formatCount(anomalies.missedFrees)}`,
  ];
  const held: string[] = [];
  for (const [name, total] of valuesOf(outstanding, source.allocators)) {
    const bound = total.lostFreeBytes > 0 ? ` (up to ${formatBytes(total.lostFreeBytes)} may be lost frees)` : '';
    held.push(`${name} ${heldBytesText(total)}${bound}`);
  }
  const together = togetherText(report);
  lines.push(`outstanding ${held.join('  ')}${together === null ? '' : `  together ${together}`}`);
  lines.push(...modeLines(report));
  if (report.self.bytes > 0 && !report.selection.includeSelf) {
    lines.push(`the tracer's own ${formatBytes(report.self.bytes)} are not ranked`);
  }
  lines.push(...processLines(report, columns));
  if (report.meminfo !== null) lines.push(...gapLines(report.meminfo).map((line) => `kernel  ${line}`));
  lines.push(...reconciliationLines(report).map((line) => `kernel  ${line}`), ...lossLines(report));
  lines.push(...unnamedLines(report.losses));
  for (const note of source.notes) lines.push(safeText(`note: ${note}`));
  lines.push(orderLine(report));
  return lines;
}

/** Returns in words how lost events may have changed the totals. */
function lossLines({ anomalies, outstanding, source }: Report): string[] {
  if (anomalies.lostEvents === 0) return [];
  let doubtful = 0;
  for (const [, { lostFreeBytes }] of valuesOf(outstanding, source.allocators)) doubtful += lostFreeBytes;
  const bound =
    doubtful === 0
      ? 'no frees were among them: nothing is shown as held that is not'
      : `up to ${formatBytes(doubtful)} of what is outstanding may have been freed`;
  return [`${formatCount(anomalies.lostEvents)} events were lost; ${bound}`];
}

/** 'lost 0', or the number, its share and the causes. */
function lossText(report: Report): string {
  const { lostEvents } = report.anomalies;
  if (lostEvents === 0) return 'lost 0';
  const share = (lostEvents / (lostEvents + report.events.total)) * 100;
  return `LOST ${formatCount(lostEvents)} (${share < 0.01 ? '<0.01' : share.toFixed(2)} %: ${lossCauses(report.losses).join(', ')})`;
}

/** The cgroup that nearly all of a row is in, unless the rows are cgroups. */
function cgroupFact(stack: ReportStack, { selection }: Report): string[] {
  const cgroup = selection.group === 'cgroup' ? null : cgroupOf(stack);
  return cgroup === null ? [] : [safeText(`in ${cgroupText(cgroup)}`)];
}

function stackLines(stack: ReportStack, report: Report, { columns, frames }: TextOptions): string[] {
  const freed = stack.allocCount === 0 ? 0 : Math.floor((stack.freeCount / stack.allocCount) * 100);
  const facts = [
    `${String(stack.rank).padStart(3)}  ${formatBytes(stack.estimate?.bytes ?? stack.bytes).padStart(9)}`,
    ...rowEstimate(stack),
    ...(stack.estimate === null ? [countText(stack)] : []),
    ...rangeTexts(stack),
    ...rowMeaning(stack, report.durationNs),
    ...verdictText(stack, report),
    ...(isAgeKnown(stack) ? [`median age ${formatDuration(stack.medianAgeNs)}`] : []),
    ...(stack.meaning === 'allocated' || stack.baseline ? [] : [`freed ${freed} %`]),
    ...(stack.missedFrees > 0 && stack.meaning !== 'allocated'
      ? [`missed frees ${formatCount(stack.missedFrees)}`]
      : []),
    ...(mayAllBeLost(stack) ? ['may be lost frees'] : []),
    ...(stack.reliability === 'plausible' || stack.verdict === stack.reliability ? [] : [stack.reliability]),
    ...(stack.category === null ? [] : [stack.category]),
    ...(stack.caches.length === 0 ? [] : [listText(stack.caches)]),
    listText(stack.comms.map((share) => share.comm)),
    ...cgroupFact(stack, report),
  ];
  const head = wrapText(facts.join('  '), columns, { indent: INDENT, gap: '  ' });
  const note = stack.note === null ? [] : [`note: ${stack.note}`];
  if (frames && stack.verdictReason !== null && stack.verdict !== 'unreliable') {
    note.push(`${stack.verdict}: ${stack.verdictReason}`);
  }
  if (stack.reliability === 'unreliable') note.push(`unreliable: ${stack.evidence.reason}`);
  if (stack.watched !== null) note.push(safeText(`watched: ${stack.watched}`));
  const belongs = belongsText(stack);
  if (belongs !== null) note.push(safeText(belongs));
  const label = labelText(stack, report);
  const others = othersText(stack);
  const below = (text: string): string[] => sentence(`${INDENT}${text}`, columns);
  const first = label === null ? head : [...head, ...below(label)];
  const last = others === null ? [] : below(others);
  const notes = note.flatMap(below);
  const cut = (text: string): string => cutToWidth(`${INDENT}${text}`, columns);
  const where = freedLines(stack, frames).map(safeText);
  if (frames) return [...first, ...notes, ...frameLines(stack).map(cut), ...last, ...where.map(cut), ''];
  const end = stack.interruptedFrom ?? stack.frames.length;
  const path = stack.frames.slice(stack.firstFrame, end).map((frame) => safeText(frame.symbol));
  if (stack.interruptedFrom !== null) path.push('[interrupt]');
  return [
    ...first,
    cut(path.length === 0 ? '[no stack]' : path.join(' < ')),
    ...last,
    ...notes,
    ...where.flatMap(below),
  ];
}

/** Returns the verdict, with the rate if the row rises; 'growth -' without a verdict. */
function verdictText(stack: ReportStack, { durationNs }: Report): string[] {
  const { verdict, growth } = stack;
  if (verdict === null) return stack.meaning === 'outstanding' ? ['growth -'] : [];
  if (!isRising(verdict) || growth === null) return [verdict];
  return [`${verdict} ${growthText(growth, rateUnitOf(durationNs), scaleOf(stack))}`];
}

/** Returns the first three names, and the number of the others. */
function listText(names: readonly string[]): string {
  return safeText(names.slice(0, 3).join(' ') + (names.length > 3 ? ` +${names.length - 3}` : ''));
}

/** Returns true if lost frees may account for half of the row or more. */
function mayAllBeLost(stack: ReportStack): boolean {
  return stack.lostFreeBytes > 0 && stack.lostFreeBytes * 2 >= stack.bytes && stack.reliability !== 'confirmed';
}

/** Returns all frames; a separate line marks the end of those that allocated the memory. */
function frameLines(stack: ReportStack): string[] {
  const lines = stack.frames.map(frameText);
  if (stack.interruptedFrom !== null) lines.splice(stack.interruptedFrom, 0, '--- in an interrupt of:');
  return lines;
}
