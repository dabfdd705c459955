/** Call paths as graphs and profiles draw them. */
import { safeText } from '../base/safe-text.js';
import type { ReportFrame, ReportStack } from '../rank/report.js';

/** What is drawn of a row of a report, or of a diff. */
export type CallPath = Pick<ReportStack, 'allocator' | 'frames' | 'interruptedFrom'>;

/** Stands for the machinery of an interrupt and all that it interrupted: that has nothing to do with the memory. */
export const INTERRUPT = '[interrupt]';

/** `symbol`, or `symbol [module]`; safe to print. */
export function frameName(frame: ReportFrame): string {
  return safeText(frame.module === null ? frame.symbol : `${frame.symbol} [${frame.module}]`);
}

/** The frames that the memory was taken in, leaf first: all, or those of the interrupt's own work. */
export function ownFrames(stack: CallPath): ReportFrame[] {
  return stack.interruptedFrom === null ? stack.frames : stack.frames.slice(0, stack.interruptedFrom);
}

/** What stands where a call path has no frames. */
export function noStackName(stack: CallPath): string {
  return `[no stack ${stack.allocator}]`;
}

/** Names root first, an interrupt and what it interrupted as one; never empty. */
export function namesRootFirst(stack: CallPath): string[] {
  const names = ownFrames(stack).map(frameName).toReversed();
  if (stack.interruptedFrom !== null) names.unshift(INTERRUPT);
  return names.length === 0 ? [noStackName(stack)] : names;
}
