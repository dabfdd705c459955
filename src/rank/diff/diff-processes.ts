/**
 * Processes before and after, as in a router's "memory compare" report. A process is the same if
 * name and pid are. Of the others, one before and one after with the same name count as one
 * restarted process, matched in order of bytes. A process that holds nothing is not listed, so new
 * and gone mean that it holds nothing on the other side.
 */
import type { DiffProcess, ProcessHeld } from '../report/diff-report.js';
import type { Report } from '../report/report.js';
import type { TracedProcess } from '../report/report-memory.js';
import { changesInOrder, heldChange } from './held-change.js';

/** Returns the processes that changed, growth first, and the number of those that did not. */
export function diffProcesses(
  before: readonly ProcessHeld[],
  after: readonly ProcessHeld[],
): { processes: DiffProcess[]; unchanged: number } {
  const left = new Map(before.map((row) => [keyOf(row), row]));
  const found: DiffProcess[] = [];
  const unmatched: ProcessHeld[] = [];
  for (const row of after) {
    const old = left.get(keyOf(row));
    if (old === undefined) unmatched.push(row);
    else found.push(compared(old, row));
    left.delete(keyOf(row));
  }
  const leftOfComm = new Map<string, ProcessHeld[]>();
  for (const row of [...left.values()].toSorted(byBytes)) {
    const rows = leftOfComm.get(row.comm) ?? [];
    leftOfComm.set(row.comm, rows);
    rows.push(row);
  }
  for (const row of unmatched.toSorted(byBytes)) found.push(compared(leftOfComm.get(row.comm)?.shift() ?? null, row));
  for (const row of [...leftOfComm.values()].flat()) found.push(compared(row, null));
  const { changed, unchanged } = changesInOrder(found, byName);
  return { processes: changed, unchanged };
}

/**
 * The processes of a report: by name only, because a report holds no pids. Backing pages are left
 * out, as in ProcessRow.
 */
export function processesOfReport(report: Report): ProcessHeld[] {
  const rows = report.stacks.filter((stack) => stack.category !== 'backing').flatMap((stack) => stack.comms);
  return byComm(rows.map(({ comm, bytes, count }) => ({ comm, pid: null, bytes, count, newAllocations: null })));
}

/** Sums up the rows of each name, for a comparison with a side that has no pids. */
export function byComm(rows: readonly ProcessHeld[]): ProcessHeld[] {
  const sums = new Map<string, ProcessHeld>();
  for (const { comm, bytes, count, newAllocations } of rows) {
    const sum = sums.get(comm) ?? { comm, pid: null, bytes: 0, count: 0, newAllocations: null };
    sums.set(comm, sum);
    sum.bytes += bytes;
    sum.count += count;
    if (newAllocations !== null) sum.newAllocations = (sum.newAllocations ?? 0) + newAllocations;
  }
  return [...sums.values()];
}

/** The rows with the sizes of processes of both reports, by pid, or where pids are not known by name; in a trace of processes. */
export function withSizes(rows: readonly DiffProcess[], before: Report, after: Report): DiffProcess[] {
  const [first, second] = [before.processes ?? [], after.processes ?? []];
  if (first.length + second.length === 0) return [...rows];
  return rows.map((row): DiffProcess => {
    const was = row.change === 'new' ? null : sizeOf(first, row.comm, row.pidBefore ?? row.pid);
    const is = row.change === 'gone' ? null : sizeOf(second, row.comm, row.pid);
    const sizes = {
      beforeVsz: was?.vsz ?? null,
      afterVsz: is?.vsz ?? null,
      beforeRss: was?.rss ?? null,
      afterRss: is?.rss ?? null,
    };
    return { ...row, sizes };
  });
}

/** The latest program of a pid; without a pid the sum of all of a name. */
function sizeOf(
  processes: readonly TracedProcess[],
  comm: string,
  pid: number | null,
): { vsz: number; rss: number } | null {
  const found = processes.filter((each) => (pid === null ? each.name === comm : each.pid === pid));
  const lasts = found.flatMap(({ last }) => (last === null ? [] : [last]));
  const counted = pid === null ? lasts : lasts.slice(-1);
  if (counted.length === 0) return null;
  return {
    vsz: counted.reduce((sum, { vsz }) => sum + vsz, 0),
    rss: counted.reduce((sum, { rss }) => sum + rss, 0),
  };
}

function compared(before: ProcessHeld | null, after: ProcessHeld | null): DiffProcess {
  const there = after ?? before;
  const restarted = before !== null && after !== null && before.pid !== after.pid;
  return {
    comm: there?.comm ?? '',
    pid: there?.pid ?? null,
    pidBefore: restarted ? before.pid : null,
    ...heldChange(before, after, restarted),
    newAllocations: after === null ? 0 : after.newAllocations,
  };
}

function keyOf({ comm, pid }: ProcessHeld): string {
  return `${pid ?? ''} ${comm}`;
}

function byBytes(a: ProcessHeld, b: ProcessHeld): number {
  return b.bytes - a.bytes || (a.pid ?? 0) - (b.pid ?? 0);
}

function byName(a: DiffProcess, b: DiffProcess): number {
  return a.comm === b.comm ? (a.pid ?? 0) - (b.pid ?? 0) : a.comm < b.comm ? -1 : 1;
}
