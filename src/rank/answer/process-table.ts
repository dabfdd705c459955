/** The traced processes of a report as tables: what each is now, and how it was over time, as `pidstat -r` prints it. */
import { formatBytes, formatChange, formatDuration } from '../../base/format.js';
import type { Report } from '../report/report.js';
import type { TracedProcess } from '../report/report-memory.js';
import { unexplainedBytes } from './process-words.js';

/** Processes in a table, and in one over time; of more the number is told. */
export const MOST_SHOWN = 12;
export const MOST_OVER_TIME = 3;
/** Moments of a table over time. */
const MOMENTS = 8;

/** A table of plain texts. `left`: columns that are no numbers. Cells are untrusted. */
export interface PlainTable {
  head: readonly string[];
  left: ReadonlySet<number>;
  rows: readonly (readonly string[])[];
  /** Rows that are not shown. */
  more: number;
}

/** Those that run first, then by VmSize; at most MOST_SHOWN. Null where no process is known. */
export function processTable({ processes }: Pick<Report, 'processes'>): PlainTable | null {
  const all = ranked((processes ?? []).filter(isShown));
  if (all.length === 0) return null;
  return {
    head: [
      'PID',
      'PROCESS',
      'VMSIZE',
      'CHANGE',
      'RSS',
      'CHANGE',
      'minflt/s',
      'majflt/s',
      'STATE',
      'NOT SEEN',
      'CGROUP',
    ],
    left: new Set([1, 8, 10]),
    rows: all.slice(0, MOST_SHOWN).map(rowOf),
    more: (processes ?? []).length - Math.min(all.length, MOST_SHOWN),
  };
}

/** Those that run, and of those that ended the ones that were there long enough for a sample. */
function isShown({ endedNs, last }: TracedProcess): boolean {
  return endedNs === null || last !== null;
}

/** Those that run first, then by VmSize. */
export function ranked(processes: readonly TracedProcess[]): TracedProcess[] {
  return processes.toSorted(
    (a, b) =>
      Number(a.endedNs !== null) - Number(b.endedNs !== null) ||
      (b.last?.vsz ?? 0) - (a.last?.vsz ?? 0) ||
      a.number - b.number,
  );
}

function rowOf(process: TracedProcess): string[] {
  const { pid, first, last, name, cgroup } = process;
  const who = [String(pid), name === '' ? '?' : name];
  const state = stateOf(process);
  if (first === null || last === null) return [...who, '-', '-', '-', '-', '-', '-', state, '-', cgroup ?? '-'];
  const rest = unexplainedBytes(process);
  return [
    ...who,
    formatBytes(last.vsz),
    formatChange(last.vsz - first.vsz),
    formatBytes(last.rss),
    formatChange(last.rss - first.rss),
    rateText(perSecond(process, 'minorFaults')),
    rateText(perSecond(process, 'majorFaults')),
    state,
    rest === null ? '-' : rest === 0 ? '0' : formatChange(rest),
    cgroup ?? '-',
  ];
}

/** 'runs', 'forked 2.00s', 'exec 2.00s', 'ended 3.00s': what happened to it last, and when. */
export function stateOf({ why, sinceNs, endedNs, stays }: TracedProcess): string {
  if (endedNs !== null) return `${stays ? 'left' : 'ended'} ${formatDuration(endedNs)}`;
  return why === 'first' ? 'runs' : `${why === 'fork' ? 'forked' : 'exec'} ${formatDuration(sinceNs)}`;
}

/** The mean between the first sample and the last. */
function perSecond({ first, last }: TracedProcess, name: 'minorFaults' | 'majorFaults'): number {
  if (first === null || last === null || last.timeNs <= first.timeNs) return 0;
  return Math.max(0, last[name] - first[name]) / ((last.timeNs - first.timeNs) / 1e9);
}

/** As pidstat prints rates. */
export function rateText(rate: number): string {
  return rate.toFixed(2);
}

/** Up to MOST_OVER_TIME processes side by side, at up to MOMENTS times; null where none has two samples. */
export interface TimeTable {
  processes: TracedProcess[];
  /** Times, ns; rows[i][j]: of process j, null where it was not there. */
  timesNs: number[];
  rows: (Moment | null)[][];
}

/** What a process was at a time: faults a second since the moment before. */
export interface Moment {
  minorPerSecond: number;
  majorPerSecond: number;
  vsz: number;
  rss: number;
}

/** The first `most`, by size or in the order in which they are given. */
export function timeTable(
  { processes, durationNs }: Pick<Report, 'processes' | 'durationNs'>,
  most = MOST_OVER_TIME,
  isRanked = true,
): TimeTable | null {
  const shown = (isRanked ? ranked(processes ?? []) : (processes ?? []))
    .filter(({ series }) => (series?.timesNs.length ?? 0) > 1)
    .slice(0, most);
  if (shown.length === 0) return null;
  const times = [...new Set(shown.flatMap(({ series }) => series?.timesNs ?? []))].toSorted((a, b) => a - b);
  const step = Math.max(1, Math.ceil((times.length - 1) / MOMENTS));
  // The last moment is always shown, and from there steps of the same number of samples.
  const timesNs = times.filter(
    (timeNs, i) => (times.length - 1 - i) % step === 0 && timeNs <= Math.max(durationNs, timeNs),
  );
  const rows = timesNs.map((timeNs, i) =>
    shown.map((process) => momentOf(process, i === 0 ? Number.NEGATIVE_INFINITY : timesNs[i - 1], timeNs)),
  );
  return { processes: shown, timesNs, rows };
}

/** The last sample of a stretch of time, with the mean of the faults in it. */
function momentOf({ series }: TracedProcess, afterNs: number, untilNs: number): Moment | null {
  if (series === null) return null;
  const { timesNs, vsz, rss, minorPerSecond, majorPerSecond } = series;
  let found = -1;
  const sums = { seconds: 0, minor: 0, major: 0 };
  for (const [i, timeNs] of timesNs.entries()) {
    if (timeNs > untilNs) break;
    if (timeNs <= afterNs) continue;
    found = i;
    const seconds = i === 0 ? 0 : (timeNs - timesNs[i - 1]) / 1e9;
    sums.seconds += seconds;
    sums.minor += minorPerSecond[i] * seconds;
    sums.major += majorPerSecond[i] * seconds;
  }
  if (found < 0) return null;
  const mean = (sum: number): number => (sums.seconds > 0 ? sum / sums.seconds : 0);
  return { vsz: vsz[found], rss: rss[found], minorPerSecond: mean(sums.minor), majorPerSecond: mean(sums.major) };
}
