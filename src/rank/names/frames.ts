import type { StackTable } from '../../event/tables/stack-table.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import type { ReportFrame } from '../report/report-rows.js';
import type { CallPathFacts } from './call-path-facts.js';
import { shownIndex } from './tracing-frames.js';

/** Stands for the core kernel where a module is named. */
export const CORE_KERNEL = 'kernel';

/** `0x` and 16 hex digits. */
export function addressText(hi: number, lo: number): string {
  return `0x${hex32(hi)}${hex32(lo)}`;
}

/** The frames of a call path, leaf first. A frame without a symbol has its address as its name. */
export function framesOf(stacks: StackTable, symbols: SymbolTable, stackId: number): ReportFrame[] {
  const frames: ReportFrame[] = [];
  const depth = stacks.depth(stackId);
  for (let i = 0; i < depth; i++) {
    const frameId = stacks.frameId(stackId, i);
    const hi = stacks.frames.hi[frameId];
    const lo = stacks.frames.lo[frameId];
    const address = addressText(hi, lo);
    const found = symbols.find(hi, lo);
    frames.push({
      symbol: found?.symbol ?? address,
      offset: found?.offset ?? 0,
      module: found?.module ?? null,
      address,
    });
  }
  return frames;
}

/** A call path as reports show it: without the trampolines of tracing, to whose frames the indices refer. */
export interface ShownPath {
  frames: ReportFrame[];
  firstFrame: number;
  interruptedFrom: number | null;
}

export function shownPath(
  { stacks, symbols, facts }: { stacks: StackTable; symbols: SymbolTable; facts: CallPathFacts },
  stackId: number,
): ShownPath {
  const hidden = facts.hiddenFrames(stackId);
  const interrupted = facts.interruptedFrom(stackId);
  const all = framesOf(stacks, symbols, stackId);
  return {
    frames: hidden.length === 0 ? all : all.filter((_, position) => !hidden.includes(position)),
    firstFrame: shownIndex(facts.firstFrame(stackId), hidden),
    interruptedFrom: interrupted === null ? null : shownIndex(interrupted, hidden),
  };
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
