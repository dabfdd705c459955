/**
 * The sentences behind the verdicts: the figures and nothing beyond them. They hold numbers only,
 * no text of the traced machine.
 */
import { formatBytes, formatDuration, formatShare, type RateUnit, rateUnitOf } from '../../base/format.js';
import type { Growth } from '../report/report-rows.js';
import type { HistoryFacts } from './history-facts.js';
import type { Rest } from './rest.js';
import type { Stairs } from './staircase.js';

/**
 * '3.10 MiB/h (2.80..3.40)': the interval is in the unit of the rate. `times` scales it (a sample).
 */
export function growthText(
  { bytesPerHour, lowBytesPerHour, highBytesPerHour }: Growth,
  { name, hours }: RateUnit,
  times = 1,
): string {
  const scale = hours * times;
  const greatest = Math.max(Math.abs(lowBytesPerHour), Math.abs(highBytesPerHour), Math.abs(bytesPerHour)) * scale;
  const unit = Math.max(0, Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, greatest)) / 10)));
  const divisor = 1024 ** unit;
  const digits = greatest / divisor >= 100 ? 0 : greatest / divisor >= 10 ? 1 : 2;
  const number = (value: number): string => {
    const text = ((value * scale) / divisor).toFixed(digits);
    return /^-0\.?0*$/.test(text) ? text.slice(1) : text;
  };
  return `${number(bytesPerHour)} ${UNITS[unit]}/${name} (${number(lowBytesPerHour)}..${number(highBytesPerHour)})`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SOON_NS = 1e8;

export function growingReason(growth: Growth, facts: HistoryFacts): string {
  const freed = formatShare(facts.freeCount, facts.allocCount);
  return (
    `rises by ${growthText(growth, rateUnitOf(facts.nowNs))} since ${timeText(growth.sinceNs)}, ` +
    `${freed} of its allocations were freed${agesText(facts)}`
  );
}

export function evenReason(growth: Growth, facts: HistoryFacts): string {
  return `${growingReason(growth, facts)}; it came evenly, and hardly anything that was freed had lived long`;
}

export function renewedReason(growth: Growth, { nowNs, oldestAgeNs }: HistoryFacts): string {
  const oldest = formatDuration(oldestAgeNs ?? 0);
  return `rises by ${growthText(growth, rateUnitOf(nowNs))}, but nothing that is held is older than ${oldest}`;
}

export function evenPartReason(growth: Growth, { nowNs, oldestAgeNs }: HistoryFacts): string {
  return (
    `what it holds was allocated evenly over ${formatDuration(oldestAgeNs ?? 0)}, by ${growthText(growth, rateUnitOf(nowNs))}; ` +
    'hardly anything that was freed on this call path had lived long'
  );
}

export function oncePartReason({ medianAgeNs }: HistoryFacts): string {
  return `what it holds was allocated at once, ${formatDuration(medianAgeNs ?? 0)} ago, and nothing since`;
}

export function keptPartReason(sinceNs: number): string {
  return `nothing of what it holds was allocated in the last ${formatDuration(sinceNs)}`;
}

export function inStepsReason({ steps, rise, lastStepAgoNs, growth }: Stairs, facts: HistoryFacts): string {
  return (
    `rose by ${formatBytes(rise)} in ${steps} steps since ${timeText(growth.sinceNs)}, and each has stayed: ` +
    `${growthText(growth, rateUnitOf(facts.nowNs))}; the last step was ${formatDuration(lastStepAgoNs)} ago${agesText(facts)}`
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
