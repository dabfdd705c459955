/**
 * A small diff with every case that an encoder can meet: all kinds of change, losses on both sides,
 * hostile names.
 */
import { diffReports } from '../../src/rank/diff/diff.js';
import type { DiffReport } from '../../src/rank/report/diff-report.js';
import type { Report } from '../../src/rank/report/report.js';
import type { ReportStack } from '../../src/rank/report/report-rows.js';
import { exportReport, HOSTILE_COMM, HOSTILE_SYMBOL } from './export-report.js';

const ALL = 100;

const NOUNS = ['pipe buffers', 'requests', `memory of ${HOSTILE_SYMBOL}`, 'counters'];

/** exportReport(), in which each row is held by its first process. */
function namedReport(): Report {
  const report = exportReport();
  for (const [i, stack] of report.stacks.entries()) {
    const [first] = stack.comms;
    stack.holder = { kind: 'process', name: first?.comm ?? '', pid: 4711, more: stack.comms.length - 1 };
    stack.noun = NOUNS[i] ?? 'process memory';
  }
  return report;
}

const RESTARTED = ['a', 'b'].map((digit) => `/docker/${digit.repeat(64)}`);

/** All that a row holds is of one cgroup. */
function inCgroup({ cgroups, bytes, count, comms }: ReportStack, cgroup: string): void {
  cgroups.push({ cgroup, name: cgroup, id: '7', removed: false, bytes, count, comms });
}

/** The diff of exportReport() and a changed copy; `change` may change that copy further, in place. */
export function exportDiff(change: (after: Report) => void = () => undefined): DiffReport {
  const before = namedReport();
  before.durationNs /= 2;
  // Gone: the path without frames. New: the hostile one. Grown: the first one. Shrunk: the slab's.
  const [grown, shrunk] = before.stacks;
  Object.assign(grown, { bytes: grown.bytes / 2, count: grown.count / 2, verdict: null });
  Object.assign(shrunk, { bytes: shrunk.bytes * 2, count: shrunk.count * 2 });
  inCgroup(grown, RESTARTED[0]);
  inCgroup(shrunk, '/system.slice/goes.service');
  before.stacks.splice(2, 1);
  const after = namedReport();
  after.stacks.splice(3, 1);
  inCgroup(after.stacks[0], RESTARTED[1]);
  inCgroup(after.stacks[2], `/${HOSTILE_COMM}`);
  change(after);
  const held = { pid: 7, bytes: 65_536, count: 16, newAllocations: 16 };
  return diffReports(
    {
      name: 'monday.unfreed',
      report: before,
      processes: [
        { ...held, comm: 'hold-pipes', pid: 41 },
        { ...held, comm: HOSTILE_COMM, bytes: 4096, count: 1 },
        { ...held, comm: 'stays' },
      ],
    },
    {
      name: 'tuesday.unfreed',
      report: after,
      processes: [
        { ...held, comm: 'hold-pipes', pid: 43, bytes: 131_072, count: 32 },
        { ...held, comm: 'fresh', pid: 44 },
        { ...held, comm: 'stays' },
      ],
    },
    { sameTrace: false, sort: 'bytes', limit: ALL },
  );
}
