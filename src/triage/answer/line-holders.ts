/** Who holds what each term of the equation counts, whether it is abnormal or not: for a reader who asks about one line. */
import { formatBytes, formatCount } from '../../base/format.js';
import type { CgroupFacts } from '../facts.js';
import type { Holder, LineHolders } from '../report.js';
import { referenceHolders, whoMayHold } from '../rules/gap/gap-holders.js';
import { stackBytes } from '../rules/processes.js';
import { holdersOfShmem } from '../rules/shmem.js';
import { cacheHolders } from '../rules/slab.js';
import { callerHolders } from '../rules/vmalloc.js';
import { holdersOf, largest, MIB, type Scene, taskName } from '../scene.js';

/** Less may be pages on their way to a list: every CPU keeps some dozens. */
const LEAST_HELD = 16 * MIB;

/** In the order of the equation. */
const LINES: readonly (readonly [term: string, of: (scene: Scene) => Holder[]])[] = [
  ['Cached without Shmem', fileHolders],
  ['Shmem', (scene) => largest(holdersOfShmem(scene))],
  ['AnonPages', (scene) => processHolders(scene, ({ rssAnon }) => rssAnon)],
  ['Slab', (scene) => cacheHolders(scene, () => true)],
  ['vmalloc without stacks', callerHolders],
  ['KernelStack', stackHolders],
  ['PageTables', (scene) => processHolders(scene, ({ pageTables }) => pageTables)],
  ['Hugetlb', hugepageHolders],
  ['zram', zramHolders],
  ['held by a reference', (scene) => (heldBytes(scene) > LEAST_HELD ? referenceHolders(scene) : [])],
  ['not in meminfo', gapHolders],
];

export function lineHolders(scene: Scene): LineHolders[] {
  // Elsewhere the counters are not those of the machine that the processes run on.
  if (!scene.wholeMachine) return [];
  return LINES.map(([term, of]) => ({ term, holders: of(scene) })).filter(({ holders }) => holders.length > 0);
}

type Process = NonNullable<Scene['now']['processes']>[number];

function processHolders({ now }: Scene, amount: (task: Process) => number): Holder[] {
  return holdersOf(now.processes ?? [], 'process', (task) => ({
    name: taskName(task),
    bytes: amount(task),
  }));
}

function stackHolders({ now }: Scene): Holder[] {
  return holdersOf(now.processes ?? [], 'process', (task) => ({
    name: `${taskName(task)}: ${formatCount(task.threads)} ${task.threads === 1 ? 'thread' : 'threads'}`,
    bytes: task.threads * stackBytes(now),
  }));
}

/** A cgroup contains those below it, so only the lowest ones are compared. */
function fileHolders({ now }: Scene): Holder[] {
  const cgroups = now.cgroups ?? [];
  const above = new Set(cgroups.flatMap(parentsOf));
  return holdersOf(
    cgroups.filter((cgroup) => !above.has(key(cgroup.version, cgroup.path))),
    'cgroup',
    ({ path, file, shmem }) => ({ name: path, bytes: file - shmem }),
  );
}

function parentsOf({ version, path }: CgroupFacts): string[] {
  const end = path.lastIndexOf('/');
  return end < 0 || path === '/' ? [] : [key(version, end === 0 ? '/' : path.slice(0, end))];
}

function key(version: number, path: string): string {
  return `${version} ${path}`;
}

function hugepageHolders({ now }: Scene): Holder[] {
  return holdersOf(now.hugepages ?? [], 'zone', ({ sizeBytes, total, free, reserved }) => ({
    name: `${formatCount(total)} pages of ${formatBytes(sizeBytes)}, ${formatCount(Math.max(0, free - reserved))} idle`,
    bytes: total * sizeBytes,
  }));
}

function zramHolders({ now }: Scene): Holder[] {
  return holdersOf(now.zram ?? [], 'device', ({ device, memoryBytes }) => ({ name: device, bytes: memoryBytes }));
}

function gapHolders(scene: Scene): Holder[] {
  const gap = (scene.now.account?.unaccountedBytes ?? 0) - heldBytes(scene);
  return gap > 0 ? whoMayHold(scene, gap).holders : [];
}

function heldBytes({ now }: Scene): number {
  return now.account?.heldByReferenceBytes ?? 0;
}
