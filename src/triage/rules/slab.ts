/** R5 unreclaimable slab, large kmallocs and free objects in slabs (E4), R6 dentries and inodes, R16 objects whose owner is gone. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import { grownText } from '../changes.js';
import type { CacheFacts } from '../facts.js';
import { readCommand, recordCommand, shellWord } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { bound, GIB, largest, line, MIB, pace, rising, type Scene, sum } from '../scene.js';
import { finding, type Rule } from './rule.js';

const MANY_DENTRIES = 1e6;
/** A dentry with its name, bytes (sizeof(struct dentry) is 192 on 64-bit kernels). */
const DENTRY_BYTES = 192;
/** Of all slab: free objects, and allocations that no cache lists. */
const WASTE_SHARE = 0.3;
const LARGE_SHARE = 0.05;
/** A large kmalloc is counted in Slab since 5.4 (mm/slub.c); before, it is in no line. */
const COUNTS_LARGE = 5004;
/** The first cache that a kernel makes is the last of its list. */
const LAST_CACHE = 'kmem_cache';
/** Caches that the kernel marks reclaimable (SLAB_RECLAIM_ACCOUNT), of the usual file systems. */
const RECLAIMABLE =
  /^(?:dentry|buffer_head|radix_tree_node|xarray_node|.*inode_cache|.*_inode|nfs_direct_cache|zfs_znode_cache|dnode_t|arc_buf_hdr_t.*|kmalloc-rcl-.*|ext[234]_extent_status|mb_cache_entry)$/;
/** Counted while objects come and go: a small difference says nothing (R16). */
const CENSUS_TIMES = 1.5;
const CENSUS_MORE = 10_000;
/** So many objects are strange however small they are, but a machine misses only more than this. */
const CENSUS_BYTES = 64 * MIB;
const CENSUS_SHARE = 0.005;

export const unreclaimableSlab: Rule = {
  id: 'R5',
  about: 'slab',
  knows: ({ meminfo }) => meminfo?.has('SUnreclaim') === true,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    const bytes = line(scene, 'SUnreclaim');
    if (!wholeMachine || total === 0) return [];
    const growth = rising(scene, 'unreclaimable slab');
    if (bytes <= bound(scene, 0.05, GIB) && growth === null) return [...largeKmallocs(scene), ...freeObjects(scene)];
    const onLists = line(scene, 'Active') + line(scene, 'Inactive') + line(scene, 'Unevictable');
    const critical = onLists > 0 && bytes > onLists;
    const holders = cacheHolders(scene, (name) => !RECLAIMABLE.test(name));
    const top = holders[0];
    const beyond = largeKmallocBytes(scene);
    const isLarge = beyond > Math.max(LARGE_SHARE * line(scene, 'Slab'), top?.bytes ?? 0);
    const who =
      now.caches === null
        ? 'The caches could not be read.'
        : isLarge
          ? `${formatBytes(beyond)} of all slab are allocations above 8 KiB, which no cache lists.`
          : top === undefined
            ? 'No cache is large.'
            : `The cache ${top.name} holds ${formatBytes(top.bytes ?? 0)}.`;
    return [
      finding('R5', growth !== null ? 'growing' : critical ? 'abnormal' : 'large', {
        item: 'unreclaimable slab',
        bytes,
        growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'unreclaimable slab'),
        holders,
        text: `Unreclaimable slab is ${formatBytes(bytes)} (${formatShare(bytes, total)})${critical ? ', more than all pages of files and processes together' : ''}. ${who}`,
        details: [...slabDetails(scene), ...grownCaches(scene)],
        next: isLarge
          ? [largeCommand(scene, growth?.bytesPerHour ?? null)]
          : top === undefined
            ? ['slabtop -o -s c', recordCommand(scene, 'slab', growth?.bytesPerHour ?? null)]
            : [
                ...(now.debugging.includes('slub_debug')
                  ? [`sort -nr ${shellWord(`/sys/kernel/debug/slab/${top.name}/alloc_traces`)} | head`]
                  : []),
                recordCommand(scene, 'slab', growth?.bytesPerHour ?? null),
                readCommand(scene, `--cache ${shellWord(top.name)}`),
              ],
      }),
    ];
  },
};

/** Large kmallocs, which no cache lists (E4), and free objects in slabs. */
function slabDetails(scene: Scene): string[] {
  const { caches } = scene.now;
  if (caches === null || caches.length === 0) return [];
  const slab = line(scene, 'Slab');
  const beyond = largeKmallocBytes(scene);
  const free = freeObjectBytes(scene);
  const details: string[] = [];
  if (beyond > LARGE_SHARE * slab)
    details.push(
      `${formatBytes(beyond)} of all slab are allocations above 8 KiB, which no cache lists: ${largeCommand(scene, null)}`,
    );
  if (free > WASTE_SHARE * slab)
    details.push(`${formatBytes(free)} of it are free objects in slabs: fragmentation, not a leak`);
  return details;
}

/** By cache, from slabinfo at the first and the last look. */
function grownCaches({ looks, now }: Scene): string[] {
  const grown = grownText(looks, ({ caches }) =>
    caches === null
      ? null
      : new Map(caches.map(({ name, slabs, pagesPerSlab }) => [name, slabs * pagesPerSlab * now.machine.pageSize])),
  );
  return grown === '' ? [] : [`grown between the looks: ${grown}`];
}

/** E4: what Slab has beyond all caches. 0 where the list of caches is cut, or the kernel counts large ones elsewhere. */
function largeKmallocBytes(scene: Scene): number {
  const { caches } = scene.now;
  const isWhole = caches?.some(({ name }) => name === LAST_CACHE) === true;
  if (caches === null || !isWhole || scene.kernel < COUNTS_LARGE) return 0;
  return Math.max(0, line(scene, 'Slab') - sum(caches.map((cache) => cacheBytes(scene, cache))));
}

/** A lower bound: SLUB counts all objects of a slab that a CPU keeps as in use. */
function freeObjectBytes({ now }: Scene): number {
  return sum(
    (now.caches ?? []).map(({ objects, activeObjects, objectBytes }) => (objects - activeObjects) * objectBytes),
  );
}

function largeCommand(scene: Scene, bytesPerHour: number | null): string {
  return `${recordCommand(scene, 'slab', bytesPerHour)} --min-size 9k`;
}

/** Where slab as a whole is not much, what no cache lists may be all the same. */
function largeKmallocs(scene: Scene): TriageFinding[] {
  const bytes = largeKmallocBytes(scene);
  if (bytes <= LARGE_SHARE * line(scene, 'Slab') || bytes <= bound(scene, 0.01, 256 * MIB)) return [];
  return [
    finding('R5', 'large', {
      item: 'large kernel allocations',
      bytes,
      text: `${formatBytes(bytes)} of ${formatBytes(line(scene, 'Slab'))} slab are allocations above 8 KiB, which no cache lists.`,
      next: [largeCommand(scene, null)],
    }),
  ];
}

function freeObjects(scene: Scene): TriageFinding[] {
  const bytes = freeObjectBytes(scene);
  const slab = line(scene, 'Slab');
  if (bytes <= WASTE_SHARE * slab || bytes <= bound(scene, 0.01, 256 * MIB)) return [];
  return [
    finding('R5', 'note', {
      item: 'free objects in slabs',
      bytes,
      holders: largest(
        (scene.now.caches ?? []).map(({ name, objects, activeObjects, objectBytes }) => ({
          kind: 'cache',
          name,
          bytes: (objects - activeObjects) * objectBytes,
        })),
      ).filter((holder) => (holder.bytes ?? 0) > MIB),
      text: `${formatBytes(bytes)} of ${formatBytes(slab)} slab are free objects: slabs that a few objects keep. It is fragmentation, not a leak.`,
      next: ['slabtop -o -s u'],
    }),
  ];
}

export const fileNames: Rule = {
  id: 'R6',
  about: 'dentries and inodes',
  knows: ({ dentries }) => dentries !== null,
  judge: (scene) => [...negativeDentries(scene), ...reclaimableSlab(scene)],
};

function reclaimableSlab(scene: Scene): TriageFinding[] {
  const { now, total, wholeMachine } = scene;
  const bytes = line(scene, 'SReclaimable');
  const { dentries } = now;
  const pinned = dentries !== null && dentries.all > MANY_DENTRIES && dentries.unused < 0.5 * dentries.all;
  if (!wholeMachine || total === 0 || (bytes <= 0.25 * total && !pinned)) return [];
  const holders = cacheHolders(scene, (name) => RECLAIMABLE.test(name));
  return [
    finding('R6', pinned ? 'large' : 'reclaimable', {
      item: pinned ? 'dentries in use' : 'reclaimable slab',
      bytes,
      growthBytesPerHour: pace(scene, 'reclaimable slab'),
      holders,
      text: pinned
        ? `${formatCount(dentries.all - dentries.unused)} of ${formatCount(dentries.all)} dentries are in use: the kernel cannot reclaim them, although /proc/meminfo counts them as reclaimable (${formatBytes(bytes)}).`
        : `Reclaimable slab is ${formatBytes(bytes)} (${formatShare(bytes, total)}): names and inodes of files that were looked up. The kernel gives it back under pressure, at a price.`,
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
