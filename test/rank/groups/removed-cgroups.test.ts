/** What removed cgroups still hold: a trace as text in, sentences out. */
import { describe, expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { rank } from '../../../src/rank/rank.js';
import type { Report } from '../../../src/rank/report/report.js';
import { type CgroupFacts, NO_CGROUP_FACTS } from '../../../src/rank/report/report-cgroups.js';
import { defaultSelection, type Selection } from '../../../src/rank/report/selection.js';
import { pairText } from '../../helpers/text-trace.js';

const SHMEM = 'alloc_pages < shmem_alloc_folio < shmem_fault';
const JOBS = 112;

/** Each job takes 24 pages of shmem and an object, leaves them, and is removed; the last one is still there. */
function trace(): string {
  const lines = Array.from({ length: JOBS + 1 }, (_, i) => [
    `${i * 10} palloc ${i * 64} order 4 comm=sh cgroup=${i + 2}:/ci/${i} pid=${i + 9} ${SHMEM}`,
    `${i * 10} palloc ${i * 64 + 16} order 3 comm=sh cgroup=${i + 2}:/ci/${i} pid=${i + 9} ${SHMEM}`,
    `${i * 10 + 1} alloc o${i} 4096 comm=cat cgroup=${i + 2}:/ci/${i} pid=${i + 9} kmalloc < take`,
    `${i * 10 + 2} alloc freed${i} 4096 comm=cat cgroup=${i + 2}:/ci/${i} pid=${i + 9} kmalloc < take`,
    `${i * 10 + 3} free freed${i}`,
    ...(i < JOBS ? [`${i * 10 + 4} removed ${i + 2}:/ci/${i}`] : []),
  ]);
  return `${lines.flat().join('\n')}\n5000 alloc z 64 comm=sh cgroup=900:/empty kmalloc < take\n5001 removed 900:/empty\n5002 free z\n6000 clock`;
}

function reportOf(cgroups: CgroupFacts = NO_CGROUP_FACTS, selection: Partial<Selection> = {}): Report {
  const { core, symbols } = pairText(trace(), { host: { allocators: ['page', 'slab'] } });
  const source = { kind: 'import', facts: unknownHost(), cgroups } as const;
  return rank({ core, symbols }, { ...defaultSelection(10), ...selection }, source);
}

const saidBy = (report: Report): string[] =>
  report.conclusions.filter(({ kind }) => kind === 'removed').map(({ text }) => text);

describe('removed cgroups', () => {
  it('that hold something are summed by parent and line of meminfo', () => {
    const { removedCgroups } = reportOf();
    const [shmem, slab] = [JOBS * 24 * 4096, JOBS * 4096];
    expect(removedCgroups).toEqual({
      cgroups: JOBS,
      bytes: shmem + slab,
      groups: [
        {
          parent: '/ci',
          name: '/ci',
          cgroups: JOBS,
          example: '/ci/0',
          bytes: shmem + slab,
          categories: [
            { category: 'shmem', bytes: shmem },
            { category: 'slab', bytes: slab },
          ],
          comms: [
            { comm: 'sh', bytes: shmem },
            { comm: 'cat', bytes: slab },
          ],
          maker: null,
          kernel: null,
        },
      ],
    });
  });

  it('make a sentence: how many, of what, who took it, and what pins them', () => {
    const report = reportOf();
    expect(saidBy(report)).toEqual([
      '112 removed cgroups of /ci hold 10.9 MiB: taken by sh and 1 other, pinned by tmpfs or shared memory (shmem) 10.5 MiB, slab 448 KiB.',
    ]);
    expect(report.conclusions.find(({ kind }) => kind === 'removed')?.next).toBe(
      'unfreed top --cgroup /ci --group cgroup',
    );
  });

  it('say who made them, and what the kernel counts, where that is known', () => {
    const makers = new Map(Array.from({ length: 100 }, (_, i) => [`/ci/${i}`, i < 90 ? 'runner' : 'other']));
    const kernel = { dying: 132, dyingAtStart: 20, shmemBytes: 11 * 2 ** 20, fileBytes: 0, slabBytes: 2 ** 20 };
    const report = reportOf({ makers, counters: new Map([['/ci', kernel]]) });
    expect(saidBy(report)).toEqual([
      '112 removed cgroups of /ci hold 10.9 MiB: made by runner (90 of them), pinned by tmpfs or shared memory (shmem) 10.5 MiB, slab 448 KiB.',
    ]);
    expect(report.conclusions.find(({ kind }) => kind === 'removed')?.detail).toBe(
      'The kernel counts 132 dying cgroups below /ci, 20 at the first look. ' +
        'In memory.stat of /ci, with all that is below: shmem 11.0 MiB, slab 1.00 MiB. ' +
        'A removed cgroup stays until the last page that is charged to it is freed.',
    );
  });

  it('are of the whole trace, whatever is selected', () => {
    expect(reportOf(NO_CGROUP_FACTS, { comm: 'cat', cgroup: '/nowhere' }).removedCgroups?.bytes).toBe(JOBS * 25 * 4096);
  });

  it('of which nothing is left are none', () => {
    const { core, symbols } = pairText('1 alloc a 64 comm=sh cgroup=7:/x kmalloc < y\n2 removed 7:/x\n3 free a', {
      host: { allocators: ['slab'] },
    });
    const report = rank({ core, symbols }, defaultSelection(1), { kind: 'import', facts: unknownHost() });
    expect([report.removedCgroups, saidBy(report)]).toEqual([null, []]);
  });
});
