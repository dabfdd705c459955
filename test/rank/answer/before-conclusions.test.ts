import { describe, expect, it } from 'vitest';
import { beforeConclusions } from '../../../src/rank/answer/before-conclusions.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { TriageFinding } from '../../../src/triage/report.js';

const GIB = 2 ** 30;

/** 16 GiB, of which 10 are free, 3 are files, 1 is slab, and the rest is in no line. */
function meminfo(gapAtStart: number, gap = gapAtStart): NonNullable<Report['meminfo']> {
  const terms = [
    { name: 'MemFree', bytes: 9 * GIB, atStartBytes: 9 * GIB },
    { name: 'per-CPU free lists', bytes: GIB, atStartBytes: GIB },
    { name: 'Cached without Shmem', bytes: 3 * GIB, atStartBytes: 3 * GIB },
    { name: 'Slab', bytes: GIB, atStartBytes: GIB },
    { name: 'Bounce', bytes: 2 * GIB - gap, atStartBytes: 2 * GIB - gapAtStart },
  ];
  return {
    timeNs: 1,
    totalBytes: 16 * GIB,
    freeBytes: 9 * GIB,
    totalAtStartBytes: 16 * GIB,
    perCpuFreeBytes: GIB,
    unpluggedBytes: 0,
    unaccountedBytes: gap,
    unaccountedAtStartBytes: gapAtStart,
    heldByReferenceBytes: 0,
    heldByReferenceAtStartBytes: 0,
    pinnedPages: null,
    terms,
  };
}

function finding(rule: string, changes: Partial<TriageFinding> = {}): TriageFinding {
  return {
    rule,
    severity: 'abnormal',
    item: '',
    bytes: GIB,
    growthBytesPerHour: null,
    holders: [],
    text: `${rule} holds.`,
    details: [],
    next: [],
    ...changes,
  };
}

function said(bytes: Report['meminfo'], ...findings: TriageFinding[]) {
  return beforeConclusions({ before: null, findings: [], meminfo: bytes, triage: { timeMs: null, findings } });
}

describe('what was so before the trace', () => {
  it('is nothing where the gap is usual and triage found nothing', () => {
    expect(said(meminfo(GIB / 8), finding('R1', { severity: 'fine' }), finding('R2', { severity: 'note' }))).toEqual(
      [],
    );
    expect(beforeConclusions({ before: null, findings: [], meminfo: null, triage: null })).toEqual([]);
  });

  it('is the gap with its equation, without a look too', () => {
    const [gap, ...others] = beforeConclusions({ before: null, findings: [], meminfo: meminfo(GIB), triage: null });
    expect(others).toEqual([]);
    expect(gap.text).toBe(
      '1.00 GiB (6.3% of RAM) is in no line of /proc/meminfo and was there before this trace began. It does not grow.',
    );
    expect(gap.detail).toContain(
      'Of 16.0 GiB then: free 10.0 GiB, files 3.00 GiB, slab 1.00 GiB, other 1.00 GiB, not in meminfo 1.00 GiB.',
    );
    expect(gap.next).toBe('cat /proc/vmallocinfo');
  });

  it('names who holds the gap, by the rule of triage, once', () => {
    const holders = ['suricata 2211', 'b', 'c', 'd'].map((name) => ({ kind: 'socket', name, bytes: GIB / 4 }));
    const conclusions = said(meminfo(GIB, 2 * GIB), finding('R3', { holders, next: ['ss -0pe'] }));
    expect(conclusions).toHaveLength(1);
    expect(conclusions[0].text).toMatch(/It has changed by \+1\.00 GiB since\. \(R3\)$/);
    expect(conclusions[0].detail).toMatch(/^Held by: suricata 2211 256 MiB; b 256 MiB; c 256 MiB; and more\. Of 16/);
    expect(conclusions[0].next).toBe('ss -0pe');
  });

  it('is the first other thing that triage found, and of a gap that was told too only if that comes first', () => {
    const shmem = finding('R11', { text: '/dev/shm holds 8.00 GiB.', next: ['findmnt'], severity: 'abnormal' });
    // Large but explained: ordinary on many machines.
    expect(said(meminfo(0), { ...shmem, severity: 'large' })).toEqual([]);
    const [alone, ...none] = said(meminfo(0), finding('R1', { severity: 'fine' }), shmem);
    expect(none).toEqual([]);
    expect(alone).toMatchObject({
      kind: 'before',
      text: '/dev/shm holds 8.00 GiB. It was so as this trace began. (R11)',
      detail: null,
      next: 'findmnt',
    });
    const limit = finding('R17', { severity: 'limit' });
    expect(said(meminfo(GIB), limit, finding('R3')).map(({ text }) => /\((R\d+)\)$/.exec(text)?.[1])).toEqual([
      'R3',
      'R17',
    ]);
    expect(said(meminfo(GIB), finding('R3'), shmem)).toHaveLength(1);
    // Held by a reference, of a gap that is no larger than usual.
    expect(said(meminfo(GIB / 8), finding('R4'), shmem).map(({ text }) => text)).toEqual([
      'R4 holds. It was so as this trace began. (R4)',
    ]);
  });
});
