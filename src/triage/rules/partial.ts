/** Texts that tell a part: the largest owners of a dump (R3), what a short meminfo leaves open, processes or one cgroup alone (R13, R17). */
import { formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { Facts, OwnerFacts, ProcessFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import type { TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { holdersOf, line, type Scene, sum, taskName } from '../scene.js';
import { meminfoName } from '../words.js';
import { partsOf } from './cgroup-limits.js';
import { ownerHolders, unaccountedOwners } from './gap/gap-holders.js';

/** Free memory alone that is no shortage (R1). */
const ENOUGH_FREE = 0.2;

export const owners: Rule = {
  id: 'R3',
  about: 'owners of pages',
  knows: () => false,
  judge: (scene) => {
    // With a meminfo they are the holders of what is abnormal there.
    if (scene.now.meminfo !== null) return [];
    return (['page_owner', 'allocinfo'] as const).flatMap((source) =>
      dumpFinding(
        scene,
        source,
        (scene.now.owners ?? []).filter((owner) => owner.source === source),
      ),
    );
  },
};

function dumpFinding(
  { now, origin, source: path }: Scene,
  source: OwnerFacts['source'],
  rows: readonly OwnerFacts[],
): TriageFinding[] {
  const holders = ownerHolders(rows);
  const [top] = holders;
  if (top === undefined) return [];
  const unaccounted = ownerHolders(unaccountedOwners({ ...now, owners: [...rows] }))
    .slice(0, 3)
    .map(({ name, bytes }) => `${name} ${formatBytes(bytes ?? 0)}`);
  const all = sum(rows.map(({ bytes }) => bytes));
  const what = source === 'page_owner' ? 'call paths' : 'lines of code';
  const file = origin === 'file' && path !== 'standard input' ? shellWord(path) : 'FILE';
  return [
    finding('R3', 'note', {
      item: `owners of pages by ${source}`,
      bytes: all,
      holders,
      text: `The ${formatCount(rows.length)} largest ${what} of ${source} have ${formatBytes(all)}; ${formatBytes(top.bytes ?? 0)} (${formatShare(top.bytes ?? 0, all)}) are of the first. A dump shows one moment: two of them tell what grows.`,
      details: unaccounted.length === 0 ? [] : [`in no line of /proc/meminfo: ${unaccounted.join('; ')}`],
      next: [`unfreed top ${file}`, `unfreed diff ${file} LATER`],
    }),
  ];
}

/** What crash or free show of a meminfo has no processes in it: how much is left for them. */
export const restOfShort: Rule = {
  id: 'R3',
  about: 'memory in no line of a short meminfo',
  knows: () => false,
  judge: (scene) => {
    const { now, total, wholeMachine } = scene;
    if (!wholeMachine || now.meminfo === null || now.account !== null || total === 0) return [];
    const parts = ['MemFree', 'Buffers', 'Cached', 'Slab', 'Hugetlb'].filter((name) => now.meminfo?.has(name) === true);
    const rest = total - sum(parts.map((name) => line(scene, name)));
    if (rest <= 0) return [];
    const said = parts.map((name) => `${name} ${formatBytes(line(scene, name))}`).join(', ');
    const by = meminfoName(scene.now.machine);
    return [
      finding('R3', 'note', {
        item: `memory that ${by} does not name`,
        bytes: rest,
        text: `${formatBytes(rest)} (${formatShare(rest, total)}) are in none of the figures of ${by} (${said}): processes, page tables, vmalloc and drivers have them, and which is not told.`,
        details:
          !scene.availableAtLeast || (scene.available ?? 0) > ENOUGH_FREE * total
            ? []
            : [
                `Whether memory was short cannot be told from ${by}: it does not say how much of the caches can be given back.`,
              ],
        next: [NEXT[by] ?? 'cat /proc/meminfo'],
      }),
    ];
  },
};

const NEXT: Readonly<Record<string, string>> = {
  sar: 'sar -r ALL -f FILE',
  'kmem -i': 'crash> kmem -V',
};

/** Processes, or one cgroup, without the machine around them: which are the largest, and what of it. */
export const withoutMachine: Rule = {
  id: 'R13',
  about: 'the largest processes',
  knows: () => false,
  judge: ({ now }) => (now.meminfo === null ? [...largestProcesses(now), ...oneCgroup(now)] : []),
};

function sizeOf({ rssAnon, rssFile, rssShmem }: ProcessFacts): number {
  return rssAnon + rssFile + rssShmem;
}

function largestProcesses({ processes }: Facts): TriageFinding[] {
  const all = sum((processes ?? []).map(sizeOf));
  const holders = holdersOf(processes ?? [], 'process', (task) => ({ name: taskName(task), bytes: sizeOf(task) }));
  const [top] = holders;
  if (top === undefined) return [];
  const count = (processes ?? []).length;
  return [
    finding('R13', 'note', {
      item: 'the largest processes',
      bytes: all,
      holders,
      text: `${formatCount(count)} ${count === 1 ? 'process has' : 'processes have'} ${formatBytes(all)} resident, most of it ${top.name} (${formatBytes(top.bytes ?? 0)}). Shared pages count in each. Whether that is much is not known, as MemTotal was not read.`,
      next: ['cat /proc/meminfo'],
    }),
  ];
}

function oneCgroup({ cgroups }: Facts): TriageFinding[] {
  const [group, ...others] = cgroups ?? [];
  if (group === undefined || others.length > 0 || group.current === 0 || group.max !== null) return [];
  return [
    finding('R17', 'note', {
      item: `memory of the cgroup ${group.path}`,
      bytes: group.current,
      holders: [{ kind: 'cgroup', name: group.path, bytes: group.current }],
      text: `The cgroup has ${formatBytes(group.current)}: ${partsOf(group)}. Whether it is near its limit is not known, as memory.max was not read.`,
      next: ['cat memory.max memory.events'],
    }),
  ];
}
