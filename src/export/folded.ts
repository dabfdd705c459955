/**
 * Folded stacks, for flamegraph.pl, speedscope, inferno and pyroscope: one line a call path, root
 * first, frames separated by ';', then a blank and the outstanding bytes.
 * https://github.com/brendangregg/FlameGraph#2-fold-stacks
 */
import { replaceHidden } from '../base/hidden-characters.js';
import { joined } from '../base/pieces.js';
import type { Report } from '../rank/report/report.js';
import type { ReportFrame } from '../rank/report/report-rows.js';
import { type CallPath, INTERRUPT, noStackName, ownFrames, stateOf } from './parts/call-paths.js';
import { meaningTitle } from './parts/meaning-text.js';
import { seenLine } from './parts/sample-text.js';
import { lossLine } from './parts/summary.js';

/**
 * Returns the lines in the order of the ranking; call paths that differ only in offsets, or in what
 * they interrupted, are one. A verdict is one more frame at the leaf, such as '[growing]'. Lost
 * events, a sample, and frees that are missing are noted in a line of 0 bytes: the format has no comments, and every
 * reader accepts a count of 0.
 */
export function encodeFolded(report: Report): string {
  return joined(foldedPieces(report));
}

/** The same, line by line. */
export function* foldedPieces(report: Report): Generator<string> {
  const bytesOfPath = new Map<string, number>();
  for (const stack of report.stacks) {
    if (stack.bytes === 0) continue;
    const path = foldedPath(stack, stateOf(stack));
    bytesOfPath.set(path, (bytesOfPath.get(path) ?? 0) + stack.bytes);
  }
  for (const [path, bytes] of bytesOfPath) yield `${path} ${bytes}\n`;
  if (report.anomalies.lostEvents > 0) yield `[${lossLine(report)}] 0\n`;
  const meaning = meaningTitle(report);
  if (meaning !== 'outstanding') yield `[${meaning}] 0\n`;
  const seen = seenLine(report);
  if (seen !== null) yield `[${seen}] 0\n`;
}

/** Returns the frames root first; `state` is one more frame at the leaf, null = none. */
export function foldedPath(stack: CallPath, state: string | null): string {
  const names = ownFrames(stack).map(foldedFrame).toReversed();
  if (stack.interruptedFrom !== null) names.unshift(INTERRUPT);
  if (names.length === 0) names.push(noStackName(stack));
  if (state !== null) names.push(`[${foldedName(state)}]`);
  return names.join(';');
}

/**
 * ';' and line ends are syntax of the format and cannot be in a name; other hidden characters are
 * untrusted text.
 */
function foldedFrame(frame: ReportFrame): string {
  const name = frame.module === null ? frame.symbol : `${frame.symbol}_[${frame.module}]`;
  return foldedName(name);
}

function foldedName(name: string): string {
  return replaceHidden(name, '_').replaceAll(';', '_');
}
