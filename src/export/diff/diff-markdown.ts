/**
 * A diff as Markdown for a bug report; names from the traced machines are in fenced blocks only, as
 * in markdown.ts.
 */

import { formatBytes, formatSignedBytes } from '../../base/format.js';
import { joined, separated } from '../../base/pieces.js';
import { safeText } from '../../base/safe-text.js';
import { countedIn } from '../../event/kinds.js';
import type { DiffReport, DiffStack } from '../../rank/report/diff-report.js';
import { growthLines } from '../census/census-lines.js';
import { answerLines } from '../parts/answer-text.js';
import { fenced } from '../parts/markup.js';
import { memoryTitle } from '../parts/meaning-text.js';
import { stackFrameLines } from './diff-rows.js';
import {
  diffSummary,
  estimateTexts,
  perHourText,
  signedCount,
  stateWords,
  titleLine,
  whoText,
} from './diff-summary.js';
import { diffCgroupLines, diffProcessLines, diffTotalLines } from './diff-text.js';

export function encodeDiffMarkdown(diff: DiffReport): string {
  return joined(diffMarkdownPieces(diff));
}

/** The same, block by block. */
export function diffMarkdownPieces(diff: DiffReport): Generator<string> {
  return separated(blocksOf(diff), '\n\n', '\n');
}

function* blocksOf(diff: DiffReport): Generator<string> {
  yield `## ${memoryTitle(diff.after)}: what grew`;
  yield fenced([titleLine(diff), ...answerLines(diff, ANSWER_COLUMNS)]);
  yield* [fenced(diffTotalLines(diff)), fenced(diffSummary(diff))];
  if (diff.before.anomalies.lostEvents > 0 || diff.after.anomalies.lostEvents > 0) {
    yield '**Events were lost**: what looks held may have been freed by an event that was not seen.';
  }
  if (diff.stacks.length === 0) yield 'No call path that passes the selection has changed.';
  for (const stack of diff.stacks) yield* [heading(stack), fenced(stackLines(stack).map(safeText))];
  if (diff.processes.length > 0) yield* ['### Processes', fenced(diffProcessLines(diff, PROCESSES))];
  const cgroups = diffCgroupLines(diff, PROCESSES);
  if (cgroups.length > 0) yield* ['### Cgroups', fenced(cgroups)];
  if (diff.census !== null) yield* ['### Every page (census)', fenced(growthLines(diff.census).map(safeText))];
}

const PROCESSES = 20;
const ANSWER_COLUMNS = 100;

function heading(stack: DiffStack): string {
  const unit = countedIn(stack.allocator);
  const parts = [
    `${stack.change} ${formatSignedBytes(stack.differenceBytes)}`,
    `${signedCount(stack.differenceCount)} ${unit}`,
    stack.allocator,
  ];
  if (stack.category !== null && stack.category !== stack.allocator) parts.push(stack.category);
  return safeText(`### ${stack.rank}. ${[...parts, ...stateWords(stack)].join(', ')}`);
}

function stackLines(stack: DiffStack): string[] {
  const { before, after, note } = stack;
  return [
    `before ${formatBytes(before?.bytes ?? 0)}, after ${formatBytes(after?.bytes ?? 0)}, ${perHourText(stack.bytesPerHour)}`,
    ...estimateTexts(stack.estimate),
    `by ${whoText(stack)}`,
    ...(note === null ? [] : [`note: ${note}`]),
    '',
    ...stackFrameLines(stack),
  ];
}
