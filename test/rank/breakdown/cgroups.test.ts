import { describe, expect, it } from 'vitest';
import { cgroupRowsOf } from '../../../src/rank/breakdown/cgroups.js';
import { processesOf } from '../../../src/rank/breakdown/processes.js';
import { defaultSelection, oneCgroup, type Selection } from '../../../src/rank/report/selection.js';
import { pairText } from '../../helpers/text-trace.js';

const ID = '3f2a9c0b1d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde';

const TRACE = `
  1 palloc 8 order 2 comm=sh cgroup=7:/docker/${ID} pid=7 alloc_pages < x
  2 alloc a 64 comm=ls cgroup=7:/docker/${ID} pid=9 kmalloc < y
  3 alloc b 64 comm=ls cgroup=8:/ci/1 pid=9 kmalloc < y
  4 alloc c 32 comm=ls cgroup=9:/ci pid=9 kmalloc < y
  5 alloc d 16 comm=ls pid=9 kmalloc < y
  6 removed 8:/ci/1
  7 alloc e 8 comm=ls cgroup=10:/ci/1 pid=10 kmalloc < y
  8 alloc gone 8 comm=ls cgroup=11:/gone pid=10 kmalloc < y
  9 free gone
  10 clock`;

describe('what cgroups hold', () => {
  const paired = pairText(TRACE, { host: { allocators: ['page', 'slab'] } });
  const rowsOf = (selection: Partial<Selection> = {}): unknown[][] =>
    cgroupRowsOf(paired, { ...defaultSelection(1), ...selection }).map((row) => [
      row.cgroup.path,
      row.cgroup.name,
      row.cgroup.removedNs,
      row.bytes,
      row.pids,
      row.stacks,
    ]);

  it('is no byte twice, the greatest first; a cgroup made again under its path is another', () => {
    expect(rowsOf()).toEqual([
      [`/docker/${ID}`, 'docker 3f2a9c0b1d2e', null, 16_384 + 64, 2, 2],
      ['/ci/1', '/ci/1', 6, 64, 1, 1],
      ['/ci', '/ci', null, 32, 1, 1],
      ['', '', null, 16, 1, 1],
      ['/ci/1', '/ci/1', null, 8, 1, 1],
    ]);
  });

  it('adds up to what processes hold', () => {
    const all = defaultSelection(1);
    const byCgroup = cgroupRowsOf(paired, all);
    const byProcess = processesOf(paired, all);
    for (const figure of ['bytes', 'count', 'allocations', 'slabBytes', 'pageBytes'] as const) {
      const sums = [byCgroup, byProcess].map((rows) => rows.reduce((total, row) => total + row[figure], 0));
      expect([figure, sums[0]]).toEqual([figure, sums[1]]);
    }
  });

  it('obeys the selection: a path with what is below it, or alone', () => {
    expect(rowsOf({ cgroup: '/ci' }).map(([path, , , bytes]) => [path, bytes])).toEqual([
      ['/ci/1', 64],
      ['/ci', 32],
      ['/ci/1', 8],
    ]);
    expect(rowsOf({ cgroup: oneCgroup('/ci') }).map(([path, , , bytes]) => [path, bytes])).toEqual([['/ci', 32]]);
    expect(rowsOf({ cgroup: '3f2a9c0b1d2e' }).map(([, name]) => name)).toEqual(['docker 3f2a9c0b1d2e']);
    expect(rowsOf({ cgroup: 'nowhere' })).toEqual([]);
  });

  it('has a state, as that of processes', () => {
    const [first] = cgroupRowsOf(paired, defaultSelection(1));
    expect(first.state).toMatchObject({ growth: null, verdict: null, paths: [expect.any(Number), expect.any(Number)] });
  });
});
