/** R8 percpu memory and removed cgroups. */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { CgroupFacts } from '../facts.js';
import { recordCommand } from '../next-commands.js';
import type { Holder } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { MIB, pace, rising, type Scene, sumBy, term } from '../scene.js';
import { removedCgroups } from './gap/census-holders.js';

const MANY_DYING = 1000;
const DYING_TIMES = 10;
/** A handful that outlives its directory is no finding on a machine with three cgroups. */
const FEW_DYING = 100;

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
    const isMuch = bytes > Math.max(4 * MIB * cpus, 0.01 * total);
    if (!isMuch && !manyDying && growth === null) return [];
    // Beside few that are there, some hundred are soon too many: without memory that is worth a word, no more.
    const isLittle = known && !isMuch && dying !== null && dying <= MANY_DYING;
    const named = removedCgroups(now).slice(0, 6);
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
      finding('R8', growth !== null ? 'growing' : !manyDying ? 'large' : isLittle ? 'note' : 'abnormal', {
        item: manyDying ? 'removed cgroups' : 'percpu memory',
        bytes: known ? bytes : null,
        growthBytesPerHour: growth?.bytesPerHour ?? pace(scene, 'percpu'),
        holders: manyDying
          ? [
              { kind: 'cgroup', name: `${formatCount(dying)} removed cgroups`, bytes: known ? bytes : null },
              ...(named.length > 0 ? named : holders.length > 0 ? holders : busiest(now.cgroups ?? [])),
            ]
          : holders,
        text: manyDying
          ? `${formatCount(dying)} memory cgroups outlive their directory${live === null ? '' : `, beside ${formatCount(live)} that are there`}. Pages of files, shared memory or slab objects that are still charged to them keep them${known ? `; percpu memory is ${formatBytes(bytes)}` : ''}.${eachText(bytes, known ? dying + (live ?? 0) : 0)}`
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

/** What a memory cgroup takes of the percpu memory, at most; '' where it cannot be told. */
function eachText(bytes: number, cgroups: number): string {
  return cgroups === 0 || bytes === 0 ? '' : ` That is at most ${formatBytes(bytes / cgroups)} for each.`;
}

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
