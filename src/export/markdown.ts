/**
 * Markdown for a bug report (GitHub's: https://github.github.com/gfm/): machine, losses and totals,
 * then call paths with all frames, after the conclusions. Names from the traced machine are in fenced blocks only, where
 * they cannot become markup, a mention or a link; headings contain numbers and our own words.
 */
import { formatBytes, formatCount, formatDuration, formatShare, rateUnitOf } from '../base/format.js';
import { joined, separated } from '../base/pieces.js';
import { safeText } from '../base/safe-text.js';
import { processLines } from '../rank/answer/process-lines.js';
import { cgroupText } from '../rank/answer/words.js';
import { isOfProcesses, isProcessAllocator } from '../rank/report/category.js';
import type { Report } from '../rank/report/report.js';
import { isAgeKnown, isRising, type ReportFrame, type ReportStack } from '../rank/report/report-rows.js';
import { belongsText } from '../rank/report/row-names.js';
import { growthText } from '../rank/verdict/verdict-reasons.js';
import { censusMarkdown } from './census/census-markdown.js';
import { markLines } from './events/marks-lines.js';
import { answerLines } from './parts/answer-text.js';
import { limitLines } from './parts/limits-text.js';
import { fenced } from './parts/markup.js';
import { meaningTitle, memoryTitle, rowMeaning } from './parts/meaning-text.js';
import { countText, freedLines, labelText, moreText, othersText, rangeTexts } from './parts/rows-text.js';
import { estimateText, scaleOf } from './parts/sample-text.js';
import { summaryLines } from './parts/summary.js';

/** Sentences are wrapped here: code blocks do not wrap. */
const ANSWER_COLUMNS = 100;
/** Gauges, if no more are near their limit. */
const LIMITS_NAMED = 5;
/** Events in the report. */
const EVENTS_NAMED = 12;
/** The most caches that a path stores; a row of several paths may have more. */
const CACHES_NAMED = 16;

export function encodeMarkdown(report: Report): string {
  return joined(markdownPieces(report));
}

/** The same, block by block. */
export function markdownPieces(report: Report): Generator<string> {
  return separated(blocksOf(report), '\n\n', '\n');
}

function* blocksOf(report: Report): Generator<string> {
  const { group } = report.selection;
  const by = group === 'stack' || group === 'path' ? 'call path' : group;
  yield `## ${memoryTitle(report)} ${meaningTitle(report)}, by ${by}`;
  const answer = answerLines(report, ANSWER_COLUMNS);
  if (answer.length > 0) yield fenced(answer);
  yield fenced(summaryLines(report));
  const processes = processLines(report, ANSWER_COLUMNS);
  if (processes.length > 0) yield fenced(processes);
  if (report.limits !== null && !isOfProcesses(report.source.allocators))
    yield fenced(limitLines(report.limits, LIMITS_NAMED));
  const events = markLines(report, EVENTS_NAMED);
  if (events.length > 0) yield fenced(events);
  if (report.anomalies.lostEvents > 0) {
    yield '**Events were lost**: what looks held may have been freed by an event that was not seen.';
  }
  if (report.stacks.length === 0) yield 'Nothing outstanding passes the selection.';
  for (const stack of report.stacks) yield* [heading(stack, report), fenced(stackLines(stack, report))];
  const more = moreText(report);
  if (more !== null) yield more;
  if (report.census !== null) yield censusMarkdown(report.census).trimEnd();
  yield '*Outstanding*: allocated since the trace began, and no free seen. It is a leak only if it keeps growing while the ' +
    'work that caused it has come and gone.';
}

function heading(stack: ReportStack, report: Report): string {
  const parts = [
    `${stack.estimate === null ? '' : `some ${estimateText(stack.estimate)}, seen `}${formatBytes(stack.bytes)} ` +
      `(${formatShare(stack.bytes, report.matching.bytes)})`,
    countText(stack),
    (stack.merged?.allocators ?? [stack.allocator]).join(' + '),
  ];
  if (stack.category !== null && stack.category !== stack.allocator) parts.push(stack.category);
  parts.push(...rowMeaning(stack, report.durationNs));
  if (stack.verdict !== null) parts.push(stack.verdict);
  return safeText(`### ${stack.rank}. ${parts.join(', ')}`);
}

function stackLines(stack: ReportStack, report: Report): string[] {
  const who = stack.comms.slice(0, 5).map((share) => `${share.comm} ${formatBytes(share.bytes)}`);
  if (stack.comms.length > 5) who.push(`${formatCount(stack.comms.length - 5)} more`);
  const label = labelText(stack, report);
  const lines = [
    ...(label === null ? [] : [label]),
    `growth ${rateText(stack, report)}, ${ageText(stack)}`,
    `allocated ${formatCount(stack.allocCount)} (${formatBytes(stack.allocBytes)}), freed ${formatCount(stack.freeCount)}, ` +
      `missed frees ${formatCount(stack.missedFrees)}; ${isProcessAllocator(stack.allocator) ? 'event' : 'tracepoint'} ${stack.kind}`,
    ...verdictLines(stack),
    ...(rangeTexts(stack).length === 0 ? [] : [rangeTexts(stack).join(', ')]),
    `${stack.reliability}: ${stack.evidence.reason}`,
    ...(stack.lostFreeBytes > 0 ? [`up to ${formatBytes(stack.lostFreeBytes)} may be lost frees`] : []),
    `by ${who.join(', ')}`,
    ...cgroupLines(stack),
  ];
  if (stack.caches.length > 0) {
    const more = stack.caches.length > CACHES_NAMED ? [`${formatCount(stack.caches.length - CACHES_NAMED)} more`] : [];
    lines.push(`from ${[...stack.caches.slice(0, CACHES_NAMED), ...more].join(', ')}`);
  }
  if (stack.note !== null) lines.push(`note: ${stack.note}`);
  if (stack.watched !== null) lines.push(`watched: ${stack.watched}`);
  const belongs = belongsText(stack);
  if (belongs !== null) lines.push(belongs);
  const frames = stack.frames.map(frameLine);
  if (stack.interruptedFrom !== null) frames.splice(stack.interruptedFrom, 0, '  --- in an interrupt of:');
  if (frames.length === 0) frames.push('  [no stack]');
  const others = othersText(stack);
  if (others !== null) frames.push(others);
  const freed = freedLines(stack, true);
  if (freed.length > 0) frames.push('', ...freed);
  return [...lines, '', ...frames].map(safeText);
}

/** The cgroups that hold most of a row. */
function cgroupLines({ cgroups }: ReportStack): string[] {
  if (cgroups.length === 0) return [];
  const most = cgroups.slice(0, 5).map((share) => `${cgroupText(share)} ${formatBytes(share.bytes)}`);
  if (cgroups.length > 5) most.push(`${formatCount(cgroups.length - 5)} more`);
  return [`in ${most.join(', ')}`];
}

/** Returns the rate of a row that rises, else '-'. */
function rateText(stack: ReportStack, { durationNs }: Report): string {
  const { verdict, growth } = stack;
  return isRising(verdict) && growth !== null ? growthText(growth, rateUnitOf(durationNs), scaleOf(stack)) : '-';
}

/** Returns the reason of a verdict; an unreliable row shows the reason of its reliability instead. */
function verdictLines({ verdict, verdictReason }: ReportStack): string[] {
  return verdict === null || verdict === 'unreliable' || verdictReason === null ? [] : [`${verdict}: ${verdictReason}`];
}

function frameLine(frame: ReportFrame): string {
  const module = frame.module === null ? '' : ` [${frame.module}]`;
  return `  ${frame.address} ${frame.symbol}+0x${frame.offset.toString(16)}${module}`;
}

function ageText(stack: ReportStack): string {
  if (!isAgeKnown(stack)) return 'ages not known';
  return `median age ${formatDuration(stack.medianAgeNs)}, oldest ${formatDuration(stack.oldestAgeNs)}`;
}
