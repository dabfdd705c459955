import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../src/base/safe-text.js';
import { processLines } from '../../../src/rank/answer/process-lines.js';
import { processTable, timeTable } from '../../../src/rank/answer/process-table.js';
import type { ProcessFigures, TracedProcess } from '../../../src/rank/report/report-memory.js';

const MIB = 2 ** 20;
const SECOND = 1e9;

/** A process of `seconds` samples, of which each has 1 MiB more and 10 minor faults a second. */
function traced(number: number, seconds: number, more: Partial<TracedProcess> = {}): TracedProcess {
  const times = Array.from({ length: seconds + 1 }, (_, i) => i * SECOND);
  const figures = (i: number): ProcessFigures => ({
    timeNs: i * SECOND,
    vsz: (10 + i) * MIB,
    rss: (1 + i) * MIB,
    anon: 0,
    file: 0,
    shmem: 0,
    swap: 0,
    peakRss: 0,
    minorFaults: 10 * i,
    majorFaults: 0,
    heap: null,
    late: 0,
    gone: 0,
  });
  return {
    number,
    pid: 100 + number,
    name: `worker${number}`,
    exe: '',
    cmdline: '',
    cgroup: null,
    startNs: 0,
    why: 'first',
    parent: 0,
    sinceNs: 0,
    endedNs: null,
    stays: false,
    first: figures(0),
    last: figures(seconds),
    objects: { mapped: (10 + seconds) * MIB, reserved: 0, heap: null },
    heapBytes: null,
    otherResidentBytes: null,
    series: {
      timesNs: times,
      vsz: times.map((_, i) => (10 + i) * MIB),
      rss: times.map((_, i) => (1 + i) * MIB),
      minorPerSecond: times.map((_, i) => (i === 0 ? 0 : 10)),
      majorPerSecond: times.map(() => 0),
    },
    ...more,
  };
}

describe('processes as lines', () => {
  it('show sizes and faults now, and over time side by side', () => {
    expect(processLines({ processes: [traced(1, 4), traced(2, 2)], durationNs: 4 * SECOND }, 100)).toEqual([
      'PID PROCESS   VMSIZE    CHANGE      RSS    CHANGE minflt/s majflt/s STATE NOT SEEN CGROUP',
      '101 worker1 14.0 MiB +4.00 MiB 5.00 MiB +4.00 MiB    10.00     0.00 runs         0 -',
      '102 worker2 12.0 MiB +2.00 MiB 3.00 MiB +2.00 MiB    10.00     0.00 runs         0 -',
      '         worker1 101                          worker2 102',
      '   TIME  minflt/s majflt/s      VSZ      RSS  minflt/s majflt/s      VSZ      RSS',
      '     0s      0.00     0.00 10.0 MiB 1.00 MiB      0.00     0.00 10.0 MiB 1.00 MiB',
      '  1.00s     10.00     0.00 11.0 MiB 2.00 MiB     10.00     0.00 11.0 MiB 2.00 MiB',
      '  2.00s     10.00     0.00 12.0 MiB 3.00 MiB     10.00     0.00 12.0 MiB 3.00 MiB',
      '  3.00s     10.00     0.00 13.0 MiB 4.00 MiB',
      '  4.00s     10.00     0.00 14.0 MiB 5.00 MiB',
    ]);
  });

  it('fit any width, whatever a process calls itself', () => {
    const hostile = traced(1, 3, { name: '\u001b[31m\n\u202e<b>', cgroup: '/\u0007'.repeat(40) });
    for (const columns of [40, 80, 200]) {
      for (const line of processLines({ processes: [hostile], durationNs: 3 * SECOND }, columns)) {
        expect(textWidth(line)).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
      }
    }
  });

  it('are none in a trace of the kernel’s memory', () => {
    expect(processLines({ durationNs: 1 }, 80)).toEqual([]);
    expect(processTable({ processes: null })).toBeNull();
  });
});

describe('the table of processes', () => {
  it('has those that run first, and of those that ended the ones that were looked at', () => {
    const rows = processTable({
      processes: [
        traced(1, 9, { endedNs: 9 * SECOND }),
        traced(2, 1),
        traced(3, 3, { endedNs: SECOND, first: null, last: null, objects: null }),
        traced(4, 5, { why: 'exec', sinceNs: 2 * SECOND, objects: { mapped: 0, reserved: 14 * MIB, heap: null } }),
        traced(5, 4, { endedNs: 4 * SECOND, stays: true }),
      ],
    });
    expect(rows?.rows.map((row) => [row[0], row[8], row[9]])).toEqual([
      ['104', 'exec 2.00s', '+1.00 MiB'],
      ['102', 'runs', '0'],
      ['101', 'ended 9.00s', '0'],
      ['105', 'left 4.00s', '0'],
    ]);
    expect(rows?.more).toBe(1);
  });

  it('shows at most nine moments over time, with the mean of the faults between them', () => {
    const spiky = traced(1, 100);
    const series = spiky.series ?? null;
    if (series === null) throw new Error('a process without a series');
    const minorPerSecond = series.minorPerSecond.map((_, i) => (i % 2 === 0 ? 0 : 20));
    const table = timeTable({
      processes: [{ ...spiky, series: { ...series, minorPerSecond } }],
      durationNs: 100 * SECOND,
    });
    expect(table?.timesNs.length).toBeLessThanOrEqual(9);
    expect(table?.timesNs.at(-1)).toBe(100 * SECOND);
    for (const [moment] of table?.rows.slice(1) ?? []) expect(moment?.minorPerSecond).toBeCloseTo(10, -1);
  });
});
