import type { CounterSource, EndReason } from '../event/trace-sink.js';

/** Indexed by the number in the stream and the recording; the numbers never change meaning. 0 is none. */
export const COUNTER_SOURCES: readonly (CounterSource | undefined)[] = [
  undefined,
  'meminfo',
  'vmstat',
  'slabinfo',
  'zoneinfo',
  'processes',
  'spaces',
];

/** Indexed likewise. 'cut' occurs only in recordings: a collector cannot send it. */
export const END_REASONS: readonly (EndReason | undefined)[] = [
  undefined,
  'stopped',
  'duration',
  'command-exited',
  'parent-gone',
  'output-failed',
  'size-limit',
  'failed',
  'cut',
];
