import type { StackTable } from '../../event/stack-table.js';
import type { SymbolTable } from '../../symbols/symbol-table.js';
import type { ReportFrame } from '../report/report.js';

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

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
