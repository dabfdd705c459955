/** R17 cgroups near or at their limit (E10), what they hold, and whether they reclaim what they need. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import { type Change, changeOf } from '../changes.js';
import type { CgroupFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { holdersOf, pace, type Scene, sum, taskName } from '../scene.js';

const NEAR_LIMIT = 0.9;
/** Cgroups near a limit that get a finding of their own. */
const MOST_LIMITS = 3;
/** Of a cgroup's memory: a part that is worth a word, and what its lines may lack. */
const SMALL_SHARE = 0.02;
const REST_SHARE = 0.05;
/** Pages that were reclaimed and are read again, of what it holds, each second: all of it in three minutes. */
const THRASH_SHARE = 0.005;

/** How the counts of a cgroup changed between the looks; null = two looks do not tell. */
interface Rising {
  maxEvents: Change | null;
  oomKills: Change | null;
  refaults: Change | null;
}

export const cgroupLimits: Rule = {
  id: 'R17',
  about: 'cgroups',
  // One without a limit beside no other is a text that somebody pasted.
  knows: ({ cgroups }) => cgroups !== null && (cgroups.length > 1 || cgroups.some(({ max }) => max !== null)),
  judge: (scene) =>
    (scene.now.cgroups ?? [])
      .filter(({ max }) => max !== null)
      .map((group) => ({ group, rising: risingOf(scene, group) }))
      .filter(({ group, rising }) => share(group) > NEAR_LIMIT || group.oomKills > 0 || isHit(rising))
      .toSorted(
        (one, other) =>
          Number(isHit(other.rising)) - Number(isHit(one.rising)) ||
          share(other.group) - share(one.group) ||
          other.group.oomKills - one.group.oomKills,
      )
      .slice(0, MOST_LIMITS)
      .flatMap(({ group, rising }) => limitFinding(scene, group, rising)),
};

function share({ current, max }: CgroupFacts): number {
  return max === null || max === 0 ? 0 : current / max;
}

function risingOf({ looks }: Scene, group: CgroupFacts): Rising {
  const of = (pick: (facts: CgroupFacts) => number): Change | null =>
    changeOf(looks, ({ cgroups }) => {
      const same = cgroups?.find(({ path, version }) => path === group.path && version === group.version);
      // A short row has neither parts nor counts.
      return same === undefined || same.anon + same.file + same.kernel === 0 ? null : pick(same);
    });
  return {
    maxEvents: of(({ maxEvents }) => maxEvents),
    oomKills: of(({ oomKills }) => oomKills),
    refaults: of(({ refaults }) => refaults),
  };
}

/** True if it hit its limit, or was killed in, between the looks. */
function isHit({ maxEvents, oomKills }: Rising): boolean {
  return (maxEvents?.by ?? 0) > 0 || (oomKills?.by ?? 0) > 0;
}

function limitFinding(scene: Scene, group: CgroupFacts, rising: Rising): TriageFinding[] {
  const max = group.max ?? 0;
  const near = share(group) > NEAR_LIMIT;
  const kills = (rising.oomKills?.by ?? 0) > 0;
  const refaulted = Math.max(0, rising.refaults?.by ?? 0) * scene.now.machine.pageSize;
  const thrashes = near && refaulted / (rising.refaults?.seconds ?? 1) > THRASH_SHARE * group.current;
  // File cache fills a cgroup up to its limit and is reclaimed there: hitting it is no shortage by itself.
  const working = Math.max(0, group.current - group.inactiveFile);
  const full = near && working > NEAR_LIMIT * max;
  if (!full && !thrashes && !isHit(rising) && group.oomKills === 0) return [];
  const killed = group.oomKills > 0 ? ` The OOM killer has ended ${formatCount(group.oomKills)} of its processes.` : '';
  const tasks = (scene.now.processes ?? []).filter(({ cgroup }) => cgroup === group.path);
  const holders: Holder[] = [
    { kind: 'cgroup', name: group.path, bytes: group.current },
    ...holdersOf(tasks, 'process', (task) => ({
      name: taskName(task),
      bytes: task.rssAnon + task.rssShmem,
    })).slice(0, 4),
  ];
  const resident = sum(tasks.map(({ rssAnon, rssFile, rssShmem }) => rssAnon + rssFile + rssShmem));
  return [
    finding('R17', full || kills || thrashes || (near && group.oomKills > 0) ? 'limit' : 'note', {
      item: `limit of the cgroup ${group.path}`,
      bytes: group.current,
      growthBytesPerHour: pace(scene, `cgroup:${group.path}`),
      holders,
      text: `The cgroup ${group.path} uses ${formatBytes(group.current)} of its limit of ${formatBytes(max)} (${formatShare(group.current, max)}): ${partsOf(group)}.${killed}`,
      details: [
        `working set ${formatBytes(working)} (without inactive files; names and inodes that could be reclaimed are in it: ${formatBytes(group.slabReclaimable)})${resident > 0 ? `, its processes have ${formatBytes(resident)} resident` : ''}`,
        ...restText(group),
        ...risingTexts(rising, refaulted),
      ],
      next: [`cat ${shellWord(`/sys/fs/cgroup${group.version === 1 ? '/memory' : ''}${group.path}/memory.stat`)}`],
    }),
  ];
}

function risingTexts({ maxEvents, oomKills, refaults }: Rising, refaulted: number): string[] {
  const seconds = maxEvents?.seconds ?? refaults?.seconds ?? 0;
  const parts = [
    (maxEvents?.by ?? 0) > 0 ? `it hit its limit ${formatCount(maxEvents?.by ?? 0)} times` : '',
    (oomKills?.by ?? 0) > 0 ? `${formatCount(oomKills?.by ?? 0)} of its processes were killed` : '',
    refaulted > 0 ? `${formatBytes(refaulted)} that had been reclaimed were read again` : '',
  ].filter((part) => part !== '');
  return parts.length === 0
    ? []
    : [`in the ${formatCount(Math.round(seconds))}s between the looks ${parts.join(', ')}`];
}

/** What `kernel` holds beyond its lines: kmalloc() of version 1, and what 5.18 and later count without a name. */
function otherKernel(group: CgroupFacts): number {
  const named =
    group.slabReclaimable +
    group.slabUnreclaimable +
    group.kernelStack +
    group.pageTables +
    group.percpu +
    group.vmalloc;
  return Math.max(0, group.kernel - named);
}

/** Charged, but in no line; only where the kernel tells the sum of its own memory (5.18, version 1). */
function restText(group: CgroupFacts): string[] {
  const rest = group.current - group.anon - group.file - group.kernel - group.sock;
  return group.kernel > 0 && rest > REST_SHARE * group.current
    ? [`${formatBytes(rest)} of it is in no line of its memory.stat (huge pages of hugetlb, charges of CPUs)`]
    : [];
}

/** The largest parts of E10. `file` holds shmem. */
export function partsOf(group: CgroupFacts): string {
  const known = [
    ['anon', group.anon],
    ['files', Math.max(0, group.file - group.shmem)],
    ['shmem and tmpfs', group.shmem],
    ['reclaimable slab', group.slabReclaimable],
    ['unreclaimable slab', group.slabUnreclaimable],
    ['sockets', group.sock],
    ['page tables', group.pageTables],
    ['kernel stacks', group.kernelStack],
    ['percpu', group.percpu],
    ['vmalloc', group.vmalloc],
    ['other kernel memory', otherKernel(group)],
  ] as const;
  const large = known
    .filter(([, bytes]) => bytes > SMALL_SHARE * group.current)
    .toSorted((one, other) => other[1] - one[1])
    .slice(0, 4);
  return large.length === 0
    ? 'its parts are not known'
    : large.map(([name, bytes]) => `${name} ${formatBytes(bytes)}`).join(', ');
}
