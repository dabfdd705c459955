/** Compares a module's truth with what unfreed measured, function by function. */
import type { HostFacts } from '../../src/event/host-facts.js';
import { findHole, type Hole } from './holes.js';
import type { GuestTrace, Measured } from './measured.js';
import type { Truth } from './truth.js';

/**
 * `exact`: every number, to the byte. `within losses`: wrong by no more events than the collector
 * counted as lost (a free in an interrupt that came while the same program ran). The others are
 * unexpected unless a hole is listed.
 */
export type Answer = 'exact' | 'within losses' | 'allocs unseen' | 'frees unseen' | 'wrong';

export interface Row {
  series: string;
  truth: Truth;
  /** The truth in the units of the tracepoints, see tracedTruth(). */
  traced: Truth;
  measured: Measured;
  answer: Answer;
  hole: Hole | null;
  expected: boolean;
  note: string;
}

export function compareFunction(truth: Truth, trace: GuestTrace, series: string): Row {
  const { traced, note } = tracedTruth(truth, trace.facts);
  const measured = trace.through(truth.kind, truth.module, truth.fn);
  const hole = traced.allocs === 0 ? null : findHole(truth, series, trace.facts.hooks);
  const answer = answerOf(traced, measured, trace.lostEvents(truth.kind) * (UNITS_PER_EVENT[truth.module] ?? 1));
  const expected = hole === null ? answer === 'exact' || answer === 'within losses' : answer === hole.shape;
  return { series, truth, traced, measured, answer, hole, expected, note };
}

/**
 * Units that one skipped hook may cost at most: an array of objects (BATCH in uf_bulk.c), the pages
 * that vmalloc() asks for at once (uf_area.c), or the largest block of the others.
 */
const UNITS_PER_EVENT: Record<string, number> = { uf_bulk: 16, uf_area: 100, uf_pages: 16, uf_churn: 8, uf_moves: 4 };

function answerOf(truth: Truth, measured: Measured, lostEvents: number): Answer {
  const { allocs, frees, missedFrees, liveBytes, liveCount } = measured;
  const isExact =
    allocs === truth.allocs &&
    frees === truth.frees &&
    missedFrees === 0 &&
    liveBytes === truth.liveBytes &&
    liveCount === truth.liveCount;
  if (isExact) return 'exact';
  // A free whose alloc was lost does not count for this function: it is an orphan.
  const unseen = Math.max(truth.allocs - allocs, truth.frees - frees);
  if (allocs <= truth.allocs && frees <= truth.frees && unseen <= lostEvents) return 'within losses';
  if (allocs < truth.allocs && liveCount <= truth.liveCount) return 'allocs unseen';
  if (allocs === truth.allocs && frees < truth.frees && liveCount >= truth.liveCount) return 'frees unseen';
  return 'wrong';
}

/** Pages of one area of a planted function. */
const AREA_PAGES: Record<string, number> = { ufa_vmalloc: 3, ufa_vzalloc: 150 };

/** Returns the truth as the kernel's events count it: they include memory that the module did not ask for. */
export function tracedTruth(truth: Truth, facts: HostFacts): { traced: Truth; note: string } {
  const areaPages = AREA_PAGES[truth.fn];
  if (truth.kind === 'vmalloc' && areaPages !== undefined) {
    const withGuard = (pages: number): number => (pages / areaPages) * (areaPages + 1);
    const liveCount = withGuard(truth.liveCount);
    const traced = {
      ...truth,
      allocs: withGuard(truth.allocs),
      frees: withGuard(truth.frees),
      liveCount,
      liveBytes: liveCount * facts.pageSize,
    };
    return { traced, note: 'an area has a guard page' };
  }
  return { traced: truth, note: '' };
}
