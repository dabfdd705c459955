/**
 * Allocations and frees without a tracepoint, and the hook of the collector that sees them all the
 * same. Where the hook is attached, only the exact answer is expected. Where it is not, the hole is
 * expected, and an exact answer fails, because the list is out of date then. The hooks that these
 * kernels must have are listed too, so that a missing one is noticed. The letters T are those of
 * the table of holes in bpf/README.md.
 */
import type { Truth } from './truth.js';

/**
 * The events that the trace lacks: allocs, so that it shows less than there is; or frees, so that
 * it shows more.
 */
export type HoleKind = 'allocs unseen' | 'frees unseen';

export interface Hole {
  fn: string;
  kind: Truth['kind'];
  /** First and last series that have it; null = no limit. */
  since: string | null;
  until: string | null;
  shape: HoleKind;
  reason: string;
  /** The collector's hook that closes it. */
  closedBy: string;
}

type Shape = Pick<Hole, 'shape' | 'reason' | 'closedBy'>;

const BULK_ALLOC: Shape = {
  shape: 'allocs unseen',
  reason: 'kmem_cache_alloc_bulk() has no tracepoint (T2)',
  closedBy: 'kmem_cache_alloc_bulk',
};
const BULK_FREE: Shape = {
  shape: 'frees unseen',
  reason: 'kmem_cache_free_bulk() has no tracepoint (T2)',
  closedBy: 'kmem_cache_free_bulk',
};
const RCU_FREE: Shape = { ...BULK_FREE, reason: 'kfree_rcu() frees in bulk, which has no tracepoint (T1)' };
const SHEAF_FREE: Shape = {
  shape: 'frees unseen',
  reason: 'kfree_rcu() frees through sheaves, which have no tracepoint (T1)',
  closedBy: '__kfree_rcu_sheaf',
};
const PAGES_BULK: Shape = {
  shape: 'allocs unseen',
  reason: 'alloc_pages_bulk() has no tracepoint but for one page of each call (T8)',
  closedBy: 'alloc_pages_bulk',
};
const AREAS: Shape = {
  shape: 'allocs unseen',
  reason: 'the vmalloc tracepoints came with 6.2',
  closedBy: 'alloc_vmap_area',
};

function slab(fn: string, shape: Shape, since: string | null = null, until: string | null = null): Hole {
  return { fn, kind: 'slab', since, until, ...shape };
}

const HOLES: Hole[] = [
  slab('ufb_alloc_bulk', BULK_ALLOC),
  slab('ufb_both_bulk', BULK_ALLOC),
  slab('ufb_free_bulk', BULK_FREE),
  slab('ufb_kfree_bulk', BULK_FREE),
  // Sheaves came with 6.18, for every cache with 7.0.
  ...['ufb_kfree_rcu', 'ufb_cache_kfree_rcu', 'ufb_headless_rcu'].flatMap((fn) => [
    slab(fn, RCU_FREE, null, '6.19'),
    slab(fn, SHEAF_FREE, '7.0'),
  ]),
  { fn: 'ufb_pages_bulk', kind: 'page', since: '5.13', until: null, ...PAGES_BULK },
  ...['ufa_vmalloc', 'ufa_vzalloc'].flatMap((fn): Hole[] => [
    { fn, kind: 'vmalloc', since: null, until: '6.1', ...AREAS },
    { fn, kind: 'page', since: '5.13', until: '6.12', ...PAGES_BULK },
  ]),
];

/** Returns the hole that a function's events fall into; null if there is none or a hook closes it. */
export function findHole({ fn, kind }: Truth, series: string, hooks: string[]): Hole | null {
  const hole = HOLES.find((each) => each.fn === fn && each.kind === kind && covers(each, series));
  return hole === undefined || isInForce(hole.closedBy, hooks) ? null : hole;
}

const REQUIRED_HOOKS: { name: string; since: string | null; until: string | null }[] = [
  { name: 'kmem_cache_free_bulk', since: null, until: null },
  { name: 'kmem_cache_alloc_bulk', since: null, until: null },
  { name: 'alloc_pages_bulk', since: '5.13', until: null },
  { name: '__kfree_rcu_sheaf', since: '6.18', until: null },
  { name: 'folio_migrate_flags', since: null, until: null },
  { name: 'alloc_vmap_area', since: null, until: null },
  { name: 'free_vmap_area_noflush', since: null, until: null },
];

/** Returns the hooks that this kernel allows and that are not attached. */
export function missingHooks(series: string, hooks: string[]): string[] {
  return REQUIRED_HOOKS.filter((each) => covers(each, series) && !isInForce(each.name, hooks)).map(({ name }) => name);
}

/** Hooks are reported as mode:name, e.g. 'fexit:alloc_pages_bulk'. */
function isInForce(name: string, hooks: string[]): boolean {
  return hooks.some((hook) => hook.endsWith(`:${name}`));
}

function covers({ since, until }: { since: string | null; until: string | null }, series: string): boolean {
  const at = ordinal(series);
  return (since === null || ordinal(since) <= at) && (until === null || at <= ordinal(until));
}

/** Returns 5010 for 5.10, so that series of kernels can be compared. */
export function ordinal(series: string): number {
  const [major, minor] = series.split('.').map(Number);
  return major * 1000 + minor;
}
