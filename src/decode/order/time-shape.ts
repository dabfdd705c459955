/** How the times of a text run, as its first lines show. */

export type TimeShape =
  /** Forward, on several CPUs: rows are passed on as they come. */
  | 'forward'
  /** On one CPU only: rows are held until another one follows. */
  | 'one-cpu'
  /** Back and forth: rows are held, and sorted. */
  | 'falling'
  /** Each time is the difference to the event before it (perf script --deltatime). */
  | 'differences';

/** The time and CPU of an event line. */
export interface LineTime {
  /** In ns, or in counts of an unknown clock. */
  time: number;
  cpu: number;
  /** True if the unit is not known. */
  isCount: boolean;
}

/** Time falls back by less than this in texts that are in order: CPUs' clocks differ a little. */
const JITTER_NS = 1e6;
/** Differences fall back this often: in a row of random numbers, every second one is smaller. */
const FALLING_SHARE = 0.2;
/** Fewer lines cannot show differences, nor can fewer falls in a text that does not start with 0. */
const LEAST_LINES = 3;
const LEAST_FALLS = 4;

/**
 * Returns how these times run; `times` are those of the first event lines, in the order of the text.
 * `isMerged`: the tool prints the events of all CPUs in one order, so that one CPU is no doubt.
 */
export function timeShapeOf(times: readonly LineTime[], isMerged: boolean): TimeShape {
  if (areDifferences(times)) return 'differences';
  let maxTime = Number.NEGATIVE_INFINITY;
  const cpus = new Set<number>();
  let isMixed = false;
  let lastCpu = -1;
  for (const { time, cpu, isCount } of times) {
    if (time < maxTime - (isCount ? 0 : JITTER_NS)) return 'falling';
    maxTime = Math.max(maxTime, time);
    if (cpu !== lastCpu && cpus.has(cpu)) isMixed = true;
    cpus.add(cpu);
    lastCpu = cpu;
  }
  return isMerged || isMixed ? 'forward' : 'one-cpu';
}

/**
 * perf prints 0 for the first event. Later times are small and fall as often as they rise; times
 * since a start never lie that close to 0 in a text that is out of order, except at its start.
 */
function areDifferences(times: readonly LineTime[]): boolean {
  if (times.length < LEAST_LINES || times.some(({ isCount }) => isCount)) return false;
  let falls = 0;
  for (let i = 1; i < times.length; i++) if (times[i].time < times[i - 1].time) falls++;
  if (falls < (times.length - 1) * FALLING_SHARE) return false;
  const sorted = Float64Array.from(times, ({ time }) => time).toSorted();
  const highest = sorted[sorted.length - 1];
  return times[0].time === 0 || (falls >= LEAST_FALLS && sorted[sorted.length >>> 1] * 4 < highest);
}
