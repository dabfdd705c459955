import type { PairingCore } from '../../pair/pairing-core.js';
import { ACCOUNT_TERMS } from '../../proc/memory-account.js';
import type { Report } from '../report/report.js';

/** Returns where the machine's memory is, at the last sample of meminfo; null without a sample. */
export function memoryReport({ firstMeminfo, lastMeminfo }: PairingCore): Report['meminfo'] {
  if (firstMeminfo === null || lastMeminfo === null) return null;
  const { timeNs, totalBytes, freeBytes, perCpuFreeBytes, unpluggedBytes, unaccountedBytes } = lastMeminfo;
  return {
    timeNs,
    totalBytes,
    freeBytes,
    totalAtStartBytes: firstMeminfo.totalBytes,
    perCpuFreeBytes,
    unpluggedBytes,
    unaccountedBytes,
    unaccountedAtStartBytes: firstMeminfo.unaccountedBytes,
    heldByReferenceBytes: lastMeminfo.heldByReferenceBytes,
    heldByReferenceAtStartBytes: firstMeminfo.heldByReferenceBytes,
    pinnedPages: lastMeminfo.pinnedPages,
    terms: ACCOUNT_TERMS.map((name, index) => ({
      name,
      bytes: lastMeminfo.terms[index],
      atStartBytes: firstMeminfo.terms[index],
    })),
  };
}
