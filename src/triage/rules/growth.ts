/** R22: an item that grows for certain, although no other rule calls it abnormal yet. */
import { formatAge, formatBytes } from '../../base/format.js';
import { recordCommand } from '../next-commands.js';
import { type Scene } from '../scene.js';
import { finding, type Rule } from './rule.js';

/** Items of trends.ts, what the text calls them, and the rule whose finding already has the growth. */
const ITEMS: readonly (readonly [item: string, name: string])[] = [
  ['anon', 'anonymous memory of processes'],
  ['page tables', 'page tables'],
  ['kernel stacks', 'kernel stacks'],
  ['held by a reference', 'memory held by a reference'],
  ['hugetlb', 'huge pages'],
];

export const growth: Rule = {
  id: 'R22',
  about: 'growth',
  knows: ({ readings }) => readings.length > 0,
  judge: (scene) => ITEMS.flatMap(([item, name]) => grows(scene, item, name)),
};

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
