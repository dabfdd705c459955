/** R6 dentries and inodes, R16 objects whose owner is gone. */
import { formatBytes, formatCount } from '../../base/format.js';
import { shellWord } from '../next-commands.js';
import type { TriageFinding } from '../report.js';
import { finding, ofTotal, type Rule } from '../rule.js';
import { GIB, line, MIB, pace, type Scene, sum } from '../scene.js';
import { cacheBytes, cacheHolders, RECLAIMABLE } from './slab.js';

const MANY_DENTRIES = 1e6;
/** A dentry with its name, bytes (sizeof(struct dentry) is 192 on 64-bit kernels). */
const DENTRY_BYTES = 192;
/** Counted while objects come and go: a small difference says nothing (R16). */
const CENSUS_TIMES = 1.5;
const CENSUS_MORE = 10_000;
/** So many objects are strange however small they are, but a machine misses only more than this. */
const CENSUS_BYTES = 64 * MIB;
const CENSUS_SHARE = 0.005;

export const fileNames: Rule = {
  id: 'R6',
  about: 'dentries and inodes',
  knows: ({ dentries }) => dentries !== null,
  judge: (scene) => [...negativeDentries(scene), ...reclaimableSlab(scene)],
};

function reclaimableSlab(scene: Scene): TriageFinding[] {
  const { now, total, wholeMachine } = scene;
  const told = now.meminfo?.has('SReclaimable') === true;
  const named = (now.caches ?? []).filter(({ name }) => RECLAIMABLE.test(name));
  const bytes = told ? line(scene, 'SReclaimable') : sum(named.map((cache) => cacheBytes(scene, cache)));
  const { dentries } = now;
  const pinned = dentries !== null && dentries.all > MANY_DENTRIES && dentries.unused < 0.5 * dentries.all;
  if (!wholeMachine || ((total === 0 ? bytes <= GIB : bytes <= 0.25 * total) && !pinned)) return [];
  const holders = cacheHolders(scene, (name) => RECLAIMABLE.test(name));
  return [
    finding('R6', pinned ? 'large' : 'reclaimable', {
      item: pinned ? 'dentries in use' : 'reclaimable slab',
      bytes,
      growthBytesPerHour: pace(scene, 'reclaimable slab'),
      holders,
      text: pinned
        ? `${formatCount(dentries.all - dentries.unused)} of ${formatCount(dentries.all)} dentries are in use: the kernel cannot reclaim them, although /proc/meminfo counts them as reclaimable (${formatBytes(bytes)}).`
        : `Reclaimable slab${told ? '' : ', by the names of its caches,'} is ${formatBytes(bytes)}${ofTotal(scene, bytes)}: names and inodes of files that were looked up. The kernel gives it back under pressure, at a price.`,
      next: ['unfreed top --cache dentry --sort bytes --group comm', 'echo 2 > /proc/sys/vm/drop_caches'],
    }),
  ];
}

function negativeDentries(scene: Scene): TriageFinding[] {
  const { now, total } = scene;
  const { dentries } = now;
  if (dentries === null || dentries.negative === null) return [];
  const cache = now.caches?.find(({ name }) => name === 'dentry');
  const bytes = dentries.negative * (cache?.objectBytes ?? DENTRY_BYTES);
  if (dentries.negative <= MANY_DENTRIES || dentries.negative < 0.5 * dentries.all || bytes < 0.01 * total) return [];
  return [
    finding('R6', 'reclaimable', {
      item: 'negative dentries',
      bytes,
      growthBytesPerHour: pace(scene, 'cache:dentry'),
      holders: [{ kind: 'cache', name: 'dentry', bytes }],
      text: `${formatCount(dentries.negative)} of ${formatCount(dentries.all)} dentries are negative (${formatBytes(bytes)}): names that a program looked up and that do not exist. The kernel can reclaim them.`,
      next: ['unfreed top --cache dentry --sort bytes --group comm'],
    }),
  ];
}

export const ownerless: Rule = {
  id: 'R16',
  about: 'objects and their owners',
  knows: ({ census: counted, caches }) => counted !== null && caches !== null,
  judge: ({ now, trends, total }) => {
    const findings: TriageFinding[] = [];
    for (const { cache: name, counted, what } of now.census ?? []) {
      const cache = now.caches?.find((one) => one.name === name);
      if (cache === undefined || cache.activeObjects <= counted * CENSUS_TIMES + CENSUS_MORE) continue;
      const bytes = (cache.activeObjects - counted) * cache.objectBytes;
      const isLittle = bytes <= Math.max(CENSUS_BYTES, CENSUS_SHARE * total);
      const trend = trends.get(`cache:${name}`);
      const grows = trend?.certain === true && trend.changeBytes > 0;
      findings.push(
        finding('R16', isLittle ? 'note' : grows ? 'growing' : 'abnormal', {
          item: `objects of ${name} without an owner`,
          bytes,
          growthBytesPerHour: trend?.certain === true ? trend.bytesPerHour : null,
          holders: [{ kind: 'cache', name, bytes }],
          text: `The cache ${name} has ${formatCount(cache.activeObjects)} objects, but users see ${formatCount(counted)} (${what}). The others (${formatBytes(bytes)}) are held by a reference after their owner is gone.`,
          next: [
            `unfreed record -o ${shellWord(name)}.unfreed --allocator slab --min-age 2s --max-overhead 3% --duration 10m`,
          ],
        }),
      );
    }
    return findings;
  },
};
