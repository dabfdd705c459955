import { describe, expect, it } from 'vitest';
import { diffReports } from '../../../src/rank/diff/diff.js';
import type { DiffReport } from '../../../src/rank/report/diff-report.js';
import { pairText } from '../../helpers/text-trace.js';

const OPTIONS = { sort: 'bytes', limit: 1000 } as const;

function diffOf(before: string, after: string, sameTrace = false): DiffReport {
  const [a, b] = [before, after].map((text) => pairText(text, { host: { kernel: '6.18.1', arch: 'x86_64' } }));
  return diffReports(
    { name: 'a', report: a.report({ limit: 1000 }), processes: null },
    { name: 'b', report: b.report({ limit: 1000 }), processes: null },
    { ...OPTIONS, sameTrace },
  );
}

const brief = ({ cgroups }: DiffReport): unknown[] =>
  cgroups.map(({ change, cgroup, cgroupBefore, differenceBytes }) => [change, cgroup, cgroupBefore, differenceBytes]);

/** A trace that holds these: cgroup, process name, pages. */
function held(...rows: [cgroup: string, comm: string, pages: number][]): string {
  let pfn = 0;
  const lines = rows.flatMap(([cgroup, comm, pages]) =>
    Array.from({ length: pages }, () => `${pfn} palloc ${pfn++} order 0 comm=${comm} cgroup=${cgroup} pipe_write`),
  );
  return [...lines, '100000 clock'].join('\n');
}

const ID = (digit: string): string => digit.repeat(64);
const pod = (uid: string, id: string): string => `/kubepods/burstable/pod${uid}/${id}`;
const POD = (digit: string): string => `${digit.repeat(8)}-1111-2222-3333-${digit.repeat(12)}`;

describe('cgroups before and after', () => {
  it('are the same by path, whatever their number after another boot', () => {
    const diff = diffOf(held(['7:/a', 'sh', 1], ['8:/b', 'sh', 2]), held(['91:/a', 'sh', 3], ['7:/b', 'sh', 2]));
    expect(brief(diff)).toEqual([['same', '/a', null, 2 * 4096]]);
    expect(diff.cgroupsUnchanged).toBe(1);
  });

  it('are not the same within a trace if the number is another one', () => {
    const before = held(['7:/job', 'sh', 1]);
    const after = `${held(['7:/job', 'sh', 1], ['9:/job', 'make', 4])}\n100001 removed 7:/job`;
    expect(brief(diffOf(before, after, true))).toEqual([['new', '/job', null, 4 * 4096]]);
  });

  it('are restarted containers and pods, told apart by what runs in them', () => {
    const [web, db] = [ID('a'), ID('b')];
    const [web2, db2] = [ID('c'), ID('d')];
    const diff = diffOf(
      held([`1:/docker/${web}`, 'nginx', 2], [`2:/docker/${db}`, 'postgres', 9]),
      held([`3:/docker/${web2}`, 'nginx', 12], [`4:/docker/${db2}`, 'postgres', 9]),
    );
    expect(brief(diff)).toEqual([
      ['restarted', `/docker/${web2}`, `/docker/${web}`, 10 * 4096],
      ['restarted', `/docker/${db2}`, `/docker/${db}`, 0],
    ]);
  });

  it('are not restarted where one name runs elsewhere', () => {
    const diff = diffOf(
      held([`1:${pod(POD('1'), ID('a'))}`, 'java', 5], [`2:/system.slice/java.service`, 'java', 1]),
      held([`3:${pod(POD('2'), ID('b'))}`, 'java', 6], [`4:/user.slice`, 'java', 1]),
    );
    expect(brief(diff)).toEqual([
      ['restarted', pod(POD('2'), ID('b')), pod(POD('1'), ID('a')), 4096],
      ['new', '/user.slice', null, 4096],
      ['gone', '/system.slice/java.service', null, -4096],
    ]);
  });

  it('are none where no side knows them', () => {
    const text = '1 palloc 8 order 0 comm=sh x\n9 clock';
    expect(diffOf(text, text)).toMatchObject({ cgroups: [], cgroupsUnchanged: 0 });
  });
});
