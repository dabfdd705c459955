/** Which census a first look asks for, where counters alone do not say who holds what is abnormal. */
import type { TriageReport } from '../../triage/report.js';
import { isAbnormal } from '../../triage/words.js';

/** Rules whose holders a census knows: the gap, and what a reference holds of it. */
export const GAP_RULES: readonly string[] = ['R3', 'R4'];
/** The same, and slab and removed cgroups. */
export const CENSUS_RULES: readonly string[] = [...GAP_RULES, 'R5', 'R8'];
/** Above this much slab, reading all of its objects takes seconds. */
const MOST_SLAB_BYTES = 16 * 2 ** 30;
/** Caches whose objects are told apart. */
const MOST_CACHES = 2;

export interface AskedCensus {
  /** False where there is too much slab: then pages are classified alone. */
  holders: boolean;
  /** Slab caches that are abnormally large, and whose objects are to be told apart. */
  caches: string[];
}

/** Returns what to read; null = no abnormal finding of these rules asks who holds it. */
export function askedCensus({ findings, equation }: TriageReport, rules: readonly string[]): AskedCensus | null {
  const asking = findings.filter((finding) => isAbnormal(finding) && rules.includes(finding.rule));
  if (asking.length === 0) return null;
  const slab = equation.find(({ term }) => term === 'Slab')?.bytes ?? 0;
  if (slab > MOST_SLAB_BYTES) return { holders: false, caches: [] };
  const caches = asking
    .filter(({ rule }) => rule === 'R5')
    .flatMap(({ holders }) => holders.filter(({ kind }) => kind === 'cache').map(({ name }) => name));
  return { holders: true, caches: caches.slice(0, MOST_CACHES) };
}
