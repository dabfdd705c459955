import { formatClock, formatDuration } from '../../base/format.js';

/** A time in a trace: traces of under two minutes need more than whole seconds. At least 6 columns. */
export function formatPosition(ns: number, durationNs: number): string {
  return durationNs < 120e9 ? formatDuration(ns).padStart(6) : formatClock(ns);
}
