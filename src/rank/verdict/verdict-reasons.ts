/**
 * The sentences behind the verdicts: the figures and nothing beyond them. They hold numbers only,
 * no text of the traced machine.
 */
import { formatBytes, formatDuration, formatShare } from '../../base/format.js';
import type { Growth } from '../report/report.js';
import type { HistoryFacts } from './history-facts.js';
import type { Rest } from './rest.js';
import type { Stairs } from './staircase.js';

/**
 * '3.10 MiB/h (2.80..3.40)'. The interval is in the unit of the rate, which is per day if the rate
 * per hour is small. `times` scales it.
 */
export function growthText({ bytesPerHour, lowBytesPerHour, highBytesPerHour }: Growth, times = 1): string {
  const perDay = Math.max(Math.abs(lowBytesPerHour), Math.abs(highBytesPerHour)) * times < SMALL_PER_HOUR;
  const scale = (perDay ? 24 : 1) * times;
  const greatest = Math.max(Math.abs(lowBytesPerHour), Math.abs(highBytesPerHour), Math.abs(bytesPerHour)) * scale;
  const unit = Math.max(0, Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, greatest)) / 10)));
  const divisor = 1024 ** unit;
  const digits = unit === 0 || greatest / divisor >= 100 ? 0 : greatest / divisor >= 10 ? 1 : 2;
  const number = (value: number): string => {
    const text = ((value * scale) / divisor).toFixed(digits);
    return /^-0\.?0*$/.test(text) ? text.slice(1) : text;
  };
  const rate = `${number(bytesPerHour)} ${UNITS[unit]}/${perDay ? 'day' : 'h'}`;
  return `${rate} (${number(lowBytesPerHour)}..${number(highBytesPerHour)})`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SMALL_PER_HOUR = 10 * 1024;
const SOON_NS = 1e8;

export function growingReason(growth: Growth, facts: HistoryFacts): string {
  const freed = formatShare(facts.freeCount, facts.allocCount);
  return (
    `rises by ${growthText(growth)} since ${timeText(growth.sinceNs)}, ` +
    `${freed} of its allocations were freed${agesText(facts)}`
  );
}

export function evenReason(growth: Growth, facts: HistoryFacts): string {
  return `${growingReason(growth, facts)}; it came evenly, and hardly anything that was freed had lived long`;
}

export function renewedReason(growth: Growth, oldestAgeNs: number): string {
  return `rises by ${growthText(growth)}, but nothing that is held is older than ${formatDuration(oldestAgeNs)}`;
}

export function inStepsReason({ steps, rise, lastStepAgoNs, growth }: Stairs, facts: HistoryFacts): string {
  return (
    `rose by ${formatBytes(rise)} in ${steps} steps since ${timeText(growth.sinceNs)}, and each has stayed: ` +
    `${growthText(growth)}; the last step was ${formatDuration(lastStepAgoNs)} ago${agesText(facts)}`
  );
}

export function restedReason({ rise, level, sinceNs, restNs }: Rest, facts: HistoryFacts): string {
  return (
    `rose by ${formatBytes(rise)} until ${formatDuration(sinceNs)} into the trace, as a leak does, and has rested at ` +
    `${formatBytes(level)} for ${formatDuration(restNs)}${agesText(facts)}`
  );
}

export function oneTimeReason(levelBytes: number, sinceNs: number, facts: HistoryFacts): string {
  return `rose to ${formatBytes(levelBytes)} within ${formatDuration(sinceNs)} of trace and has stayed there${agesText(facts)}`;
}

export function churningReason(turns: number, freedShare: number, spanNs: number): string {
  const times = turns >= 10 ? Math.round(turns).toString() : turns.toFixed(1);
  return `what it holds was renewed ${times} times in ${formatDuration(spanNs)}, ${formatShare(freedShare, 1)} was freed`;
}

/** `values`: the second half of the history. */
export function steadyReason(values: Float64Array, stepNs: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = least === most ? formatBytes(most) : `${formatBytes(least)} to ${formatBytes(most)}`;
  return `held ${range} for the last ${formatDuration(values.length * stepNs)}`;
}

function timeText(ns: number): string {
  return ns < SOON_NS ? 'the trace began' : `${formatDuration(ns)} into the trace`;
}

function agesText({ medianAgeNs }: HistoryFacts): string {
  return medianAgeNs === null ? '' : `; half of what is held is older than ${formatDuration(medianAgeNs)}`;
}
