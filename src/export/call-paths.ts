/** Call paths as graphs and profiles draw them. */
import { safeText } from '../base/safe-text.js';
import type { ReportFrame, ReportStack } from '../rank/report.js';

/** Stands for the machinery of an interrupt and all that it interrupted: that has nothing to do with the memory. */
export const INTERRUPT = '[interrupt]';

/** `symbol`, or `symbol [module]`; safe to print. */
export function frameName(frame: ReportFrame): string {
  return safeText(frame.module === null ? frame.symbol : `${frame.symbol} [${frame.module}]`);
}

/** The frames that the memory was taken in, leaf first: all, or those of the interrupt's own work. */
export function ownFrames(stack: ReportStack): ReportFrame[] {
  return stack.interruptedFrom === null ? stack.frames : stack.frames.slice(0, stack.interruptedFrom);
}

/** What stands where a call path has no frames. */
export function noStackName(stack: ReportStack): string {
  return `[no stack ${stack.allocator}]`;
}

/** Names root first, an interrupt and what it interrupted as one; never empty. */
export function namesRootFirst(stack: ReportStack): string[] {
  const names = ownFrames(stack).map(frameName).toReversed();
  if (stack.interruptedFrom !== null) names.unshift(INTERRUPT);
  return names.length === 0 ? [noStackName(stack)] : names;
}
