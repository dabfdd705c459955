/** R5 unreclaimable slab, large kmallocs and free objects in slabs (E4). */
import { formatBytes, formatCount } from '../../base/format.js';
import { grownText } from '../changes.js';
import type { CacheFacts } from '../facts.js';
import { readCommand, recordCommand, shellWord } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, ofTotal, type Rule } from '../rule.js';
import { absence, bound, GIB, largest, line, MIB, pace, rising, type Scene, sum } from '../scene.js';
import { meminfoName } from '../words.js';
import { typeLines } from './gap/census-holders.js';
import { ofObjects, ownerHolders } from './gap/gap-holders.js';

/** Of all slab: free objects, and allocations that no cache lists. */
const WASTE_SHARE = 0.3;
const LARGE_SHARE = 0.05;
/** A large kmalloc is counted in Slab since 5.4 (mm/slub.c); before, it is in no line. */
const COUNTS_LARGE = 5004;
/** A census has a line for each large cache. */
const MOST_DETAILS = 8;
/** The first cache that a kernel makes is the last of its list. */
const LAST_CACHE = 'kmem_cache';
/** Caches that the kernel marks reclaimable (SLAB_RECLAIM_ACCOUNT), of the usual file systems. */
export const RECLAIMABLE =
  /^(?:dentry|buffer_head|radix_tree_node|xarray_node|.*inode_cache|.*_inode|nfs_direct_cache|zfs_znode_cache|dnode_t|arc_buf_hdr_t.*|kmalloc-rcl-.*|ext[234]_extent_status|mb_cache_entry)$/;

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
      return total === 0 ? [cachesOnly(scene)] : [...largeKmallocs(scene), ...freeObjects(scene)];
    const onLists = line(scene, 'Active') + line(scene, 'Inactive') + line(scene, 'Unevictable');
    const critical = onLists > 0 && bytes > onLists;
    const top = caches[0];
    const beyond = largeKmallocBytes(scene);
    const isLarge = beyond > Math.max(LARGE_SHARE * slabBytes(scene), top?.bytes ?? 0);
    const who =
      now.caches === null
        ? `The caches ${absence(scene, 'proc/slabinfo')}.`
        : isLarge
          ? `${formatBytes(beyond)} of all slab are allocations above 8 KiB, which no cache lists.`
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
        details: [...typeLines(now.pages), ...slabDetails(scene), ...grownCaches(scene)].slice(0, MOST_DETAILS),
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
  const slab = slabBytes(scene);
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

/** All slab: the line of meminfo, else what the caches have. */
function slabBytes(scene: Scene): number {
  return scene.now.meminfo?.has('Slab') === true ? line(scene, 'Slab') : listedBytes(scene);
}

function listedBytes(scene: Scene): number {
  return sum((scene.now.caches ?? []).map((cache) => cacheBytes(scene, cache)));
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
  return Math.max(0, slabBytes(scene) - listedBytes(scene));
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
  if (bytes <= LARGE_SHARE * slabBytes(scene) || bytes <= bound(scene, 0.01, 256 * MIB)) return [];
  return [
    finding('R5', 'large', {
      item: 'large kernel allocations',
      bytes,
      text: `${formatBytes(bytes)} of ${formatBytes(slabBytes(scene))} slab are allocations above 8 KiB, which no cache lists.`,
      next: [largeCommand(scene, null)],
    }),
  ];
}

function freeObjects(scene: Scene): TriageFinding[] {
  const bytes = freeObjectBytes(scene);
  const slab = slabBytes(scene);
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
