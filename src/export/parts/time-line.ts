/** The head line of one ranking among several: the time of the trace, and the date. */
import { formatClock } from '../../base/format.js';
import type { Report } from '../../rank/report/report.js';

/** '== 00:00:05.0 of the trace, 2026-11-21T12:18:09Z =='; without the date where it is not known. */
export function timeLine({ durationNs, source }: Report): string {
  const unixMs = source.startUnixMs + durationNs / 1e6;
  const isDated = source.startUnixMs > 0 && unixMs < 8.64e15 && !source.timesAreCounts;
  const date = isDated ? `, ${new Date(unixMs).toISOString().slice(0, 19)}Z` : '';
  const tenth = Math.floor(durationNs / 1e8) % 10;
  return `== ${formatClock(durationNs)}.${tenth} of the trace${date} ==`;
}
