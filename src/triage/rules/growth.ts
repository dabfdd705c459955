/** R22: an item that grows for certain, although no other rule calls it abnormal yet. */
import { formatAge, formatBytes } from '../../base/format.js';
import type { HistoryPoint } from '../facts.js';
import { recordCommand } from '../next-commands.js';
import { finding, type Rule } from '../rule.js';
import { type Scene } from '../scene.js';

/** Items of trends.ts, what the text calls them, and the rule whose finding already has the growth. */
const ITEMS: readonly (readonly [item: string, name: string])[] = [
  ['anon', 'anonymous memory of processes'],
  ['page tables', 'page tables'],
  ['kernel stacks', 'kernel stacks'],
  ['held by a reference', 'memory held by a reference'],
  ['hugetlb', 'huge pages'],
];

/** Items that only a history has, and those that say the same better. */
const OF_HISTORY: readonly (readonly [item: string, name: string, better: readonly string[]])[] = [
  ['slab', 'slab, reclaimable or not', ['unreclaimable slab']],
  ['vmalloc', 'vmalloc memory', []],
  ['hugetlb used', 'huge pages in use', ['hugetlb']],
  ['swap used', 'swap in use', []],
  ['used', 'memory in use, without caches', ['available']],
];

/** A history of minutes shows no growth of hours. */
const LEAST_HISTORY_MS = 3_600_000;

function spanOf(history: readonly HistoryPoint[]): number {
  const times = history.map(({ timeMs }) => timeMs);
  return (
    times.reduce((most, time) => Math.max(most, time), 0) -
    times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY)
  );
}

export const growth: Rule = {
  id: 'R22',
  about: 'growth',
  knows: ({ readings, history }) => readings.length > 0 || spanOf(history ?? []) > LEAST_HISTORY_MS,
  judge: (scene) => {
    const found = ITEMS.flatMap(([item, name]) => grows(scene, item, name));
    // Looks of whole machines have rules for these.
    const alone = scene.now.meminfo === null || scene.now.machine.meminfoBy === 'sar';
    if (alone) {
      for (const [item, name, better] of OF_HISTORY) {
        if (!better.some((one) => scene.trends.has(one))) found.push(...grows(scene, item, name));
      }
    }
    return found.length > 0 || !alone ? found : falls(scene);
  },
};

/** Available memory that falls, where no column tells what grows instead. */
function falls({ trends }: Scene): ReturnType<Rule['judge']> {
  const trend = trends.get('available');
  if (trend?.certain !== true || trend.changeBytes >= 0) return [];
  return [
    finding('R22', 'growing', {
      item: 'available memory',
      bytes: -trend.changeBytes,
      growthBytesPerHour: trend.bytesPerHour,
      text: `Available memory fell by ${formatBytes(-trend.changeBytes)} in ${formatAge(trend.spanSeconds * 1e9)}: what took it is not in this text.`,
      next: ['sar -r ALL', 'unfreed triage'],
    }),
  ];
}

function grows(scene: Scene, item: string, name: string): ReturnType<Rule['judge']> {
  const trend = scene.trends.get(item);
  if (trend?.certain !== true || trend.changeBytes <= 0) return [];
  return [
    finding('R22', 'growing', {
      item: name,
      bytes: trend.changeBytes,
      growthBytesPerHour: trend.bytesPerHour,
      text: `${name.charAt(0).toUpperCase()}${name.slice(1)} grew by ${formatBytes(trend.changeBytes)} in ${formatAge(trend.spanSeconds * 1e9)}.`,
      next: [recordCommand(scene, item === 'anon' ? 'page' : 'page,slab', trend.bytesPerHour)],
    }),
  ];
}
