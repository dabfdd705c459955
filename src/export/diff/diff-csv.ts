/**
 * A diff as CSV (RFC 4180), one table: a line for each call path (row 'stack'), then for each
 * process (row 'process') and each cgroup (row 'cgroup'), then the totals of each allocator (row 'total') with what lost frees may
 * have changed. Cells without a value are empty.
 */
import { joined } from '../../base/pieces.js';
import type {
  DiffCgroup,
  DiffEstimate,
  DiffProcess,
  DiffReport,
  DiffStack,
  HeldChange,
} from '../../rank/report/diff-report.js';
import { frameName, INTERRUPT } from '../parts/call-paths.js';
import { csvField } from '../parts/markup.js';
import { stateWords, totalRows } from './diff-summary.js';

const COLUMNS = [
  'row',
  'rank',
  'change',
  'allocator',
  'category',
  'state',
  'before_bytes',
  'after_bytes',
  'difference_bytes',
  'before_count',
  'after_count',
  'difference_count',
  'bytes_per_hour',
  'before_allocs',
  'after_allocs',
  'before_frees',
  'after_frees',
  'lowest_bytes',
  'highest_bytes',
  'new_allocations',
  'comm',
  'pid',
  'pid_before',
  'caches',
  'frames',
  'before_lost_events',
  'after_lost_events',
  'estimate_difference_bytes',
  'estimate_low_bytes',
  'estimate_high_bytes',
  'cgroup',
  'cgroup_before',
  'before_vsz',
  'after_vsz',
  'before_rss',
  'after_rss',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

export function encodeDiffCsv(diff: DiffReport): string {
  return joined(diffCsvPieces(diff));
}

/** The same, line by line. */
export function* diffCsvPieces(diff: DiffReport): Generator<string> {
  const lost = {
    before_lost_events: diff.before.anomalies.lostEvents,
    after_lost_events: diff.after.anomalies.lostEvents,
  };
  const rows: Row[] = [...diff.stacks.map(stackRow), ...diff.processes.map(processRow), ...diff.cgroups.map(cgroupRow)];
  for (const [name, total] of totalRows(diff)) {
    rows.push({
      row: 'total',
      allocator: name,
      before_bytes: total.beforeBytes,
      after_bytes: total.afterBytes,
      difference_bytes: total.differenceBytes,
      bytes_per_hour: total.bytesPerHour,
      lowest_bytes: total.lowestBytes,
      highest_bytes: total.highestBytes,
      ...estimateCells(total.estimate),
    });
  }
  yield `${COLUMNS.join(',')}\r\n`;
  for (const row of rows) yield `${COLUMNS.map((name) => csvField({ ...row, ...lost }[name] ?? null)).join(',')}\r\n`;
}

function stackRow(stack: DiffStack): Row {
  const { before, after } = stack;
  const frames = stack.frames.map(frameName);
  if (stack.interruptedFrom !== null) frames.splice(stack.interruptedFrom, 0, INTERRUPT);
  return {
    row: 'stack',
    rank: stack.rank,
    change: stack.change,
    allocator: stack.allocator,
    category: stack.category,
    state: stateWords(stack).join(' '),
    before_bytes: before?.bytes ?? 0,
    after_bytes: after?.bytes ?? 0,
    difference_bytes: stack.differenceBytes,
    before_count: before?.count ?? 0,
    after_count: after?.count ?? 0,
    difference_count: stack.differenceCount,
    bytes_per_hour: stack.bytesPerHour,
    before_allocs: before?.allocCount ?? null,
    after_allocs: after?.allocCount ?? null,
    before_frees: before?.freeCount ?? null,
    after_frees: after?.freeCount ?? null,
    lowest_bytes: stack.differenceBytes - (after?.lostFreeBytes ?? 0),
    highest_bytes: stack.differenceBytes + (before?.lostFreeBytes ?? 0),
    ...estimateCells(stack.estimate),
    comm: stack.comms.map((share) => share.comm).join(' '),
    caches: stack.caches.join(' '),
    frames: frames.join(' < '),
  };
}

function estimateCells(estimate: DiffEstimate | null): Row {
  if (estimate === null) return {};
  const { differenceBytes, lowBytes, highBytes } = estimate;
  return {
    estimate_difference_bytes: differenceBytes,
    estimate_low_bytes: lowBytes,
    estimate_high_bytes: highBytes,
  };
}

function processRow(held: DiffProcess): Row {
  const { newAllocations, comm, pid, pidBefore, sizes } = held;
  return {
    row: 'process',
    ...changeCells(held),
    new_allocations: newAllocations,
    comm,
    pid,
    pid_before: pidBefore,
    ...(sizes !== undefined && {
      before_vsz: sizes.beforeVsz,
      after_vsz: sizes.afterVsz,
      before_rss: sizes.beforeRss,
      after_rss: sizes.afterRss,
    }),
  };
}

function cgroupRow(held: DiffCgroup): Row {
  return { row: 'cgroup', ...changeCells(held), cgroup: held.cgroup, cgroup_before: held.cgroupBefore };
}

function changeCells(held: HeldChange): Row {
  return {
    change: held.change,
    before_bytes: held.beforeBytes,
    after_bytes: held.afterBytes,
    difference_bytes: held.differenceBytes,
    before_count: held.beforeCount,
    after_count: held.afterCount,
    difference_count: held.afterCount - held.beforeCount,
  };
}
