/** Compares a report with the truth of a load, as exactly as each mode (modes.ts) allows. */
import { expect } from 'vitest';
import type { HostFacts } from '../../src/event/host-facts.js';
import { PAGE_SHIFT } from '../../src/event/sampling.js';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import type { Truth } from './live.js';
import type { Witness } from './witness.js';

/**
 * Functions in which the slab allocator allocates for itself: new slabs, their bookkeeping, sheaves
 * (6.18).
 */
const SLAB_OWN = /^(allocate_slab|new_slab|alloc_slab_obj_exts|refill_objects|.*sheaf.*|__pcs_.*)/;

export function isAllocatorsOwn(symbol: string): boolean {
  return SLAB_OWN.test(symbol);
}

/** The call paths of a kind through a function, of one process name. */
export function through(report: Report, kind: string, symbol: string, comm: string): ReportStack[] {
  return report.stacks.filter(
    (stack) =>
      stack.kind === kind &&
      stack.comms.some((share) => share.comm === comm) &&
      stack.category !== 'backing' &&
      !stack.frames.some((frame) => isAllocatorsOwn(frame.symbol)) &&
      stack.frames.some((frame) => frame.symbol === symbol || frame.symbol === `anon_${symbol}`),
  );
}

/** The number of pages or objects of that process name as seen, not scaled. */
export function countThrough(report: Report, kind: string, symbol: string, comm: string): number {
  let count = 0;
  for (const stack of through(report, kind, symbol, comm)) {
    count += stack.comms.find((share) => share.comm === comm)?.count ?? 0;
  }
  return count;
}

export interface HeldBy {
  comm: string;
  /** Facts of the trace under test: they say which addresses are in its sample. */
  facts: HostFacts;
  /** Null when every address is traced. */
  witness: Witness | null;
}

/**
 * Expects that the report shows what a load holds. Without sampling the counts must equal the
 * load's truth, to the page and object. With sampling they must equal the counts of a witness at
 * the addresses in the sample, again to the page and object and not within an interval; and the
 * truth must be within the estimate.
 */
export function expectHeld(report: Report, truth: Truth[], { comm, facts, witness }: HeldBy): void {
  for (const { kind, symbol, count } of truth) {
    const seen = countThrough(report, kind, symbol, comm);
    if (witness === null) {
      expect(report.source.sampleOneIn, 'a sample needs a witness').toBe(1);
      expect(seen, symbol).toBe(count);
      continue;
    }
    const held = { kind, symbol, comm };
    expect(witness.count(held), `${symbol}, to the witness`).toBe(count);
    const { sampleOneIn, sampleMoves } = report.source;
    const sparsest = Math.max(sampleOneIn, ...sampleMoves.map((move) => move.toOneIn));
    const [least, most] = [sparsest, sampleOneIn].map((oneIn) => witness.count(held, oneIn, facts.sampleSeed));
    // An allocation made before the sample was widened is known only if the smaller sample had its
    // address too.
    expect(seen, `${symbol}, 1 of ${sampleOneIn}`).toBeGreaterThanOrEqual(least);
    expect(seen, `${symbol}, 1 of ${sampleOneIn}`).toBeLessThanOrEqual(most);
    if (sparsest > 1) expectEstimate(through(report, kind, symbol, comm), { kind, symbol, count, sparsest });
  }
}

/**
 * Least average number of independent units in a sample: with fewer, one may have none, and then
 * there is no interval.
 */
const LEAST_EXPECTED = 11.5;
const TIMES = 3;

/**
 * Expects that the truth is within three times the 95 % interval to either side. Objects are
 * sampled one by one, pages in neighbourhoods (sampling.ts) of at most 1,024. Summed over the
 * binomial distribution, for samples of 1/4, 1/16 and 1/64 of which 11.5 or more are expected, the
 * truth is outside with a probability below 1e-5. A test run makes a few dozen comparisons, so one
 * fails by chance once in some thousand runs.
 */
function expectEstimate(
  stacks: ReportStack[],
  { kind, symbol, count, sparsest }: { kind: string; symbol: string; count: number; sparsest: number },
): void {
  const units = kind === 'mm_page_alloc' ? count / 2 ** PAGE_SHIFT : count;
  if (units / sparsest < LEAST_EXPECTED) return;
  const [estimate, low, high] = (['count', 'lowCount', 'highCount'] as const).map((name) =>
    stacks.reduce((sum, stack) => sum + (stack.estimate?.[name] ?? Number.NaN), 0),
  );
  const said = `${symbol}: ${estimate}, ${low} to ${high}`;
  expect(count, said).toBeGreaterThanOrEqual(estimate - TIMES * (estimate - low));
  expect(count, said).toBeLessThanOrEqual(estimate + TIMES * (high - estimate));
}

/** Expects that the report shows none of the memory that a load has freed. */
export function expectReleased(report: Report, truth: Truth[], comm: string): void {
  for (const { kind, symbol } of truth) expect(countThrough(report, kind, symbol, comm), symbol).toBe(0);
}
