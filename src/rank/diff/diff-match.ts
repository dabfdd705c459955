/**
 * Which call paths of two traces are the same one. Addresses say nothing: the kernel is loaded elsewhere at each boot
 * (KASLR), and modules always are.
 */

import { bareName } from '../names/plumbing.js';
import type { MatchedBy } from '../report/diff-report.js';
import type { Report, ReportFrame, ReportStack } from '../report/report.js';

/** Stands for a frame without a name: it matches any other without one. */
const UNNAMED = '?';

/** What a call path is known by. */
export function stackKey(stack: ReportStack, by: MatchedBy): string {
  if (by === 'stack') return String(stack.stackId);
  const end = stack.interruptedFrom ?? stack.frames.length;
  const frames = stack.frames.slice(0, end);
  // A path without a single name would be like any other of its depth: its addresses tell at least within one boot.
  const named = frames.some((frame) => !isUnnamed(frame));
  const keys = frames.map((frame) => (named ? frameKey(frame, by) : frame.address));
  // NUL and LF are in no name that the kernel gives.
  return [stack.allocator, stack.interruptedFrom === null ? '' : 'interrupt', ...keys].join('\n');
}

function frameKey(frame: ReportFrame, by: MatchedBy): string {
  if (isUnnamed(frame)) return UNNAMED;
  const module = frame.module ?? '';
  if (by === 'symbol') return `${bareName(frame.symbol)}\0${module}`;
  return `${frame.symbol}\0${frame.offset}\0${module}`;
}

function isUnnamed(frame: ReportFrame): boolean {
  return frame.symbol === frame.address;
}

/**
 * Offsets hold for one build of the kernel. Releases that differ are other builds; of the same release, offsets decide:
 * where most functions are found at other offsets, the builds differ too. So they do where a release is not known.
 */
export function matchingOf(before: Report, after: Report): { by: MatchedBy; reason: string | null } {
  const [a, b] = [before.source, after.source];
  if (differ(a.arch, b.arch) || differ(a.kernel, b.kernel)) {
    return { by: 'symbol', reason: 'the kernels differ: call paths are matched by function names, without offsets' };
  }
  const bySymbol = common(before, after, 'symbol');
  const byOffset = common(before, after, 'symbol+offset');
  if (byOffset * 2 >= bySymbol) return { by: 'symbol+offset', reason: null };
  return {
    by: 'symbol',
    reason: 'most functions are at other offsets, as in another build: call paths are matched without offsets',
  };
}

/** Of two names, '' = not known, which differs from nothing. */
export function differ(a: string, b: string): boolean {
  return a !== '' && b !== '' && a !== b;
}

/** How many call paths both have. */
function common(before: Report, after: Report, by: MatchedBy): number {
  const known = new Set(before.stacks.map((stack) => stackKey(stack, by)));
  const found = new Set(after.stacks.map((stack) => stackKey(stack, by)).filter((key) => known.has(key)));
  return found.size;
}
