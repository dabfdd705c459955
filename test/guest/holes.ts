/**
 * What the kernel hides, and so what a trace of one of these kernels is expected to get wrong. A hole is expected, not
 * forgiven: a result that is exact where a hole is listed fails too, so that a hook which closes one turns the list
 * around. The letters T are those of bpf/README.md.
 */
import type { Truth } from './truth.js';

/** What the trace lacks: the allocs, so that it shows less than there is; or the frees, so that it shows more. */
export type HoleKind = 'allocs unseen' | 'frees unseen';

export interface Hole {
  fn: string;
  kind: Truth['kind'];
  /** Series, inclusive; null = from the first, or to the last. */
  since: string | null;
  until: string | null;
  shape: HoleKind;
  reason: string;
}

const BULK_ALLOC = 'kmem_cache_alloc_bulk() has no tracepoint (T2)';
const BULK_FREE = 'kmem_cache_free_bulk() has no tracepoint (T2)';
const RCU_FREE = 'kfree_rcu() frees in bulk, which has no tracepoint (T1)';
const PAGES_BULK = 'alloc_pages_bulk() has no tracepoint but for one page of each call (T8)';
const NO_AREAS = 'the vmalloc tracepoints came with 6.2';

function slab(fn: string, shape: HoleKind, reason: string): Hole {
  return { fn, kind: 'slab', since: null, until: null, shape, reason };
}

const HOLES: Hole[] = [
  slab('ufb_alloc_bulk', 'allocs unseen', BULK_ALLOC),
  slab('ufb_both_bulk', 'allocs unseen', BULK_ALLOC),
  slab('ufb_free_bulk', 'frees unseen', BULK_FREE),
  slab('ufb_kfree_bulk', 'frees unseen', BULK_FREE),
  slab('ufb_kfree_rcu', 'frees unseen', RCU_FREE),
  slab('ufb_cache_kfree_rcu', 'frees unseen', RCU_FREE),
  slab('ufb_headless_rcu', 'frees unseen', RCU_FREE),
  { fn: 'ufb_pages_bulk', kind: 'page', since: '5.13', until: null, shape: 'allocs unseen', reason: PAGES_BULK },
  ...['ufa_vmalloc', 'ufa_vzalloc'].flatMap((fn): Hole[] => [
    { fn, kind: 'vmalloc', since: null, until: '6.1', shape: 'allocs unseen', reason: NO_AREAS },
    { fn, kind: 'page', since: '5.13', until: '6.12', shape: 'allocs unseen', reason: PAGES_BULK },
  ]),
];

export function findHole({ fn, kind }: Truth, series: string): Hole | null {
  const at = ordinal(series);
  const inForce = HOLES.find(
    (hole) =>
      hole.fn === fn &&
      hole.kind === kind &&
      (hole.since === null || ordinal(hole.since) <= at) &&
      (hole.until === null || at <= ordinal(hole.until)),
  );
  return inForce ?? null;
}

/** 5.10 -> 5010: series of kernels in order. */
export function ordinal(series: string): number {
  const [major, minor] = series.split('.').map(Number);
  return major * 1000 + minor;
}
