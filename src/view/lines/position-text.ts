import { formatClock, formatDuration } from '../../base/format.js';

/** A time in a trace, at least 6 columns wide. Traces under two minutes get more than whole seconds. */
export function formatPosition(ns: number, durationNs: number): string {
  return durationNs < 120e9 ? formatDuration(ns).padStart(6) : formatClock(ns);
}
