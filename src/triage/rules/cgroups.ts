/** R8 percpu memory and removed cgroups, R17 cgroups near their limit. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { CgroupFacts } from '../facts.js';
import { recordCommand, shellWord } from '../next-commands.js';
import type { Holder, TriageFinding } from '../report.js';
import { holdersOf, MIB, pace, rising, type Scene, sumBy, taskName, term } from '../scene.js';
import { finding, type Rule } from './rule.js';

const MANY_DYING = 1000;
const DYING_TIMES = 10;
/** A handful that outlives its directory is no finding on a machine with three cgroups. */
const FEW_DYING = 100;
const NEAR_LIMIT = 0.9;
/** Cgroups near a limit that get a finding of their own. */
const MOST_LIMITS = 3;

export const percpu: Rule = {
  id: 'R8',
  about: 'percpu memory and removed cgroups',
  knows: ({ meminfo, cgroups, memoryCgroups }) =>
    meminfo?.has('Percpu') === true || memoryCgroups !== null || cgroups?.some(({ dying }) => dying !== null) === true,
  judge: (scene) => {
    const { now, total, cpus, wholeMachine } = scene;
    if (!wholeMachine) return [];
    const bytes = term(scene, 'Percpu without first chunk');
    // The line is there since 4.20.
    const known = now.meminfo?.has('Percpu') === true;
    const live = liveCgroups(scene);
    const dying = dyingCgroups(scene);
    const manyDying =
      dying !== null && (dying > MANY_DYING || (dying > FEW_DYING && live !== null && dying > DYING_TIMES * live));
    const growth = rising(scene, 'percpu');
    if (bytes <= Math.max(4 * MIB * cpus, 0.01 * total) && !manyDying && growth === null) return [];
    const holders = (now.cgroups ?? [])
      .filter((group) => group.path !== '/' && (group.dying ?? 0) > 0)
      .toSorted((one, other) => (other.dying ?? 0) - (one.dying ?? 0))
      .slice(0, 4)
      .map(
        (group): Holder => ({
          kind: 'cgroup',
          name: `${group.path}: ${formatCount(group.dying ?? 0)} removed below it`,
          bytes: null,
        }),
      );
    return [
      finding('R8', growth !== null ? 'growing' : manyDying ? 'abnormal' : 'large', {
        item: manyDying ? 'removed cgroups' : 'percpu memory',
        bytes: known ? bytes : null,
        growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'percpu'),
        holders: manyDying
          ? [
              { kind: 'cgroup', name: `${formatCount(dying)} removed cgroups`, bytes: known ? bytes : null },
              ...(holders.length > 0 ? holders : busiest(now.cgroups ?? [])),
            ]
          : holders,
        text: manyDying
          ? `${formatCount(dying)} memory cgroups outlive their directory${live === null ? '' : `, beside ${formatCount(live)} that are there`}. Pages of files, shared memory or slab objects that are still charged to them keep them${known ? `; percpu memory is ${formatBytes(bytes)}` : ''}.`
          : `Percpu memory is ${formatBytes(bytes)} (${formatShare(bytes, total)}), ${formatBytes(bytes / cpus)} on each CPU.`,
        next: manyDying
          ? [
              'unfreed top --allocator percpu --grep mem_cgroup_css_alloc --group comm',
              'echo 3 > /proc/sys/vm/drop_caches',
            ]
          : [recordCommand(scene, 'percpu', growth?.bytesPerHour ?? null)],
      }),
    ];
  },
};

/** Where most cgroups are, for kernels that do not tell below which one they are removed. */
function busiest(groups: readonly CgroupFacts[]): Holder[] {
  const counts = sumBy(
    groups.filter(({ path }) => path !== '/'),
    ({ path }) => path.split('/', 2).join('/'),
    () => 1,
  );
  return [...counts]
    .toSorted((one, other) => other[1] - one[1])
    .slice(0, 2)
    .map(([path, count]) => ({ kind: 'cgroup', name: `${path}: ${formatCount(count)} that are there`, bytes: null }));
}

/** Removed memory cgroups: nr_dying_descendants of the root, or what /proc/cgroups counts beyond the directories. */
function dyingCgroups({ now }: Scene): number | null {
  const root = now.cgroups?.find(({ path }) => path === '/');
  if (root?.dying !== undefined && root.dying !== null) return root.dying;
  const live = liveCgroups({ now });
  return now.memoryCgroups === null || live === null || live === 0 ? null : Math.max(0, now.memoryCgroups - live);
}

/** Directories of memory cgroups: a recording lists the largest alone, but counted all. */
function liveCgroups({ now }: Pick<Scene, 'now'>): number | null {
  if (now.cgroups === null) return null;
  const counted = now.census?.find(({ cache }) => cache === 'mem_cgroup')?.counted ?? 0;
  return Math.max(counted, now.cgroups.length);
}

export const cgroupLimits: Rule = {
  id: 'R17',
  about: 'cgroups',
  // One without a limit beside no other is a text that somebody pasted.
  knows: ({ cgroups }) => cgroups !== null && (cgroups.length > 1 || cgroups.some(({ max }) => max !== null)),
  judge: (scene) =>
    (scene.now.cgroups ?? [])
      .filter(({ max, current, oomKills }) => max !== null && (current > NEAR_LIMIT * max || oomKills > 0))
      .toSorted((one, other) => share(other) - share(one) || other.oomKills - one.oomKills)
      .slice(0, MOST_LIMITS)
      .flatMap((group) => limitFinding(scene, group)),
};

function share({ current, max }: CgroupFacts): number {
  return max === null || max === 0 ? 0 : current / max;
}

function limitFinding(scene: Scene, group: CgroupFacts): TriageFinding[] {
  const max = group.max ?? 0;
  const near = share(group) > NEAR_LIMIT;
  // File cache fills a cgroup up to its limit and is reclaimed there: no shortage by itself.
  const working = Math.max(0, group.current - group.inactiveFile);
  if (near && group.oomKills === 0 && working <= NEAR_LIMIT * max) return [];
  const parts = partsOf(group);
  const kills = group.oomKills > 0 ? ` The OOM killer has ended ${formatCount(group.oomKills)} of its processes.` : '';
  const holders: Holder[] = [
    { kind: 'cgroup', name: group.path, bytes: group.current },
    ...holdersOf(
      (scene.now.processes ?? []).filter(({ cgroup }) => cgroup === group.path),
      'process',
      (task) => ({ name: taskName(task), bytes: task.rssAnon + task.rssShmem }),
    ).slice(0, 4),
  ];
  return [
    finding('R17', near ? 'limit' : 'note', {
      item: `limit of the cgroup ${group.path}`,
      bytes: group.current,
      growthBytesPerHour: pace(scene, `cgroup:${group.path}`),
      holders,
      text: `The cgroup ${group.path} uses ${formatBytes(group.current)} of its limit of ${formatBytes(max)} (${formatShare(group.current, max)}): ${parts}.${kills}`,
      details: [
        `working set ${formatBytes(working)} (without inactive files; names and inodes that could be reclaimed are in it: ${formatBytes(group.slabReclaimable)})`,
      ],
      next: [`cat ${shellWord(`/sys/fs/cgroup${group.version === 1 ? '/memory' : ''}${group.path}/memory.stat`)}`],
    }),
  ];
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
  ] as const;
  const large = known
    .filter(([, bytes]) => bytes > 0.02 * group.current)
    .toSorted((one, other) => other[1] - one[1])
    .slice(0, 4);
  return large.length === 0
    ? 'its parts are not known'
    : large.map(([name, bytes]) => `${name} ${formatBytes(bytes)}`).join(', ');
}
