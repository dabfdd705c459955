/** The census that `unfreed triage` asks for where counters alone do not say who holds what is abnormal. */
import { UserError } from '../../base/errors.js';
import { CENSUS_TEXT } from '../../census/report.js';
import type { Look } from '../../proc/look.js';
import { lookWithCensus } from '../../session/census/carried-census.js';
import { takeCensus, USUAL_CENSUS } from '../../session/census/take-census.js';
import { triageOf } from '../../session/look/triage-looks.js';
import type { TriageReport } from '../../triage/report.js';
import { isAbnormal } from '../../triage/words.js';

/** Rules whose holders a census knows: the gap, held by a reference, slab, removed cgroups. */
const RULES: readonly string[] = ['R3', 'R4', 'R5', 'R8'];
/** Above this much slab, reading all of its objects takes seconds. */
const MOST_SLAB_BYTES = 16 * 2 ** 30;
/** Caches whose objects are told apart. */
const MOST_CACHES = 2;

/**
 * Returns the looks, the newest whole one with a census if a finding asks for one. Where none can be taken, the look
 * says why: triage answers without.
 */
export async function censusBeside(looks: readonly Look[]): Promise<Look[]> {
  const report = triageOf(looks);
  const asked = report.findings.filter((finding) => isAbnormal(finding) && RULES.includes(finding.rule));
  const [judged] = looks;
  if (asked.length === 0 || judged === undefined || process.getuid?.() !== 0) return [...looks];
  return [await counted(judged, report), ...looks.slice(1)];
}

async function counted(look: Look, report: TriageReport): Promise<Look> {
  const slab = report.equation.find(({ term }) => term === 'Slab')?.bytes ?? 0;
  const caches = report.findings
    .filter(({ rule }) => rule === 'R5')
    .flatMap(({ holders }) => holders.filter(({ kind }) => kind === 'cache').map(({ name }) => name));
  const options = {
    ...USUAL_CENSUS,
    holders: slab <= MOST_SLAB_BYTES,
    caches: slab <= MOST_SLAB_BYTES ? caches.slice(0, MOST_CACHES) : [],
  };
  try {
    return lookWithCensus(look, await takeCensus(options, look));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...look, notRead: [...look.notRead, { what: CENSUS_TEXT, why: error.message }] };
  }
}
