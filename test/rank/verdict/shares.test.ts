/** Rows that are a part of a call path: by process, cache, age or size. The traces are made. */
import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../../src/rank/conditions/conditions.js';
import { REPORT_CONDITIONS, verifyReport } from '../../../src/rank/conditions/report-conditions.js';
import type { Report, ReportStack } from '../../../src/rank/report/report.js';
import type { Selection } from '../../../src/rank/report/selection.js';
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
