/** R20: what the kernel's log says of memory that ran out, of a machine or of a cgroup. */
import { formatAge, formatBytes, formatCount } from '../../base/format.js';
import type { LogFacts, OomFacts } from '../facts.js';
import { shellWord } from '../next-commands.js';
import { type OomAccount, oomAccount } from '../oom-account.js';
import type { Holder, TriageFinding } from '../report.js';
import { finding, type Rule } from '../rule.js';
import { largest, type Scene, sum, sumBy, taskName } from '../scene.js';

/** Blocks above this order are taken from movable memory with effort (PAGE_ALLOC_COSTLY_ORDER). */
const COSTLY_ORDER = 3;
/** Of a limit: what is used of it is as much as fits. */
const NEAR_LIMIT = 0.99;
/** Holders of each table of a report that is not whole. */
const OF_EACH = 3;
/** The kernel prints ten call sites. */
const MOST_SITES = 10;
/** A part of the report that is worth a word. */
const SMALL_SHARE = 0.01;

export const oomKills: Rule = {
  id: 'R20',
  about: 'OOM kills',
  knows: ({ log }) => log !== null,
  judge: (scene) => {
    const { log } = scene.now;
    const last = log?.ooms.at(-1);
    if (log === null) return [];
    return [...(last === undefined ? [] : lastKill(scene, log, last)), ...failures(log)];
  },
};

function lastKill({ now }: Scene, log: LogFacts, last: OomFacts): TriageFinding[] {
  const ago =
    last.atSeconds !== null && now.machine.uptimeSeconds !== null
      ? `, the last ${formatAge((now.machine.uptimeSeconds - last.atSeconds) * 1e9)} ago`
      : '';
  const kills = Math.max(log.oomKills, log.ooms.length);
  const account = oomAccount(last);
  const ofCgroup = last.constraint === 'memcg';
  const alone = now.meminfo === null;
  // A list alone may be of an allocation that failed, or was asked for.
  if (alone && account === null && !ofCgroup && last.killed === null && last.invokedBy === '')
    return partOfReport(last);
  const findings = [
    finding('R20', ofCgroup && alone ? 'limit' : 'note', {
      item: ofCgroup ? `OOM kill in the cgroup ${cgroupName(last)}` : 'OOM kills',
      bytes: ofCgroup
        ? (last.memory.get('usage') ?? killedBytes(last))
        : last.killed === null
          ? null
          : killedBytes(last),
      holders: ofCgroup ? cgroupHolders(last) : killedHolders(last),
      text: `${formatCount(kills)} OOM ${kills === 1 ? 'kill' : 'kills'} in the log${ago}: ${oomText(last)}`,
      details: [
        ...(account !== null && !alone ? [whenItRanOut(last, account).text] : []),
        ...otherCgroups(log),
        ...oomDetails(last),
      ].slice(0, 6),
      next:
        ofCgroup && now.cgroups?.some(({ path, version }) => path === last.cgroup && version === 2) === true
          ? [`cat ${shellWord(`/sys/fs/cgroup${last.cgroup}/memory.events`)}`]
          : ['journalctl -k -g "Out of memory|oom-kill"'],
    }),
  ];
  // With a meminfo the machine is judged as it is now.
  if (alone && account !== null) findings.push(whenItRanOut(last, account));
  else if (alone && !ofCgroup) findings.push(...partOfReport(last));
  return findings;
}

function killedBytes({ killed }: OomFacts): number | null {
  return killed === null ? null : killed.anonBytes + killed.shmemBytes;
}

function killedHolders({ killed }: OomFacts): Holder[] {
  return killed === null
    ? []
    : [{ kind: 'process', name: taskName(killed), bytes: killed.anonBytes + killed.shmemBytes }];
}

function cgroupName({ cgroup }: OomFacts): string {
  return cgroup === '' ? '(not named)' : cgroup;
}

/** The cgroup, and the largest of its tasks: the table of such a report has no others. */
function cgroupHolders(oom: OomFacts): Holder[] {
  const usage = oom.memory.get('usage') ?? null;
  const tasks = taskHolders(oom).slice(0, OF_EACH + 1);
  return [{ kind: 'cgroup', name: cgroupName(oom), bytes: usage }, ...(tasks.length > 0 ? tasks : killedHolders(oom))];
}

function taskHolders({ tasks }: OomFacts): Holder[] {
  return largest(tasks.map((task): Holder => ({ kind: 'process', name: taskName(task), bytes: task.rssBytes })));
}

/** Kills by cgroup, where there was more than one. */
function otherCgroups({ ooms }: LogFacts): string[] {
  const counts = sumBy(
    ooms.filter(({ constraint }) => constraint === 'memcg'),
    cgroupName,
    () => 1,
  );
  if (counts.size < 2) return [];
  const most = [...counts].toSorted((one, other) => other[1] - one[1]).slice(0, 4);
  return [`kills by cgroup: ${most.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ')}`];
}

/** Allocations that failed without a kill, and other lines that explain why memory cannot be had. */
function failures({ ooms, allocationFailures, notes }: LogFacts): TriageFinding[] {
  const telling = notes.filter((note) => FAILURE_NOTE.test(note)).slice(0, 4);
  if (allocationFailures === 0 && telling.length === 0) return [];
  const text =
    allocationFailures === 0
      ? 'The log has lines of memory that could not be had.'
      : `${formatCount(allocationFailures)} ${allocationFailures === 1 ? 'allocation' : 'allocations'} of pages failed by the log${ooms.length > 0 ? ', beside the kills' : ''}: memory was short, or only in pieces where a block of several pages was wanted.`;
  return [
    finding('R20', 'note', {
      item: 'allocations that failed',
      text,
      details: telling.map((note) => `log: ${note}`),
      next: ['journalctl -k -g "page allocation failure"'],
    }),
  ];
}

const FAILURE_NOTE =
  /page allocation failure|TCP: out of memory|table full, dropping|vmap allocation for size|Out of memory and no killable|Memory failure|bpf_jit/i;

/** A report whose totals are missing: the largest of each of its tables. They overlap. */
function partOfReport(oom: OomFacts): TriageFinding[] {
  const tables = [
    {
      name: 'tasks',
      holders: taskHolders(oom),
      all: sum(oom.tasks.map(({ rssBytes }) => rssBytes)),
      count: oom.tasks.length,
    },
    {
      name: 'slab caches',
      holders: slabHolders(oom),
      all: sum(oom.slabs.map(({ totalBytes }) => totalBytes)),
      count: oom.slabs.length,
    },
    {
      name: 'lines of code',
      holders: siteHolders(oom),
      all: sum(oom.allocations.map(({ bytes }) => bytes)),
      count: oom.allocations.length,
    },
  ].filter(({ count, all }) => count > 0 && all > 0);
  if (tables.length === 0) return [];
  const said = tables.map(
    ({ name, all, count, holders }) =>
      `${formatCount(count)} ${name} have ${formatBytes(all)}, most of it ${holders[0].name} (${formatBytes(holders[0].bytes ?? 0)})`,
  );
  return [
    finding('R20', 'limit', {
      item: 'memory when it ran out',
      bytes: Math.max(...tables.map(({ all }) => all)),
      holders:
        tables.length === 1
          ? tables[0].holders
          : tables.flatMap(({ holders }) => holders.slice(0, OF_EACH)).slice(0, 8),
      text: `A part of a report of memory that ran out, or of an allocation that failed: ${said.join('; ')}.`,
      details: [
        'How much memory the machine has, and what else held it, is not in this part: the report begins with "invoked oom-killer".',
      ],
      next: ['journalctl -k -g "invoked oom-killer" -A 400'],
    }),
  ];
}

function slabHolders({ slabs }: OomFacts): Holder[] {
  return largest(slabs.map(({ name, totalBytes: bytes }): Holder => ({ kind: 'cache', name, bytes })));
}

function siteHolders({ allocations }: OomFacts): Holder[] {
  return largest(allocations.map(({ site, bytes }): Holder => ({ kind: 'caller', name: site, bytes })));
}

/** Lists of the report by what they hold. Shared memory is among the anonymous lists there. */
const OOM_PARTS: readonly (readonly [name: string, terms: readonly string[], holders?: 'tasks' | 'caches'])[] = [
  ['anonymous and shared memory', ['active_anon', 'inactive_anon', 'isolated_anon'], 'tasks'],
  ['files', ['active_file', 'inactive_file', 'isolated_file']],
  ['unevictable', ['unevictable']],
  ['unreclaimable slab', ['slab_unreclaimable'], 'caches'],
  ['reclaimable slab', ['slab_reclaimable'], 'caches'],
  ['page tables', ['pagetables', 'sec_pagetables']],
  ['kernel stacks', ['kernel_stack']],
  ['huge pages', ['hugetlb']],
  ['free', ['free', 'free_pcp']],
];

/** E11: what the machine held when memory ran out, and who. */
function whenItRanOut(oom: OomFacts, { totalBytes, gapBytes, terms, heldByReferenceBytes }: OomAccount): TriageFinding {
  const parts = [
    ...OOM_PARTS.map(([name, names, holders]) => ({
      name,
      holders,
      bytes: sum(terms.filter((term) => names.includes(term.name)).map(({ bytes }) => bytes)),
    })),
    { name: 'in no line of the report, at most', holders: undefined, bytes: gapBytes },
  ]
    .filter(({ bytes }) => bytes > SMALL_SHARE * totalBytes)
    .toSorted((one, other) => other.bytes - one.bytes);
  // None of them is large only in a report that was made up.
  const most = parts.at(0);
  return finding('R20', 'limit', {
    item: 'memory when it ran out',
    bytes: most?.bytes ?? null,
    // Tasks hold no slab, and caches no anonymous memory.
    holders:
      most?.holders === 'tasks' ? taskHolders(oom) : most?.holders === 'caches' ? slabHolders(oom) : siteHolders(oom),
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

function oomText(oom: OomFacts): string {
  const { killed, constraint, order } = oom;
  const who =
    killed === null
      ? 'no process is named'
      : `killed ${killed.name} ${killed.pid} (${formatBytes(killed.anonBytes)} anonymous)`;
  const why =
    constraint === 'memcg'
      ? `, for the limit of the cgroup ${cgroupName(oom)}${cgroupUse(oom)}`
      : constraint === 'cpuset' || constraint === 'memory_policy'
        ? `, for ${constraint}: other nodes may have had memory`
        : '';
  const large =
    order !== null && order > COSTLY_ORDER
      ? `. A block of ${2 ** order} pages was wanted: memory may only have been in pieces`
      : '';
  return `${who}${why}${large}. The report shows the memory at that time.`;
}

/** Of memory.stat of both versions: what may be large. */
const CGROUP_PARTS: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ['anon', ['anon', 'total_rss', 'rss']],
  ['files and shmem', ['file', 'total_cache', 'cache']],
  ['of it shmem', ['shmem', 'total_shmem']],
  ['kernel', ['kernel', 'kmem usage']],
  ['sockets', ['sock']],
  ['swap', ['swap usage', 'total_swap', 'swap']],
];

/** ': it used 100 MiB of 100 MiB (limit met 75 times), anon 99.8 MiB, kernel 204 KiB'; '' if the report does not say it. */
function cgroupUse({ memory, failures: met }: OomFacts): string {
  const usage = memory.get('usage');
  const limit = memory.get('limit');
  if (usage === undefined || limit === undefined) return '';
  const times = met === null ? '' : `; it met the limit ${formatCount(met)} ${met === 1 ? 'time' : 'times'}`;
  const parts = CGROUP_PARTS.map(([name, lines]) => ({
    name,
    bytes: lines.map((line) => memory.get(line)).find((bytes) => bytes !== undefined) ?? 0,
  })).filter(({ bytes }) => bytes > SMALL_SHARE * usage);
  const said = parts.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`);
  const both = memory.get('memory+swap usage') ?? 0;
  const bothLimit = memory.get('memory+swap limit') ?? 0;
  // Without a limit it is far above what any machine has.
  const swap =
    bothLimit > 0 && both >= NEAR_LIMIT * bothLimit
      ? `, and with swap ${formatBytes(both)} of ${formatBytes(bothLimit)}`
      : '';
  return `: it used ${formatBytes(usage)} of ${formatBytes(limit)}${swap}${times}${said.length > 0 ? ` (${said.join(', ')})` : ''}`;
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
  if (allocations.length > 0) {
    const sites = allocations.slice(0, MOST_SITES).map(({ bytes, site }) => `${formatBytes(bytes)} by ${site}`);
    details.push(`allocated then: ${sites.join(', ')}`);
  }
  return details;
}
