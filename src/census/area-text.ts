/** Who asked for areas of vmalloc, in words. Names inside are untrusted. */
import type { CensusArea, CensusReport } from './report.js';

/** What is known of areas whose caller has no name, though those of others have. */
const NO_CALLER = 'no caller: freed and not unmapped yet, or of a module that is gone';

/** 'load_module', 'uf_init [uf_area]', or why it is not known. */
export function callerText(
  { caller, module }: Pick<CensusArea, 'caller' | 'module'>,
  { missing }: Pick<CensusReport, 'missing'>,
): string {
  // Without the names of the kernel's functions (CAP_SYSLOG) no area has one.
  if (caller === '') return missing.some(({ stage }) => stage === 'areas') ? 'callers are not known' : NO_CALLER;
  return module === '' ? caller : `${caller} [${module}]`;
}
