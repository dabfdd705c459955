/** R5 unreclaimable slab, R6 dentries and inodes, R16 objects whose owner is gone. */
import { formatBytes, formatCount } from '../../base/format.js';
import type { CacheFacts } from '../facts.js';
import { readCommand, recordCommand, shellWord } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { absence, bound, GIB, largest, line, MIB, pace, rising, type Scene, sum } from '../scene.js';
import { meminfoName } from '../words.js';
import { ofObjects, ownerHolders } from './gap-holders.js';
import { finding, ofTotal, type Rule } from './rule.js';

const MANY_DENTRIES = 1e6;
/** A dentry with its name, bytes (sizeof(struct dentry) is 192 on 64-bit kernels). */
const DENTRY_BYTES = 192;
const WASTE_SHARE = 0.3;
/** Caches that the kernel marks reclaimable (SLAB_RECLAIM_ACCOUNT), of the usual file systems. */
const RECLAIMABLE =
  /^(?:dentry|buffer_head|radix_tree_node|xarray_node|.*inode_cache|.*_inode|nfs_direct_cache|zfs_znode_cache|dnode_t|arc_buf_hdr_t.*|kmalloc-rcl-.*|ext[234]_extent_status|mb_cache_entry)$/;
/** Counted while objects come and go: a small difference says nothing (R16). */
const CENSUS_TIMES = 1.5;
const CENSUS_MORE = 10_000;
const CENSUS_BYTES = 64 * MIB;
const CENSUS_SHARE = 0.005;

export const unreclaimableSlab: Rule = {
  id: 'R5',
  about: 'slab',
  knows: ({ meminfo }) => meminfo?.has('SUnreclaim') === true,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    const amount = unreclaimable(scene);
    if (!wholeMachine || amount === null) return [];
    const { bytes, subject } = amount;
    const growth = rising(scene, 'unreclaimable slab') ?? (amount.ofAll ? rising(scene, 'slab') : null);
    const caches = cacheHolders(scene, (name) => amount.ofAll || !RECLAIMABLE.test(name));
    // All slab may be names of files, which are only much from there on (R6).
    if (bytes <= bound(scene, amount.ofAll ? 0.25 : 0.05, GIB) && growth === null)
      return total === 0 ? [cachesOnly(scene)] : [];
    const onLists = line(scene, 'Active') + line(scene, 'Inactive') + line(scene, 'Unevictable');
    const critical = onLists > 0 && bytes > onLists;
    const top = caches[0];
    const who =
      now.caches === null
        ? `The caches ${absence(scene, 'proc/slabinfo')}.`
        : top === undefined
          ? 'No cache is large.'
          : `The cache ${top.name} holds ${formatBytes(top.bytes ?? 0)}.`;
    return [
      finding('R5', growth !== null ? 'growing' : critical ? 'abnormal' : 'large', {
        item: amount.ofAll ? 'slab' : 'unreclaimable slab',
        bytes,
        growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'unreclaimable slab'),
        holders: largest([...caches, ...objectSites(scene)]),
        text: `${subject} ${formatBytes(bytes)}${ofTotal(scene, bytes)}${critical ? ', more than all pages of files and processes together' : ''}. ${who}`,
        details: slabDetails(scene),
        next:
          top === undefined
            ? ['slabtop -o -s c', recordCommand(scene, 'slab', growth?.bytesPerHour ?? null)]
            : [
                recordCommand(scene, 'slab', growth?.bytesPerHour ?? null),
                readCommand(scene, `--cache ${shellWord(top.name)}`),
              ],
      }),
    ];
  },
};

/**
 * Unreclaimable slab: a line of meminfo, else the caches that are not reclaimable by their names, else all
 * slab, of texts that do not tell (`ofAll`). Null if nothing tells.
 */
function unreclaimable(scene: Scene): { bytes: number; subject: string; ofAll: boolean } | null {
  const { meminfo, caches } = scene.now;
  if (meminfo?.has('SUnreclaim') === true) {
    return { bytes: line(scene, 'SUnreclaim'), subject: 'Unreclaimable slab is', ofAll: false };
  }
  if (caches !== null && caches.length > 0) {
    const bytes = sum(caches.filter(({ name }) => !RECLAIMABLE.test(name)).map((cache) => cacheBytes(scene, cache)));
    return { bytes, subject: 'Slab that is unreclaimable, by the names of its caches, is', ofAll: false };
  }
  if (meminfo?.has('Slab') !== true) return null;
  const subject = `Slab, reclaimable or not (${meminfoName(scene.now.machine)} does not tell), is`;
  return { bytes: line(scene, 'Slab'), subject, ofAll: true };
}

/** Caches alone: whether they are much is not known, but which are the largest is. */
function cachesOnly(scene: Scene): TriageFinding {
  const caches = scene.now.caches ?? [];
  const all = sum(caches.map((cache) => cacheBytes(scene, cache)));
  const holders = cacheHolders(scene, () => true);
  const most = holders.slice(0, 3).map(({ name, bytes }) => `${name} ${formatBytes(bytes ?? 0)}`);
  return finding('R5', 'note', {
    item: 'slab caches',
    bytes: all,
    holders,
    text: `${formatCount(caches.length)} slab caches hold ${formatBytes(all)}${most.length > 0 ? `, most of it ${most.join(', ')}` : ''}. Whether that is much is not known, as MemTotal was not read.`,
    details: slabDetails(scene),
    next: [recordCommand(scene, 'slab', null)],
  });
}

/** Lines of code that took objects, where allocinfo tells them: caches that many share have more than one owner. */
function objectSites({ now }: Scene): Holder[] {
  return ownerHolders((now.owners ?? []).filter((owner) => ofObjects(owner, now))).slice(0, 3);
}

/** Large kmallocs, which no cache lists (E4), and free objects in slabs. */
function slabDetails(scene: Scene): string[] {
  const { caches } = scene.now;
  if (caches === null || caches.length === 0) return [];
  const listed = sum(caches.map((cache) => cacheBytes(scene, cache)));
  const slab = scene.now.meminfo?.has('Slab') === true ? line(scene, 'Slab') : listed;
  const free = sum(caches.map(({ objects, activeObjects, objectBytes }) => (objects - activeObjects) * objectBytes));
  const details: string[] = [];
  if (slab - listed > 0.05 * slab)
    details.push(`${formatBytes(slab - listed)} of all slab are allocations above 8 KiB, which no cache lists`);
  if (free > WASTE_SHARE * slab)
    details.push(`${formatBytes(free)} of it are free objects in slabs: fragmentation, not a leak`);
  return details;
}

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
      if (bytes <= Math.max(CENSUS_BYTES, CENSUS_SHARE * total)) continue;
      const trend = trends.get(`cache:${name}`);
      findings.push(
        finding('R16', trend?.certain === true && trend.changeBytes > 0 ? 'growing' : 'abnormal', {
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

export function cacheBytes({ now }: Scene, { slabs, pagesPerSlab }: CacheFacts): number {
  return slabs * pagesPerSlab * now.machine.pageSize;
}

/** The largest of the caches that are wanted, by their slabs. */
export function cacheHolders(scene: Scene, wanted: (name: string) => boolean): Holder[] {
  return largest(
    (scene.now.caches ?? [])
      .filter(({ name }) => wanted(name))
      .map((cache) => ({ kind: 'cache', name: cache.name, bytes: cacheBytes(scene, cache) })),
  ).filter(({ bytes }) => (bytes ?? 0) > MIB);
}
