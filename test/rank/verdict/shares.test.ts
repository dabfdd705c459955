/** Rows that are a part of a call path: by process, cache, age or size. The traces are made. */
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../src/rank/conditions/conditions.js';
import { REPORT_CONDITIONS, verifyReport } from '../../../src/rank/conditions/report-conditions.js';
import type { Report } from '../../../src/rank/report/report.js';
import type { ReportStack } from '../../../src/rank/report/report-rows.js';
import type { Selection } from '../../../src/rank/report/selection.js';
import { HISTORY_DURATIONS_NS, HISTORY_KINDS, historyReport, sharedCore } from '../../helpers/history-traces.js';
import { SHAPE_KINDS } from '../../helpers/shape-traces.js';
import { pairText } from '../../helpers/text-trace.js';

/** One call path: `innocent` takes 40 objects at once, `leaker` one of 8 KiB a second. */
const TRACE = [
  ...Array.from({ length: 40 }, (_, i) => `${1e8 + i} alloc i${i} 64 comm=innocent pid=7 cache=small kmalloc < taker`),
  ...Array.from(
    { length: 40 },
    (_, i) => `${5e8 + i * 1e9} alloc l${i} 8192 comm=leaker pid=8 cache=large kmalloc < taker`,
  ),
  '40000000000 clock',
].join('\n');

const { report } = pairText(TRACE);

function holds(text: string, checked: Report): boolean {
  const { ok } = parseCondition(text, REPORT_CONDITIONS);
  if (ok === null) throw new Error(text);
  return verifyReport(ok, checked).finding !== null;
}

function rowOf(part: Partial<Selection>): ReportStack {
  const { stacks } = report(part);
  expect(stacks.length).toBe(1);
  return stacks[0];
}

describe('a process that shares a call path with one that leaks', () => {
  it.each<Partial<Selection>>([
    { comm: 'innocent' },
    { pid: 7 },
    { cache: 'small' },
    { olderNs: 39.7e9 },
    { comm: 'innocent', group: 'site' },
    { pid: 7, group: 'module' },
    { comm: 'innocent', group: 'comm' },
  ])('does not get its verdict: %o', (part) => {
    expect(report().stacks[0].verdict).toBe('growing');
    expect(rowOf(part).verdict).not.toBe('growing');
    expect(rowOf(part).bytes).toBe(40 * 64);
    expect(holds('growing > 1M/h', report(part))).toBe(false);
    expect(holds('total growing > 0/h', report(part))).toBe(false);
  });

  it('stands below it, whatever the order', () => {
    for (const sort of ['suspect', 'growth', 'verdict'] as const) {
      const labels = report({ group: 'comm', sort }).stacks.map(({ merged }) => merged?.label);
      expect(labels, sort).toEqual(['leaker', 'innocent']);
    }
  });
});

describe('what it holds itself', () => {
  it('shows what grew, what came once, and what came since is no part of it', () => {
    const [leaker, innocent] = report({ group: 'comm' }).stacks;
    expect(leaker).toMatchObject({ verdict: 'growing', curve: [], bytes: 40 * 8192 });
    // 8 KiB a second, by the ages of what is held.
    expect(leaker.growth?.bytesPerHour).toBeGreaterThan(8192 * 3600 * 0.9);
    expect(leaker.growth?.bytesPerHour).toBeLessThan(8192 * 3600 * 1.1);
    expect(leaker.verdictReason).toMatch(/^what it holds was allocated evenly over 39\.5s, by 4\d\d KiB\/min /);
    expect(innocent).toMatchObject({ verdict: 'one-time', growth: null, curve: [] });
    expect(innocent.verdictReason).toBe('what it holds was allocated at once, 39.9s ago, and nothing since');
    expect(holds('growing > 1M/h', report({ comm: 'leaker' }))).toBe(true);
  });

  it('shows nothing where a selection by age leaves out what is young', () => {
    for (const group of ['stack', 'site', 'comm'] as const) {
      const verdicts = report({ olderNs: 20e9, group }).stacks.filter(({ curve }) => curve.length === 0);
      expect(verdicts.filter(({ merged }) => merged?.label !== 'innocent').map(({ verdict }) => verdict)).toEqual([
        null,
      ]);
    }
  });

  it('never calls growing what shares a call path with a leak and does not leak; finds most leaks', () => {
    const kinds = [...HISTORY_KINDS.slice(2), ...SHAPE_KINDS];
    const found = { leaks: 0, all: 0 };
    for (const leak of HISTORY_KINDS.slice(0, 2)) {
      for (const durationNs of [HISTORY_DURATIONS_NS[0], HISTORY_DURATIONS_NS[2]]) {
        for (const other of kinds) {
          const { stacks } = historyReport(sharedCore(1, durationNs, [leak, other]), { group: 'comm' });
          const verdictOf = (name: string): string | null | undefined =>
            stacks.find(({ merged }) => merged?.label === name)?.verdict;
          found.all++;
          if (verdictOf(leak.name) === 'growing') found.leaks++;
          if (!other.truth.includes('growing')) expect(verdictOf(other.name), other.name).not.toBe('growing');
        }
      }
    }
    expect(found).toEqual({ leaks: LEAKS_FOUND, all: 212 });
  });
});

/** Of the leaks above. The others share their call path with a pool, whose frees had lived long. */
const LEAKS_FOUND = 170;
