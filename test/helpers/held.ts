/** What a report says that a load holds, and how exactly that must be the load's own truth in each mode (modes.ts). */
import { expect } from 'vitest';
import type { HostFacts } from '../../src/event/host-facts.js';
import { PAGE_SHIFT } from '../../src/event/sampling.js';
import type { Report, ReportStack } from '../../src/rank/report/report.js';
import type { Truth } from './live.js';
import type { Witness } from './witness.js';

/** What the slab allocator takes for itself below an allocation: new slabs, their bookkeeping, sheaves (6.18). */
const SLAB_OWN = /^(allocate_slab|new_slab|alloc_slab_obj_exts|refill_objects|.*sheaf.*|__pcs_.*)/;

export function isAllocatorsOwn(symbol: string): boolean {
  return SLAB_OWN.test(symbol);
}

/** Call paths of a kind through a function, of one process name. */
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

/** Pages or objects of that process name that were seen, not scaled. */
export function countThrough(report: Report, kind: string, symbol: string, comm: string): number {
  let count = 0;
  for (const stack of through(report, kind, symbol, comm)) {
    count += stack.comms.find((share) => share.comm === comm)?.count ?? 0;
  }
  return count;
}

export interface HeldBy {
  comm: string;
  /** Of the trace under test: which addresses are in its sample. */
  facts: HostFacts;
  /** Null where every address is traced. */
  witness: Witness | null;
}

/**
 * The report shows what a load holds. Without a sample that is its truth, to the page and object. Of a sample it is what
 * a witness saw of it at addresses that are in the sample: again to the page and object, by no interval; and the truth
 * is within its estimate.
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
    // What was allocated before a larger sample is known only if it was in the smaller one too.
    expect(seen, `${symbol}, 1 of ${sampleOneIn}`).toBeGreaterThanOrEqual(least);
    expect(seen, `${symbol}, 1 of ${sampleOneIn}`).toBeLessThanOrEqual(most);
    if (sparsest > 1) expectEstimate(through(report, kind, symbol, comm), { kind, symbol, count, sparsest });
  }
}

/** So many units of their own in the sample on average: below, a sample may well have none, and then there is no interval. */
const LEAST_EXPECTED = 11.5;
const TIMES = 3;

/**
 * The truth is within three times its 95 % interval to either side. Objects are in a sample each by itself, pages by
 * neighbourhoods (sampling.ts) of at most 1,024. Summed over the binomial distribution, for samples of 1/4, 1/16 and 1/64
 * of which 11.5 or more are expected, the truth is outside with a probability below 1e-5; of a test run's few dozen
 * comparisons one is then wrong by chance once in some thousand runs.
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

/** The report shows nothing any more of what a load has given back. */
export function expectReleased(report: Report, truth: Truth[], comm: string): void {
  for (const { kind, symbol } of truth) expect(countThrough(report, kind, symbol, comm), symbol).toBe(0);
}
