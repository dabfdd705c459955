/** What scripts/loads/hold-maps.c says that it holds, and what a trace says of the same process. */
import { MAPPED, RESERVED } from '../../src/event/kinds.js';
import { processOf } from '../../src/pair/live-ranges.js';
import { PATH, SLOT_WORDS } from '../../src/pair/live-table.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import type { Pipeline } from '../../src/session/pipeline/pipeline.js';
import type { Truth } from './live.js';

const PAGE_BYTES = 4096;

/** A case of hold-maps. */
export interface HeldMaps {
  name: string;
  pid: number;
  truth: Truth[];
  /** VmSize of the process, bytes. */
  vmSize: number;
}

/** Bytes that call paths through the case's function hold, usable and reserved, and those of all mappings together. */
export interface MapsAnswer {
  name: string;
  held: number[];
  vmSize: number;
}

export function expectedMaps({ name, truth, vmSize }: HeldMaps): MapsAnswer {
  return { name, held: truth.map(({ bytes }) => bytes ?? -1), vmSize };
}

export function tracedMaps(pipeline: Pipeline, { name, pid, truth }: HeldMaps): MapsAnswer {
  const held = truth.map(({ allocator, symbol }) => {
    const { stacks } = pipeline.report({
      ...defaultSelection(1_000_000),
      pid,
      grep: symbol,
      allocators: [allocator === 'map' ? 'map' : 'reserved'],
      includeSelf: true,
    });
    return stacks.reduce((sum, { bytes }) => sum + bytes, 0);
  });
  return { name, held, vmSize: pagesOf(pipeline, pid) * PAGE_BYTES };
}

/** Pages of all mappings of the process with this pid that runs now, or ran at the end of the trace. */
function pagesOf({ core }: Pipeline, pid: number): number {
  const processes = core.processMemory.processes.all();
  const number = processes.findLast((each) => each.pid === pid && each.ended !== 'exec')?.number;
  let pages = 0;
  for (const allocator of [MAPPED, RESERVED]) {
    const table = core.tableOf(allocator);
    for (let slot = 0; slot < table.slots; slot++) {
      const at = slot * SLOT_WORDS;
      if (table.words[at + PATH] !== 0 && processOf(table.words, at) === number) pages += table.sizeAt(slot);
    }
  }
  return pages;
}
