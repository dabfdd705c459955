/** R1 and R18 of the past: what sar saw of reclaim (sar -B) and of swapping (sar -W), where the machine's own counters are not there. */
import { formatAge, formatBytes, formatCount } from '../../base/format.js';
import type { HistoryPoint } from '../facts.js';
import type { TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { MIB, type Scene } from '../scene.js';

/** Less a second is nothing that a task would feel. */
const LEAST_RATE = MIB;
/** Of the readings, before it is more than an event of the past. */
const OFTEN = 0.25;

export const pastReclaim: Rule = {
  id: 'R1',
  about: 'reclaim by tasks',
  knows: ({ history }) => hasItem(history, 'scanned by tasks a second'),
  judge: (scene) =>
    rateFinding(scene, 'scanned by tasks a second', {
      rule: 'R1',
      item: 'reclaim by tasks',
      text: 'Tasks had to look for memory themselves (pgscand/s of sar -B)',
      next: ['sar -B', 'sar -r ALL'],
    }),
};

export const pastSwapping: Rule = {
  id: 'R18',
  about: 'swapping',
  knows: ({ history }) => hasItem(history, 'swapped in a second'),
  judge: (scene) =>
    rateFinding(scene, 'swapped in a second', {
      rule: 'R18',
      item: 'swapping',
      text: 'Pages were read back from swap (pswpin/s of sar -W)',
      next: ['sar -W', 'sar -S'],
    }),
};

function hasItem(history: readonly HistoryPoint[] | null, item: string): boolean {
  return history?.some((point) => point.item === item) === true;
}

function rateFinding(
  { now }: Scene,
  item: string,
  words: { rule: string; item: string; text: string; next: string[] },
): TriageFinding[] {
  const points = (now.history ?? []).filter((point) => point.item === item);
  const busy = points.filter(({ bytes }) => bytes > LEAST_RATE);
  if (busy.length === 0) return [];
  const most = busy.reduce((one, other) => (other.bytes > one.bytes ? other : one));
  const last = points.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0);
  const ago =
    last === most.timeMs ? 'in the last reading' : `${formatAge((last - most.timeMs) * 1e6)} before the last reading`;
  const often = busy.length > OFTEN * points.length;
  return [
    finding(words.rule, often ? 'limit' : 'note', {
      item: words.item,
      bytes: null,
      text: `${words.text} in ${formatCount(busy.length)} of ${formatCount(points.length)} readings, most ${formatBytes(most.bytes)} a second, ${ago}.`,
      next: words.next,
    }),
  ];
}
