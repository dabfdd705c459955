import { describe, expect, it } from 'vitest';
import { type Condition, parseCondition } from '../../../src/rank/conditions/conditions.js';
import { REPORT_CONDITIONS, verifyReport } from '../../../src/rank/conditions/report-conditions.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { Growth, ReportStack } from '../../../src/rank/report/report-rows.js';
import { exportReport } from '../../helpers/export-report.js';

const MIB = 2 ** 20;

function condition(text: string): Condition {
  const { ok, error } = parseCondition(text, REPORT_CONDITIONS);
  if (ok === null) throw new Error(error);
  return ok;
}

const FLAT: Growth = { bytesPerHour: 0, lowBytesPerHour: -1, highBytesPerHour: 1, confidence: 0, sinceNs: 0 };

/** A report with a row for each part, ranked in their order. */
function reportOf(parts: Partial<ReportStack>[], changes: Partial<Report> = {}): Report {
  const report = exportReport();
  const [plain] = report.stacks;
  const common = {
    lostFreeBytes: 0,
    missedFrees: 0,
    growth: FLAT,
    verdict: 'steady',
    reliability: 'plausible',
  } as const;
  const stacks = parts.map((part, i) => ({ ...plain, ...common, category: 'slab', rank: i + 1, ...part }));
  return { ...report, stacks, ...changes };
}

/** Returns the value and the ranks of the rows for which a condition holds; null if it does not hold. */
function found(text: string, report: Report): [number, ...number[]] | string | null {
  const { finding, untold } = verifyReport(condition(text), report);
  if (untold !== null) return untold;
  return finding === null ? null : [finding.value, ...finding.rows.map((row) => row.rank)];
}

describe('a condition', () => {
  it.each([
    ['bytes > 50M', { scope: 'any', figure: 'bytes', limit: 50 * MIB, orEqual: false, includingUnreliable: false }],
    ['any count>=1000', { scope: 'any', figure: 'count', limit: 1000, orEqual: true }],
    ['TOTAL growing > 1M/h', { scope: 'total', figure: 'growing', limit: MIB }],
    ['growing > 24G/d', { limit: 1024 * MIB }],
    ['growing > 1k/min', { limit: 60 * 1024 }],
    ['growing > 1 KiB/s', { limit: 3600 * 1024 }],
    ['growing', { figure: 'growing', limit: -1 }],
    ['growing including unreliable', { limit: -1, includingUnreliable: true }],
    ['age > 1h30m', { unit: 'age', limit: 5400e9 }],
    ['lost > 0', { scope: 'trace', figure: 'lost', limit: 0 }],
    ['bytes > 1M  including unreliable', { includingUnreliable: true, limit: MIB }],
  ])('%s', (text, expected) => {
    expect(condition(text)).toMatchObject(expected);
  });

  it.each([
    ['', /is no condition/],
    ['bytes < 5', /is no condition/],
    ['bytes = 5', /is no condition/],
    ['leaks > 5', /'leaks' is none of the figures/],
    ['constructor > 5', /none of the figures/],
    ['bytes', /lacks what to compare with/],
    ['total growing', /lacks what to compare with/],
    ['bytes >', /'' is not a size/],
    ['bytes > 5 apples', /'5 apples' is not a size/],
    ['count > 5M', /'5M' is not a whole number/],
    ['growing > 5M', /'5M' is not a size a time/],
    ['growing > 5M/y', /is not a size a time/],
    ['age > x', /'x' is not an age/],
    ['total age > 1s', /'age' has no total/],
    ['any lost > 0', /of the whole trace: without 'any'/],
    ['lost > 0 including unreliable', /not of unreliable rows/],
  ])('%j is refused', (text, error) => {
    expect(parseCondition(text, REPORT_CONDITIONS).error).toMatch(error);
  });
});

describe('any row', () => {
  it('holds by each row above the value, the greatest first', () => {
    const report = reportOf([{ bytes: 10 }, { bytes: 30 }, { bytes: 20 }]);
    expect(found('bytes > 15', report)).toEqual([30, 2, 3]);
    expect(found('bytes > 30', report)).toBeNull();
    expect(found('bytes >= 30', report)).toEqual([30, 2]);
  });

  it('counts what is certain: no lost frees, the low end of an estimate', () => {
    const estimate = { bytes: 320, lowBytes: 160, highBytes: 640, count: 2, lowCount: 1, highCount: 4 };
    const report = reportOf([
      { bytes: 100, lostFreeBytes: 60 },
      { bytes: 20, estimate },
    ]);
    expect(found('bytes > 39', report)).toEqual([160, 2, 1]);
    expect(found('bytes > 40', report)).toEqual([160, 2]);
    expect(found('bytes > 160', report)).toBeNull();
  });

  it('does not count what is unreliable, nor backing pages, unless they are asked for', () => {
    const parts = [
      { bytes: 10, reliability: 'unreliable', verdict: 'unreliable' },
      { bytes: 10, category: 'backing' },
    ] as const;
    const report = reportOf([...parts]);
    expect(found('bytes > 5', report)).toBeNull();
    expect(found('bytes > 5 including unreliable', report)).toEqual([10, 1]);
    const { selection } = report;
    expect(found('bytes > 5', { ...report, selection: { ...selection, categories: ['backing'] } })).toEqual([10, 2]);
  });

  it('is missing frees, which is what makes it unreliable', () => {
    expect(found('missed > 2', reportOf([{ missedFrees: 3, reliability: 'unreliable' }]))).toEqual([3, 1]);
  });
});

describe('a row is growing', () => {
  const growth = { ...FLAT, bytesPerHour: 2 * MIB, lowBytesPerHour: MIB, highBytesPerHour: 3 * MIB };
  const growing = { growth, verdict: 'growing' } as const;

  it('by its verdict and the low end of its interval', () => {
    expect(found('growing > 1000k/h', reportOf([growing]))).toEqual([MIB, 1]);
    expect(found('growing > 1M/h', reportOf([growing]))).toBeNull();
    expect(found('growing >= 1M/h', reportOf([growing]))).toEqual([MIB, 1]);
    expect(found('growing > 0/h', reportOf([{ growth }]))).toBeNull();
  });

  it('at whatever pace', () => {
    expect(found('growing', reportOf([{}, growing]))).toEqual([MIB, 2]);
    expect(found('growing', reportOf([{}]))).toBeNull();
    expect(found('growing', reportOf([{ growth: FLAT, verdict: 'growing' }]))).toEqual([0, 1]);
  });

  it('and unreliable: only if that is asked for', () => {
    const report = reportOf([{ growth, verdict: 'unreliable', reliability: 'unreliable' }]);
    expect(found('growing', report)).toBeNull();
    expect(found('growing > 1k/h including unreliable', report)).toEqual([MIB, 1]);
  });

  it('cannot be told of a trace that is too short; of one that holds nothing, it can', () => {
    const short = { ...reportOf([{ growth: null, verdict: null, curve: [] }]), curve: null };
    expect(found('growing', short)).toMatch(/too short/);
    expect(found('growing', reportOf([]))).toBeNull();
  });

  it('cannot be told of parts of call paths alone; of whole ones among them, it can', () => {
    const part = { growth: null, verdict: null, curve: [] };
    const parts = { ...reportOf([part, part]), curve: { firstNs: 1e9, stepNs: 1e9, points: 40 } };
    expect(found('growing', parts)).toMatch(/parts of call paths/);
    expect(found('growing > 0/h', { ...parts, stacks: reportOf([part, growing]).stacks })).toEqual([MIB, 2]);
  });
});

describe('all rows together', () => {
  it('hold by their sum', () => {
    const report = reportOf([{ bytes: 10 }, { bytes: 30 }, { bytes: 5, reliability: 'unreliable' }]);
    expect(found('total bytes > 39', report)).toEqual([40, 2, 1]);
    expect(found('total bytes > 40', report)).toBeNull();
    expect(found('total bytes > 40 including unreliable', report)).toEqual([45, 2, 1, 3]);
  });
});

describe('the trace', () => {
  it('holds by losses, by what meminfo does not account for, and its growth', () => {
    const report = exportReport();
    const total = { timeNs: 1, totalBytes: 100, totalAtStartBytes: 100, unpluggedBytes: 0 };
    const sums = { ...total, freeBytes: 1, perCpuFreeBytes: 0, terms: [] };
    const held = { heldByReferenceBytes: 5, heldByReferenceAtStartBytes: 0, pinnedPages: null };
    const meminfo = { ...sums, ...held, unaccountedBytes: 30, unaccountedAtStartBytes: 10 };
    const changed = { ...report, meminfo, anomalies: { ...report.anomalies, lostEvents: 7 } };
    expect(found('lost > 6', changed)).toEqual([7]);
    expect(found('lost > 7', changed)).toBeNull();
    expect(found('unaccounted >= 30', changed)).toEqual([30]);
    expect(found('unaccounted-growth > 19', changed)).toEqual([20]);
    expect(found('unaccounted-growth > 20', changed)).toBeNull();
    expect(found('referenced > 4', changed)).toEqual([5]);
    expect(found('referenced > 5', changed)).toBeNull();
  });

  it('cannot be told without samples', () => {
    const report = { ...exportReport(), meminfo: null, reconciliation: null };
    expect(found('unaccounted > 0', report)).toMatch(/no samples of \/proc\/meminfo/);
    expect(found('unexplained > 0', report)).toMatch(/fewer than two samples/);
  });
});
