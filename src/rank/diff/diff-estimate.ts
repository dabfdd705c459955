/** Estimates of differences for all addresses where only a sample was traced, on one side or on both. */
import type { DiffEstimate, HeldEstimate } from '../report/diff-report.js';
import type { ReportStack } from '../report/report-rows.js';

/** Memory held on one side: exactly `bytes` where there is no estimate. */
export interface Held {
  bytes: number;
  estimate: HeldEstimate | null;
}

/**
 * The estimate of a sum of call paths; null if none has one. The ends of the intervals are added,
 * which may make the sum's interval too wide, never too narrow.
 */
export function sumEstimate(stacks: readonly ReportStack[]): HeldEstimate | null {
  const sum = { bytes: 0, lowBytes: 0, highBytes: 0 };
  for (const stack of stacks) {
    sum.bytes += stack.estimate?.bytes ?? stack.bytes;
    sum.lowBytes += stack.estimate?.lowBytes ?? stack.bytes;
    sum.highBytes += stack.estimate?.highBytes ?? stack.bytes;
  }
  return stacks.some((stack) => stack.estimate !== null) ? sum : null;
}

/** Returns null if neither side has an estimate. */
export function differenceEstimate(before: Held, after: Held): DiffEstimate | null {
  if (before.estimate === null && after.estimate === null) return null;
  const [a, b] = [before, after].map(({ bytes, estimate }) => estimate ?? { bytes, lowBytes: bytes, highBytes: bytes });
  return {
    differenceBytes: b.bytes - a.bytes,
    lowBytes: b.lowBytes - a.highBytes,
    highBytes: b.highBytes - a.lowBytes,
  };
}
