import { describe, expect, it } from 'vitest';
import { memoryLines } from '../../../src/export/parts/answer-text.js';
import { equationText, olderText } from '../../../src/rank/answer/equation.js';
import type { Conclusion } from '../../../src/rank/report/conclusion.js';
import type { Report } from '../../../src/rank/report/report.js';

const GIB = 2 ** 30;
const MEMINFO: NonNullable<Report['meminfo']> = {
  timeNs: 1,
  totalBytes: 16 * GIB,
  freeBytes: 9 * GIB,
  totalAtStartBytes: 16 * GIB,
  perCpuFreeBytes: GIB,
  unpluggedBytes: 0,
  unaccountedBytes: 0.5 * GIB,
  unaccountedAtStartBytes: 0.25 * GIB,
  heldByReferenceBytes: 0,
  heldByReferenceAtStartBytes: 0,
  pinnedPages: null,
  terms: [
    { name: 'MemFree', bytes: 9 * GIB, atStartBytes: 9.25 * GIB },
    { name: 'per-CPU free lists', bytes: GIB, atStartBytes: GIB },
    { name: 'Cached without Shmem', bytes: 3 * GIB, atStartBytes: 3 * GIB },
    { name: 'Slab', bytes: 2.5 * GIB, atStartBytes: 2.5 * GIB },
  ],
};
const BEFORE: Conclusion = { kind: 'before', text: '', detail: null, stackId: null, next: null };

describe('where all memory is', () => {
  it('adds up to MemTotal at both ends', () => {
    expect(equationText(MEMINFO, 'end')).toBe('free 10.0 GiB, files 3.00 GiB, slab 2.50 GiB, not in meminfo 512 MiB');
    expect(equationText(MEMINFO, 'start')).toBe('free 10.3 GiB, files 3.00 GiB, slab 2.50 GiB, not in meminfo 256 MiB');
  });

  it('is printed beside what is older than the trace, abnormal or not', () => {
    const triage = { timeMs: null, findings: [] };
    expect(memoryLines({ meminfo: MEMINFO, triage, conclusions: [] })).toEqual([
      'RAM      16.0 GiB, free 10.0 GiB, not in meminfo 512 MiB (+256 MiB)',
      '         = free 10.0 GiB, files 3.00 GiB, slab 2.50 GiB, not in meminfo 512 MiB',
      '         Of what is not in meminfo, at most 256 MiB are older than the trace; nothing abnormal was there as it began',
    ]);
    expect(memoryLines({ meminfo: null, triage, conclusions: [] })).toEqual([]);
  });

  it('says that nothing was abnormal only where a look was taken, and a conclusion says nothing else', () => {
    const said = 'Of what is not in meminfo, at most 256 MiB are older than the trace';
    expect(olderText({ meminfo: MEMINFO, triage: null, conclusions: [] })).toBe(said);
    expect(olderText({ meminfo: MEMINFO, triage: { timeMs: null, findings: [] }, conclusions: [BEFORE] })).toBe(said);
  });
});
