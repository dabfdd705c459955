/**
 * A diff as folded stacks with two counts a line, before and after: the output of difffolded.pl,
 * which flamegraph.pl draws in red and blue
 * (https://github.com/brendangregg/FlameGraph#differential-flame-graphs). Call paths that differ
 * only in offsets, or in what they interrupted, are one. Verdicts and losses are written as in
 * folded.ts.
 */
import { joined } from '../../base/pieces.js';
import type { DiffReport } from '../../rank/report/diff-report.js';
import { foldedPath } from '../folded.js';
import { lossLines } from './diff-summary.js';

export function encodeDiffFolded(diff: DiffReport): string {
  return joined(diffFoldedPieces(diff));
}

/** The same, line by line. */
export function* diffFoldedPieces(diff: DiffReport): Generator<string> {
  const bytesOfPath = new Map<string, [before: number, after: number]>();
  for (const stack of diff.stacks) {
    const { before, after } = stack;
    const path = foldedPath(stack, (after ?? before)?.verdict ?? null);
    const sums = bytesOfPath.get(path) ?? [0, 0];
    bytesOfPath.set(path, [sums[0] + (before?.bytes ?? 0), sums[1] + (after?.bytes ?? 0)]);
  }
  for (const [path, [before, after]] of bytesOfPath) yield `${path} ${before} ${after}\n`;
  for (const line of lossLines(diff)) yield `[${line.replaceAll(';', ',')}] 0 0\n`;
  if (diff.outstanding.page.estimate !== null) yield '[sampled, bytes are what was seen] 0 0\n';
}
