/**
 * Folded stacks, for flamegraph.pl, speedscope, inferno and pyroscope: one line a call path, root first, frames divided
 * by ';', then a blank and the outstanding bytes. https://github.com/brendangregg/FlameGraph#2-fold-stacks
 */
import type { Report, ReportFrame, ReportStack } from '../rank/report.js';
import { INTERRUPT, noStackName, ownFrames } from './call-paths.js';

/** Lines in the order of the ranking; call paths that differ only in offsets, or in what they interrupted, are one. */
export function encodeFolded(report: Report): string {
  const bytesOfPath = new Map<string, number>();
  for (const stack of report.stacks) {
    if (stack.bytes === 0) continue;
    const path = foldedPath(stack);
    bytesOfPath.set(path, (bytesOfPath.get(path) ?? 0) + stack.bytes);
  }
  let text = '';
  for (const [path, bytes] of bytesOfPath) text += `${path} ${bytes}\n`;
  return text;
}

function foldedPath(stack: ReportStack): string {
  const names = ownFrames(stack).map(foldedFrame).toReversed();
  if (stack.interruptedFrom !== null) names.unshift(INTERRUPT);
  return names.length === 0 ? noStackName(stack) : names.join(';');
}

/** ';' and line ends are the format's own and cannot stand in a name; other control characters are untrusted text. */
function foldedFrame(frame: ReportFrame): string {
  const name = frame.module === null ? frame.symbol : `${frame.symbol}_[${frame.module}]`;
  return name.replaceAll(/[;\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '_');
}
