/**
 * Folded stacks, for flamegraph.pl, speedscope, inferno and pyroscope: one line a call path, root first, frames divided
 * by ';', then a blank and the outstanding bytes. https://github.com/brendangregg/FlameGraph#2-fold-stacks
 */
import type { Report, ReportFrame } from '../rank/report.js';
import { type CallPath, INTERRUPT, noStackName, ownFrames } from './call-paths.js';
import { seenLine } from './sample-text.js';
import { lossLine } from './summary.js';

/**
 * Lines in the order of the ranking; call paths that differ only in offsets, or in what they interrupted, are one. A
 * verdict is one more frame at the leaf, such as '[growing]'. Where events were lost, or only a sample was traced, a line
 * of no bytes says so: the format has no comments, and no reader stumbles over a count of 0.
 */
export function encodeFolded(report: Report): string {
  const bytesOfPath = new Map<string, number>();
  for (const stack of report.stacks) {
    if (stack.bytes === 0) continue;
    const path = foldedPath(stack, stack.verdict);
    bytesOfPath.set(path, (bytesOfPath.get(path) ?? 0) + stack.bytes);
  }
  let text = '';
  for (const [path, bytes] of bytesOfPath) text += `${path} ${bytes}\n`;
  if (report.anomalies.lostEvents > 0) text += `[${lossLine(report)}] 0\n`;
  const seen = seenLine(report);
  return seen === null ? text : `${text}[${seen}] 0\n`;
}

/** Root first; `state` is what is said of it at the leaf, null = nothing. */
export function foldedPath(stack: CallPath, state: string | null): string {
  const names = ownFrames(stack).map(foldedFrame).toReversed();
  if (stack.interruptedFrom !== null) names.unshift(INTERRUPT);
  if (names.length === 0) names.push(noStackName(stack));
  if (state !== null) names.push(`[${state}]`);
  return names.join(';');
}

/** ';' and line ends are the format's own and cannot stand in a name; other control characters are untrusted text. */
function foldedFrame(frame: ReportFrame): string {
  const name = frame.module === null ? frame.symbol : `${frame.symbol}_[${frame.module}]`;
  return name.replaceAll(/[;\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '_');
}
