/**
 * How the items of a machine change over several looks, or over a history (sar): the slope of a line
 * through the readings, beside the noise around it. Free pages on per-CPU lists and writeback swing by
 * 100 MiB within seconds, so a slope counts only if the change is larger than its noise.
 */
import { ACCOUNT_TERMS, type MemoryAccount } from '../proc/memory-account.js';
import type { Facts } from './facts.js';

export interface Trend {
  bytesPerHour: number;
  /** Change along the line over the whole span, bytes. */
  changeBytes: number;
  spanSeconds: number;
  /** True if the change is at least three times the noise, and the pace at least LEAST_PER_HOUR. */
  certain: boolean;
}

/** Trends by item: the names of Reading. */
export type Trends = ReadonlyMap<string, Trend>;

/** Below this a machine at work grows and shrinks without a reason worth a word (R22). */
const LEAST_PER_HOUR = 10 * 2 ** 20;
/** No counter of a machine at work is steadier than this. */
const LEAST_NOISE = 2 ** 18;
/** Two readings alone know no noise: it is taken to be this. */
const UNKNOWN_NOISE = 16 * 2 ** 20;
/** Programs that start or compile take and give back more than this within seconds. */
const LEAST_SECONDS = 20;
/** What programs take and give back as they run: with few readings one that started looks like a trend. */
const RESTLESS = /^(?:anon$|page tables$|kernel stacks$|process:|virtual:|cgroup:)/;
const FEW_READINGS = 5;
const LEAST_SECONDS_OF_FEW = 300;
const TIMES_NOISE = 3;
/** Items of a history that are no amounts. */
const RATE = / a second$/;
/** Address space that is worth a series. */
const MUCH_VIRTUAL = 2 ** 30;
/** Items of a history; more are not worked out. */
const MOST_ITEMS = 20_000;

/** Lines of meminfo by item. */
const LINES: readonly (readonly [item: string, line: string])[] = [
  ['available', 'MemAvailable'],
  ['shmem', 'Shmem'],
  ['anon', 'AnonPages'],
  ['unreclaimable slab', 'SUnreclaim'],
  ['reclaimable slab', 'SReclaimable'],
  ['page tables', 'PageTables'],
  ['kernel stacks', 'KernelStack'],
  ['percpu', 'Percpu'],
  ['hugetlb', 'Hugetlb'],
];

/** Returns the amounts of one look by item, bytes: 'gap', 'available', 'shmem', 'process:12', 'cache:dentry', ... */
export function amountsOf(facts: Facts): Map<string, number> {
  const items = countersOf(facts.meminfo, facts.account);
  for (const { pid, startSeconds, virtual, rssAnon, rssFile, rssShmem } of facts.processes ?? []) {
    items.set(`process:${pid}:${startSeconds ?? ''}`, rssAnon + rssFile + rssShmem);
    if (virtual > MUCH_VIRTUAL) items.set(`virtual:${pid}:${startSeconds ?? ''}`, virtual);
  }
  for (const { name, slabs, pagesPerSlab } of facts.caches ?? []) {
    items.set(`cache:${name}`, slabs * pagesPerSlab * facts.machine.pageSize);
  }
  for (const { path, current } of facts.cgroups ?? []) items.set(`cgroup:${path}`, current);
  return items;
}

/** The amounts that meminfo and zoneinfo give. */
function countersOf(meminfo: ReadonlyMap<string, number> | null, account: MemoryAccount | null): Map<string, number> {
  const items = new Map<string, number>();
  for (const [item, line] of LINES) {
    const value = meminfo?.get(line);
    if (value !== undefined) items.set(item, value * 1024);
  }
  if (account !== null) {
    items.set('gap', account.unaccountedBytes);
    items.set('held by a reference', account.heldByReferenceBytes);
    items.set('rest', account.unaccountedBytes - account.heldByReferenceBytes);
    items.set('vmalloc', account.terms[ACCOUNT_TERMS.indexOf('vmalloc without stacks')]);
  }
  return items;
}

/**
 * How far each item swings around its own line, by the quick readings of a look: bytes, the larger of
 * all looks. What only grows does not swing.
 */
function swingsOf(looks: readonly Facts[]): Map<string, number> {
  const swings = new Map<string, number>();
  for (const { readings } of looks) {
    const series = new Map<string, { seconds: number; bytes: number }[]>();
    for (const [index, { uptimeSeconds, meminfo, account }] of readings.entries()) {
      for (const [item, bytes] of countersOf(meminfo, account)) {
        // Readings lie at equal distances, where their times are not told.
        series.set(item, [...(series.get(item) ?? []), { seconds: uptimeSeconds ?? index, bytes }]);
      }
    }
    for (const [item, points] of series) swings.set(item, Math.max(swings.get(item) ?? 0, swingOf(points)));
  }
  return swings;
}

/** Twice the largest distance from the line through the points. */
function swingOf(points: readonly { seconds: number; bytes: number }[]): number {
  const { slope, middle, mean } = lineThrough(points);
  return points.reduce(
    (most, { seconds, bytes }) => Math.max(most, 2 * Math.abs(bytes - mean - slope * (seconds - middle))),
    0,
  );
}

type Series = Map<string, { seconds: number; bytes: number }[]>;

/**
 * Returns the trends of all items that two or more looks have, or a history; of both the one with more
 * readings. Looks without a time count for nothing. Each look may have a part of the history: sar writes a file a day.
 */
export function trendsOf(looks: readonly Facts[]): Trends {
  const timed = looks.filter(({ timeMs }) => timeMs !== null);
  const series: Series = new Map();
  if (timed.length > 1) {
    for (const facts of timed)
      for (const [item, bytes] of amountsOf(facts)) add(series, item, facts.timeMs ?? 0, bytes);
  }
  const past: Series = new Map();
  const seen = new Set<string>();
  for (const { history } of looks) {
    for (const { item, timeMs, bytes } of history ?? []) {
      if (RATE.test(item) || seen.has(`${timeMs} ${item}`)) continue;
      if (looks.length > 1) seen.add(`${timeMs} ${item}`);
      add(past, item, timeMs, bytes);
    }
  }
  for (const [item, points] of past) if (points.length > (series.get(item)?.length ?? 0)) series.set(item, points);
  const trends = new Map<string, Trend>();
  const swings = swingsOf(timed);
  for (const [item, points] of series) {
    const trend = trendOf(points, {
      swing: swings.get(item) ?? null,
      leastSeconds: RESTLESS.test(item) && points.length < FEW_READINGS ? LEAST_SECONDS_OF_FEW : LEAST_SECONDS,
    });
    if (trend !== null) trends.set(item, trend);
  }
  return trends;
}

function add(series: Series, item: string, timeMs: number, bytes: number): void {
  const points = series.get(item);
  if (points !== undefined) points.push({ seconds: timeMs / 1000, bytes });
  else if (series.size < MOST_ITEMS) series.set(item, [{ seconds: timeMs / 1000, bytes }]);
}

/**
 * Least squares; null for fewer than two points or no time between them. `swing` = how far the item
 * swings within seconds, bytes; null = not known. A trend over less than `leastSeconds` is not certain.
 */
export function trendOf(
  points: readonly { seconds: number; bytes: number }[],
  { swing = null, leastSeconds = LEAST_SECONDS }: { swing?: number | null; leastSeconds?: number } = {},
): Trend | null {
  const count = points.length;
  const spanSeconds = spanOf(points);
  if (count < 2 || spanSeconds === 0) return null;
  const { slope, middle, mean } = lineThrough(points);
  const changeBytes = slope * spanSeconds;
  const around = count > 2 ? spreadAround(points, { slope, middle, mean }) : (swing ?? UNKNOWN_NOISE);
  const noise = Math.max(around, swing ?? 0, LEAST_NOISE);
  const bytesPerHour = slope * 3600;
  const certain =
    spanSeconds >= leastSeconds &&
    Math.abs(changeBytes) > TIMES_NOISE * noise &&
    Math.abs(bytesPerHour) > LEAST_PER_HOUR;
  return { bytesPerHour, changeBytes, spanSeconds, certain };
}

function spanOf(points: readonly { seconds: number }[]): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { seconds } of points) {
    least = Math.min(least, seconds);
    most = Math.max(most, seconds);
  }
  return most - least;
}

/** Least squares; a slope of 0 where all points have one time. */
function lineThrough(points: readonly { seconds: number; bytes: number }[]): {
  slope: number;
  middle: number;
  mean: number;
} {
  const middle = points.reduce((sum, { seconds }) => sum + seconds, 0) / points.length;
  const mean = points.reduce((sum, { bytes }) => sum + bytes, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const { seconds, bytes } of points) {
    above += (seconds - middle) * (bytes - mean);
    below += (seconds - middle) ** 2;
  }
  return { slope: below === 0 ? 0 : above / below, middle, mean };
}

/** Twice the median distance from the line: one odd reading of many is no noise. */
function spreadAround(
  points: readonly { seconds: number; bytes: number }[],
  line: { slope: number; middle: number; mean: number },
): number {
  const distances = points
    .map(({ seconds, bytes }) => Math.abs(bytes - line.mean - line.slope * (seconds - line.middle)))
    .toSorted((one, other) => one - other);
  return 2 * distances[distances.length >> 1];
}
