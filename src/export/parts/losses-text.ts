/**
 * Losses in words. An event that came without its call path, or without the name of its process or
 * cache, is there and counted: what is missing is the path or the name, never the event.
 */
import { formatBytes, formatCount } from '../../base/format.js';
import type { Report } from '../../rank/report/report.js';

type Loss = Report['losses'][number];

/** Causes that leave the event: it came without its call path or a name. */
const KEPT: ReadonlySet<string> = new Set(['no-stack', 'stack-table-full', 'name-table-full']);

/** Returns the causes of lost events, each once, in the order of the losses. */
export function lossCauses(losses: readonly Loss[]): string[] {
  const lost = losses.filter(({ cause, count }) => count > 0 && !KEPT.has(cause));
  return [...new Set(lost.map(({ cause }) => cause))];
}

/** Returns the number of events that came without the name of their process or cache. */
export function unnamedEvents(losses: readonly Loss[]): number {
  return losses.reduce((sum, { cause, count }) => sum + (cause === 'name-table-full' ? count : 0), 0);
}

/** Returns 'events without a process or cache name 1,204'; no line if there are none. */
export function unnamedLines(losses: readonly Loss[]): string[] {
  const count = unnamedEvents(losses);
  return count === 0 ? [] : [`events without a process or cache name ${formatCount(count)}`];
}

/** Returns the losses by cause and tracepoint, greatest first; the JSON has them by CPU. */
export function lossDetails(losses: readonly Loss[]): string[] {
  const sums = new Map<string, { count: number; bytes: number }>();
  for (const { cause, kind, count, bytes } of losses) {
    if (count === 0 || KEPT.has(cause)) continue;
    const key = kind === null ? cause : `${cause} ${kind}`;
    const sum = sums.get(key) ?? { count: 0, bytes: 0 };
    sums.set(key, { count: sum.count + count, bytes: sum.bytes + bytes });
  }
  return [...sums]
    .toSorted(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .map(
      ([key, { count, bytes }]) =>
        `lost: ${key} ${formatCount(count)}${bytes > 0 ? `, up to ${formatBytes(bytes)}` : ''}`,
    );
}
