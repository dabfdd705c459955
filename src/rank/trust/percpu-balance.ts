/**
 * Percpu memory held against the line Percpu of meminfo: pages of all chunks times the number of
 * CPUs (pcpu_nr_pages(), mm/percpu.c). Chunks are filled from before the trace too, and some pages
 * are kept empty, so the line may grow by less or more than what is held; where it grows by as much,
 * it bears the figure out.
 */
import { PERCPU } from '../../event/kinds.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import { ACCOUNT_TERMS } from '../../proc/memory-account.js';
import type { PercpuReconciliation } from '../report/report-reconciliation.js';

const TERM = ACCOUNT_TERMS.indexOf('Percpu without first chunk');

/** Null without two samples of meminfo, in a sample of addresses, or where percpu memory was not traced. */
export function percpuBalance(core: PairingCore): PercpuReconciliation | null {
  const { firstMeminfo, lastMeminfo, hostFacts, sampling } = core;
  if (firstMeminfo === null || lastMeminfo === null || lastMeminfo.timeNs <= firstMeminfo.timeNs) return null;
  if (!sampling.isWhole || hostFacts.minSizeBytes > 0 || !hostFacts.allocators.includes('percpu')) return null;
  const grownBytes = lastMeminfo.terms[TERM] - firstMeminfo.terms[TERM];
  const heldBytes = core.paths.totalLive(PERCPU);
  return {
    timeNs: lastMeminfo.timeNs,
    grownBytes,
    heldBytes,
    excessBytes: Math.max(0, heldBytes - Math.max(0, grownBytes)),
  };
}
