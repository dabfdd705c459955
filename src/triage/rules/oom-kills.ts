/** R20: what the OOM killer's last report shows of the machine at that time (E11). */
import { formatAge, formatBytes, formatCount } from '../../base/format.js';
import type { OomFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import { type OomAccount, oomAccount } from '../oom-account.js';
import type { Holder, TriageFinding } from '../report.js';
import { largest, sum, taskName } from '../scene.js';
import { finding, type Rule } from './rule.js';

/** Blocks above this order are taken from movable memory with effort (PAGE_ALLOC_COSTLY_ORDER). */
const COSTLY_ORDER = 3;
/** The kernel prints ten call sites. */
const MOST_SITES = 10;
/** A part of the report that is worth a word. */
const SMALL_SHARE = 0.01;

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
function whenItRanOut(oom: OomFacts, { totalBytes, gapBytes, terms, heldByReferenceBytes }: OomAccount): TriageFinding {
  const parts = [
    ...OOM_PARTS.map(([name, names]) => ({
      name,
      bytes: sum(terms.filter((term) => names.includes(term.name)).map(({ bytes }) => bytes)),
    })),
    { name: 'in no line of the report, at most', bytes: gapBytes },
  ]
    .filter(({ bytes }) => bytes > SMALL_SHARE * totalBytes)
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
      ...(heldByReferenceBytes !== null && heldByReferenceBytes > SMALL_SHARE * totalBytes
        ? [
            `at most ${formatBytes(heldByReferenceBytes)} of the lists were held by a reference alone (pins, pipes, sockets), or by tasks that the table lacks`,
          ]
        : []),
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

function oomDetails({ slabs, allocations, constraint, memory }: OomFacts): string[] {
  const details: string[] = [];
  if (constraint === 'memcg') details.push(...cgroupThen(memory));
  if (slabs.length > 0) {
    details.push(
      `slab then: ${slabs
        .toSorted((one, other) => other.totalBytes - one.totalBytes)
        .slice(0, 3)
        .map(({ name, totalBytes }) => `${name} ${formatBytes(totalBytes)}`)
        .join(', ')}`,
    );
  }
  if (allocations.length > 0) {
    details.push(
      `allocated then: ${allocations
        .slice(0, MOST_SITES)
        .map(({ bytes, site }) => `${formatBytes(bytes)} by ${site}`)
        .join(', ')}`,
    );
  }
  return details;
}

/** Lines of its memory.stat that add up to what a cgroup used: version 2, and version 1 (rss and cache hold the rest). */
const CGROUP_PARTS: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ['anonymous', ['anon', 'rss']],
  ['files, shared memory and tmpfs', ['file', 'cache']],
  ['kernel', ['kernel']],
  ['sockets', ['sock']],
];

/** E10 at the time of a kill for the limit of a cgroup. */
function cgroupThen(memory: OomFacts['memory']): string[] {
  const usage = memory.get('usage');
  if (usage === undefined || usage === 0) return [];
  const limit = memory.get('limit');
  const parts = CGROUP_PARTS.map(([name, lines]) => ({
    name,
    bytes: lines.reduce((most, line) => Math.max(most, memory.get(line) ?? 0), 0),
  }))
    .filter(({ bytes }) => bytes > SMALL_SHARE * usage)
    .map(({ name, bytes }) => `, ${name} ${formatBytes(bytes)}`);
  return [
    `the cgroup used ${formatBytes(usage)}${limit === undefined ? '' : ` of ${formatBytes(limit)}`} then${parts.join('')}`,
  ];
}
