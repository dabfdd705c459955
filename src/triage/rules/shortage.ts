/** R1 no shortage, R18 swap and zram, R20 the OOM killer. */
import { formatAge, formatBytes, formatCount, formatShare } from '../../base/format.js';
import type { OomFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import { type OomAccount, oomAccount } from '../oom-account.js';
import type { Holder, TriageFinding } from '../report.js';
import { largest, line, pace, type Scene, sum, taskName } from '../scene.js';
import { finding, type Rule } from './rule.js';

const ENOUGH_AVAILABLE = 0.2;
const LITTLE_AVAILABLE = 0.05;
/** Per cent of five minutes in which every task waited for memory. */
const QUIET_STALLS = 0.1;
const MUCH_SWAP = 0.5;
const MUCH_ZRAM = 0.15;
/** Blocks of this order and above are taken from movable memory with effort (PAGE_ALLOC_COSTLY_ORDER). */
const COSTLY_ORDER = 3;

export const noShortage: Rule = {
  id: 'R1',
  about: 'available memory',
  knows: ({ account }) => account !== null,
  judge: (scene) => {
    const { now, total, available, wholeMachine } = scene;
    if (!wholeMachine || available === null || total === 0) return [];
    const kills = now.vmstat?.get('oom_kill') ?? 0;
    const stalls = sum(
      [...(now.vmstat ?? [])].filter(([name]) => name.startsWith('allocstall')).map(([, value]) => value),
    );
    const stalled = now.pressure !== null && now.pressure.full300 >= QUIET_STALLS;
    const share = `${formatBytes(available)} of ${formatBytes(total)} (${formatShare(available, total)})`;
    // A kill for the limit of a cgroup says nothing of the machine.
    const ownLimits =
      now.log !== null && now.log.ooms.length > 0 && now.log.ooms.every(({ constraint }) => constraint === 'memcg');
    if (available > ENOUGH_AVAILABLE * total && (kills === 0 || ownLimits) && stalls === 0 && !stalled) {
      return [
        finding('R1', 'fine', {
          item: 'no shortage',
          bytes: available,
          text: `No shortage: ${share} are available.${isMostlyCache(scene, available) ? ' Much of what looks used is cache, and the kernel gives it back.' : ''}`,
        }),
      ];
    }
    const short = available < LITTLE_AVAILABLE * total || stalled;
    if (available > ENOUGH_AVAILABLE * total && !stalled) return [];
    const waits =
      now.pressure === null ? '' : ` All tasks waited for memory in ${now.pressure.full300}% of the last 5 minutes.`;
    return [
      finding('R1', short ? 'limit' : 'note', {
        item: 'available memory',
        bytes: available,
        growthBytesPerHour: pace(scene, 'available'),
        text: `${short ? 'Memory is short' : 'Little memory is left'}: ${share} are available.${waits}`,
        details:
          stalls + kills > 0
            ? [`since boot: ${formatCount(stalls)} stalls in the allocator, ${formatCount(kills)} OOM kills`]
            : [],
      }),
    ];
  },
};

/** True if a third or more of what is not free can be given back. */
function isMostlyCache(scene: Scene, available: number): boolean {
  const free = line(scene, 'MemFree');
  return available - free > (scene.total - free) / 3;
}

export const swap: Rule = {
  id: 'R18',
  about: 'swap',
  knows: ({ meminfo }) => meminfo?.has('SwapTotal') === true,
  judge: (scene) => [...swapUse(scene), ...zramUse(scene)],
};

function swapUse(scene: Scene): TriageFinding[] {
  const all = line(scene, 'SwapTotal');
  const used = all - line(scene, 'SwapFree');
  if (!scene.wholeMachine || all === 0 || used <= MUCH_SWAP * all) return [];
  const holders = largest(
    (scene.now.processes ?? [])
      .filter((task) => task.swap > 0)
      .map((task): Holder => ({ kind: 'process', name: taskName(task), bytes: task.swap })),
  );
  const { pressure } = scene.now;
  const thrashes = pressure !== null && pressure.some300 > 1;
  return [
    finding('R18', thrashes ? 'limit' : 'note', {
      item: 'swap',
      bytes: used,
      holders,
      text: thrashes
        ? `Swap is in use and tasks wait for it: ${formatBytes(used)} of ${formatBytes(all)}, and some task waited in ${pressure.some300}% of the last 5 minutes.`
        : `${formatBytes(used)} of ${formatBytes(all)} swap are used${pressure === null ? '. Whether tasks wait for it was not read' : ', and nothing waits for it: it is cold memory'}.`,
      next: ['vmstat 1 5'],
    }),
  ];
}

function zramUse({ now, total }: Scene): TriageFinding[] {
  const bytes = sum((now.zram ?? []).map(({ memoryBytes }) => memoryBytes));
  if (total === 0 || bytes <= MUCH_ZRAM * total) return [];
  const original = sum((now.zram ?? []).map(({ originalBytes }) => originalBytes));
  return [
    finding('R18', 'large', {
      item: 'zram',
      bytes,
      holders: largest(
        (now.zram ?? []).map(({ device, memoryBytes }) => ({ kind: 'device', name: device, bytes: memoryBytes })),
      ),
      text: `zram holds ${formatBytes(original)} of swapped or stored data in ${formatBytes(bytes)} of memory (${formatShare(bytes, total)}). No line of /proc/meminfo shows it.`,
      next: ['zramctl'],
    }),
  ];
}

export const oomKills: Rule = {
  id: 'R20',
  about: 'OOM kills',
  knows: ({ log, meminfo }) => log !== null && meminfo !== null,
  judge: ({ now }) => {
    const { log } = now;
    const last = log?.ooms.at(-1);
    if (log === null || last === undefined) return [];
    const ago =
      last.atSeconds !== null && now.machine.uptimeSeconds !== null
        ? `, the last ${formatAge((now.machine.uptimeSeconds - last.atSeconds) * 1e9)} ago`
        : '';
    const kills = Math.max(log.oomKills, log.ooms.length);
    const account = oomAccount(last);
    return [
      finding('R20', 'note', {
        item: 'OOM kills',
        bytes: last.killed === null ? null : last.killed.anonBytes + last.killed.shmemBytes,
        holders:
          last.killed === null
            ? []
            : [
                {
                  kind: 'process',
                  name: taskName(last.killed),
                  bytes: last.killed.anonBytes + last.killed.shmemBytes,
                },
              ],
        text: `${formatCount(kills)} OOM ${kills === 1 ? 'kill' : 'kills'} in the log${ago}: ${oomText(last)}`,
        details: [
          ...(account !== null && now.meminfo !== null ? [whenItRanOut(last, account).text] : []),
          ...oomDetails(last),
        ],
        next:
          last.constraint === 'memcg' &&
          now.cgroups?.some(({ path, version }) => path === last.cgroup && version === 2) === true
            ? [`cat ${shellWord(`/sys/fs/cgroup${last.cgroup}/memory.events`)}`]
            : ['journalctl -k -g "Out of memory|oom-kill"'],
      }),
      // With a meminfo the machine is judged as it is now.
      ...(account !== null && now.meminfo === null ? [whenItRanOut(last, account)] : []),
    ];
  },
};

/** Lists of the report by what they hold. Shared memory is among the anonymous lists there. */
const OOM_PARTS: readonly (readonly [name: string, terms: readonly string[]])[] = [
  ['anonymous and shared memory', ['active_anon', 'inactive_anon', 'isolated_anon']],
  ['files', ['active_file', 'inactive_file', 'isolated_file']],
  ['unevictable', ['unevictable']],
  ['unreclaimable slab', ['slab_unreclaimable']],
  ['reclaimable slab', ['slab_reclaimable']],
  ['page tables', ['pagetables', 'sec_pagetables']],
  ['kernel stacks', ['kernel_stack']],
  ['huge pages', ['hugetlb']],
  ['free', ['free', 'free_pcp']],
];

/** E11: what the machine held when memory ran out, and who. */
function whenItRanOut(oom: OomFacts, { totalBytes, gapBytes, terms }: OomAccount): TriageFinding {
  const parts = [
    ...OOM_PARTS.map(([name, names]) => ({
      name,
      bytes: sum(terms.filter((term) => names.includes(term.name)).map(({ bytes }) => bytes)),
    })),
    { name: 'in no line of the report, at most', bytes: gapBytes },
  ]
    .filter(({ bytes }) => bytes > 0.01 * totalBytes)
    .toSorted((one, other) => other.bytes - one.bytes);
  // None of them is large only in a report that was made up.
  const most = parts.at(0);
  const mostIs = most?.name ?? '';
  const tasks = oom.tasks.map((task): Holder => ({ kind: 'process', name: taskName(task), bytes: task.rssBytes }));
  const sites = oom.allocations.map(({ site, bytes }): Holder => ({ kind: 'caller', name: site, bytes }));
  const slabs = oom.slabs.map(({ name, totalBytes: bytes }): Holder => ({ kind: 'cache', name, bytes }));
  return finding('R20', 'limit', {
    item: 'memory when it ran out',
    bytes: most?.bytes ?? null,
    // Tasks hold no slab, and caches no anonymous memory.
    holders: largest(mostIs.startsWith('anonymous') ? tasks : mostIs.endsWith('slab') ? slabs : sites),
    text: `When memory ran out, of ${formatBytes(totalBytes)}: ${parts.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ')}.`,
    details: [
      'The report has no line for vmalloc, percpu memory, zram, GPU drivers and balloons: they are in what no line shows.',
    ],
    next: ['unfreed triage'],
  });
}

function oomText({ killed, constraint, cgroup, order }: OomFacts): string {
  const who =
    killed === null
      ? 'no process is named'
      : `killed ${killed.name} ${killed.pid} (${formatBytes(killed.anonBytes)} anonymous)`;
  const why =
    constraint === 'memcg'
      ? `, for the limit of the cgroup ${cgroup === '' ? '(not named)' : cgroup}`
      : constraint === 'cpuset' || constraint === 'memory_policy'
        ? `, for ${constraint}: other nodes may have had memory`
        : '';
  const large =
    order !== null && order > COSTLY_ORDER
      ? `. A block of ${2 ** order} pages was wanted: memory may only have been in pieces`
      : '';
  return `${who}${why}${large}. The report shows the memory at that time.`;
}

function oomDetails({ slabs, allocations }: OomFacts): string[] {
  const details: string[] = [];
  if (slabs.length > 0) {
    details.push(
      `slab then: ${slabs
        .toSorted((one, other) => other.totalBytes - one.totalBytes)
        .slice(0, 3)
        .map(({ name, totalBytes }) => `${name} ${formatBytes(totalBytes)}`)
        .join(', ')}`,
    );
  }
  for (const { bytes, site } of allocations.slice(0, 3))
    details.push(`allocated then: ${formatBytes(bytes)} by ${site}`);
  return details;
}
