/**
 * Matches call paths of two traces. Addresses do not serve for this: the kernel is loaded at
 * another address at each boot (KASLR), and so are modules.
 */

import { bareName } from '../names/plumbing.js';
import type { MatchedBy } from '../report/diff-report.js';
import type { Report } from '../report/report.js';
import type { ReportFrame, ReportStack } from '../report/report-rows.js';

/** Key of a frame without a name, which matches any other frame without one. */
const UNNAMED = '?';

/** The text by which a call path is matched. */
export function stackKey(stack: ReportStack, by: MatchedBy): string {
  if (by === 'stack') return String(stack.stackId);
  const end = stack.interruptedFrom ?? stack.frames.length;
  const frames = stack.frames.slice(0, end);
  // A path without a single name would match any other of its depth. Its addresses at least
  // identify it within one boot.
  const named = frames.some((frame) => !isUnnamed(frame));
  const keys = frames.map((frame) => (named ? frameKey(frame, by) : frame.address));
  // No name of the kernel contains NUL or LF.
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
 * Decides whether offsets count in matching. They are valid for one build of the kernel. Different
 * releases are different builds. Within one release, or where a release is not known, the offsets
 * themselves decide: if most functions are at other offsets, the builds differ too.
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

/** True if two known names differ. '' = not known. */
export function differ(a: string, b: string): boolean {
  return a !== '' && b !== '' && a !== b;
}

/** Number of call paths that both reports have. */
function common(before: Report, after: Report, by: MatchedBy): number {
  const known = new Set(before.stacks.map((stack) => stackKey(stack, by)));
  const found = new Set(after.stacks.map((stack) => stackKey(stack, by)).filter((key) => known.has(key)));
  return found.size;
}
