import type { CounterSource, EndReason } from '../event/trace-sink.js';

/** Indexed by the number on the wire and on disk; the numbers never change meaning. 0 is none. */
export const COUNTER_SOURCES: readonly (CounterSource | undefined)[] = [undefined, 'meminfo', 'vmstat', 'slabinfo'];

/** Likewise. 'cut' is only found in recordings: a collector cannot say it. */
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
