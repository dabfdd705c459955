/**
 * Words for all exports that people read: what a row of the ranking is, what is not shown, what
 * rules hide.
 */
import { formatBytes, formatCount, formatDuration, formatShare } from '../../base/format.js';
import { safeText } from '../../base/safe-text.js';
import { countedIn } from '../../event/kinds.js';
import { freedBy, freeSentence } from '../../rank/answer/free-words.js';
import { goneSentence } from '../../rank/answer/gone-words.js';
import { groupLabel } from '../../rank/answer/words.js';
import { isProcessAllocator } from '../../rank/report/category.js';
import type { Report, SuppressedRule } from '../../rank/report/report.js';
import type { ReportFrame, ReportStack } from '../../rank/report/report-rows.js';

/** '1 page', '1,234 objects'; 'pages and objects' if a row has both. */
export function countText(stack: ReportStack): string {
  const allocators = stack.merged?.allocators ?? [stack.allocator];
  const units = [...new Set(allocators.map(countedIn))];
  if (units.length > 1) return `${formatCount(stack.count)} pages and objects`;
  return `${formatCount(stack.count)} ${stack.count === 1 ? units[0].slice(0, -1) : units[0]}`;
}

/** '60 ranges', 'RSS 240 KiB of 2.34 MiB': of what processes mapped; none of other memory. */
export function rangeTexts({ ranges, resident, bytes }: ReportStack): string[] {
  const texts = ranges === undefined ? [] : [`${formatCount(ranges)} range${ranges === 1 ? '' : 's'}`];
  if (resident === undefined) return texts;
  const of = resident.ofBytes === bytes ? '' : ` of ${formatBytes(resident.ofBytes)} looked at`;
  return [...texts, `RSS ${formatBytes(resident.bytes)}${of}`];
}

/** 'site anon_pipe_write+0x2ae'; null if the call path itself names the row. Safe to print. */
export function labelText(stack: ReportStack, { selection }: Report): string | null {
  if (stack.merged === null || selection.group === 'path') return null;
  return safeText(`${selection.group} ${groupLabel(stack, selection.group)}`);
}

/** 'and 48.0 KiB more from 3 other call paths'; null if the row is just the call path that is shown. */
export function othersText({ merged }: ReportStack): string | null {
  if (merged === null || merged.others.stacks === 0) return null;
  const { stacks, bytes } = merged.others;
  return `and ${formatBytes(bytes)} more from ${formatCount(stacks)} other call path${stacks === 1 ? '' : 's'}`;
}

/**
 * Who of its holders is gone, and where such memory is usually freed: a sentence each, and with `frames` each known call path of the frees. Empty where
 * nothing is known. Untrusted.
 */
export function freedLines({ allocator, typicalFree, gone }: ReportStack, frames: boolean): string[] {
  // Traced processes are listed, with when they ended.
  const ended = isProcessAllocator(allocator) ? null : goneSentence(gone);
  const lines = ended === null ? [] : [ended];
  if (typicalFree === null) return lines;
  lines.push(freeSentence(typicalFree));
  if (!frames) return lines;
  for (const path of typicalFree.sites) {
    const { medianNs } = path;
    const median = `median ${formatDuration(medianNs.from)} to ${formatDuration(medianNs.to)}`;
    lines.push(
      `${formatShare(path.share, 1)} of ${formatCount(typicalFree.samples)} frees seen, ${median}, by ${freedBy(path)}:`,
    );
    const end = path.interruptedFrom ?? path.frames.length;
    lines.push(...path.frames.slice(0, end).map((frame) => `  ${frameText(frame)}`));
  }
  return lines;
}

/** '… 12 more call paths, 3.10 MiB': what matches but is not shown; null if all is shown. */
export function moreText({ stacks, matching, selection }: Report): string | null {
  const more = matching.rows - stacks.length;
  if (more <= 0) return null;
  const shown = stacks.reduce((sum, stack) => sum + stack.bytes, 0);
  const what = selection.group === 'stack' ? 'more call path' : 'more row';
  return `… ${formatCount(more)} ${what}${more === 1 ? '' : 's'}, ${formatBytes(matching.bytes - shown)}`;
}

/**
 * Returns a line for all that the rules hide, and one for each rule that hides something; the same
 * for watched rules.
 */
export function ruleLines(report: Report): string[] {
  return [
    ...linesOf(report.suppressed, (rules) => `hidden by ${rules}`, 'hid'),
    ...linesOf(report.watched, (rules) => `watched by ${rules}, nothing else is ranked`, 'found'),
  ];
}

function linesOf(rules: readonly SuppressedRule[], head: (rules: string) => string, nothing: string): string[] {
  if (rules.length === 0) return [];
  const used = rules.filter((rule) => rule.stacks > 0);
  const sum = { stacks: 0, bytes: 0 };
  for (const rule of used) {
    sum.stacks += rule.stacks;
    sum.bytes += rule.bytes;
  }
  const idle = rules.length - used.length;
  const rest = idle === 0 ? '' : `; ${rulesText(idle)} ${nothing} nothing`;
  return [
    `${head(rulesText(used.length))}: ${heldText(sum)}${rest}`,
    ...used.map((rule) => safeText(`  ${heldText(rule)}: ${rule.pattern}  # ${rule.reason}`)),
  ];
}

function rulesText(count: number): string {
  return `${formatCount(count)} rule${count === 1 ? '' : 's'}`;
}

function heldText({ bytes, stacks }: { bytes: number; stacks: number }): string {
  return `${formatBytes(bytes)} in ${formatCount(stacks)} call path${stacks === 1 ? '' : 's'}`;
}

/** `symbol+0xoff [module]`. Safe to print. */
export function frameText(frame: ReportFrame): string {
  const module = frame.module === null ? '' : ` [${frame.module}]`;
  return safeText(`${frame.symbol}+0x${frame.offset.toString(16)}${module}`);
}
