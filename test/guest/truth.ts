/** Reads a module's truth: the lines `GT MODULE final fn=F kind=K ...` of its log (modules/truth.h). */
import type { KernelAllocator } from '../../src/event/kinds.js';

export interface Truth {
  module: string;
  fn: string;
  kind: KernelAllocator;
  /** Pages for page and vmalloc, objects for slab and percpu; the same for `frees` and `liveCount`. */
  allocs: number;
  frees: number;
  liveBytes: number;
  liveCount: number;
}

const FINAL =
  /GT (\w+) final fn=(\w+) kind=(page|slab|percpu|vmalloc) allocs=(\d+) frees=(\d+) live_bytes=(\d+) live_count=(\d+)/g;

export function parseTruth(log: string): Truth[] {
  return [...log.matchAll(FINAL)].map(([, module, fn, kind, allocs, frees, liveBytes, liveCount]) => ({
    module,
    fn,
    kind: kind as KernelAllocator,
    allocs: Number(allocs),
    frees: Number(frees),
    liveBytes: Number(liveBytes),
    liveCount: Number(liveCount),
  }));
}
