/** The names of a call path's frames, for graphs and profiles. */
import { safeText } from '../../base/safe-text.js';
import type { ReportFrame, ReportStack } from '../../rank/report/report-rows.js';

/** The part of a report's or a diff's row that is drawn. */
export type CallPath = Pick<ReportStack, 'allocator' | 'frames' | 'interruptedFrom'>;

/**
 * Stands for the frames of an interrupt's entry and of all that it interrupted: they have nothing
 * to do with the memory.
 */
export const INTERRUPT = '[interrupt]';

/** Returns `symbol`, or `symbol [module]`; safe to print. */
export function frameName(frame: ReportFrame): string {
  return safeText(frame.module === null ? frame.symbol : `${frame.symbol} [${frame.module}]`);
}

/**
 * Returns the frames that allocated the memory, leaf first: all, or in an interrupt those of its
 * own work.
 */
export function ownFrames(stack: CallPath): ReportFrame[] {
  return stack.interruptedFrom === null ? stack.frames : stack.frames.slice(0, stack.interruptedFrom);
}

/** Returns the name for a call path without frames. */
export function noStackName(stack: CallPath): string {
  return `[no stack ${stack.allocator}]`;
}

/** Returns the names root first, with an interrupt and what it interrupted as one; never empty. */
export function namesRootFirst(stack: CallPath): string[] {
  const names = ownFrames(stack).map(frameName).toReversed();
  if (stack.interruptedFrom !== null) names.unshift(INTERRUPT);
  return names.length === 0 ? [noStackName(stack)] : names;
}

/** 'growing', ...; 'before' for memory from before the trace; null without a verdict. A frame or label of its own. */
export function stateOf({ verdict, baseline }: Pick<ReportStack, 'verdict' | 'baseline'>): string | null {
  return verdict ?? (baseline ? 'before' : null);
}
