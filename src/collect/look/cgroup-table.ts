/** 'table/cgroups': the tree of memory cgroups; 'table/pods': the names of those that are pods. */

import { release } from 'node:os';
import { formatCount } from '../../base/format.js';
import { unescapePath } from '../../proc/escaped-path.js';
import { kernelNumber } from '../../proc/kernel-release.js';
import { memoryCgroups, oneNumber } from '../../proc/machine/counters.js';
import { type CgroupStat, keyedNumbers, parseCgroupStat } from '../../proc/process/cgroup-files.js';
import { foldersIn, linksOf, namesIn, readNumber, readShort } from './kernel-files.js';
import type { LookBuilder } from './look-builder.js';

interface Cgroup {
  path: string;
  /** True if it has less than SMALL, or is below such a one: nothing below it is large. */
  isSmall: boolean;
  current: number | null;
  max: number | null;
}

export interface CgroupWalk {
  /** Memory cgroups with a directory; null if not all were found. */
  count: number | null;
  /** Path of the memory cgroup of each process that was found in one. */
  cgroupOf: Map<number, string>;
}

export interface CgroupTree {
  mount: string;
  version: 1 | 2;
  /** True if a cgroup counts what is below it. */
  hierarchical: boolean;
}

/** memory.stat makes the kernel add up the counters of all CPUs: it is read of so many, the largest. */
const STAT_LIMIT = 1000;
const CGROUP_LIMIT = 200_000;
const NEAR_LIMIT = 0.8;
/** Beyond the first STAT_LIMIT, the limit of a cgroup with less than this is not read. */
const SMALL = 1 << 20;
/** Of the time that is left, for finding them all. */
const WALK_SHARE = 0.6;
/** And for what is read of the largest. */
const DETAILS_SHARE = 0.75;
/** The clock is asked after so many. */
const CHECKED = 16;

/** `tree`: where the memory controller is mounted; null = nowhere. */
export async function tellCgroups(look: LookBuilder, tree: CgroupTree | null): Promise<CgroupWalk> {
  const cgroupOf = new Map<number, string>();
  if (tree === null) {
    look.miss('table/cgroups', 'no memory controller');
    return { count: null, cgroupOf };
  }
  const from = look.time();
  const { cgroups, whole, known } = await findCgroups(look, tree, from);
  if (!whole) {
    const all = countAll(tree) ?? known;
    look.miss('table/cgroups', `took too long: ${formatCount(cgroups.length)} of ${formatCount(all)} were read`);
  }
  const detailed = new Set(cgroups.length <= STAT_LIMIT ? cgroups : largest(cgroups));
  const rows: (string | number | null)[][] = [];
  let details = 0;
  for (const cgroup of cgroups) {
    if (look.isDue()) await look.pause();
    const isDetailed = detailed.has(cgroup) && !look.isOver(from, DETAILS_SHARE);
    if (isDetailed) details++;
    // The cells that a short row lacks are not known.
    rows.push(
      isDetailed ? detailedRow(tree, cgroup, cgroupOf) : [cgroup.path, tree.version, cgroup.current, cgroup.max],
    );
  }
  look.table('table/cgroups', rows);
  if (details < cgroups.length) {
    const late = details < detailed.size ? 'took too long: ' : '';
    const alone = `of ${formatCount(details)} ${late === '' ? 'largest ' : ''}of ${formatCount(cgroups.length)} alone`;
    look.miss('memory.stat of cgroups', `${late}${alone}`);
  }
  return { count: whole ? cgroups.length : null, cgroupOf };
}

/** A node has some 110 pods, and 1,000 at the most; a folder of logs that holds more is not believed. */
const MOST_LOGS = 5000;
/** NAMESPACE_POD_UID; the names have no '_' (kubelet, BuildPodLogsDirectory). */
const POD_LOGS = /^([a-z0-9.-]{1,63})_([a-z0-9.-]{1,253})_([0-9a-f-]{32,36})$/;
/** POD_NAMESPACE_CONTAINER-ID.log, a link (kubelet, legacyLogSymlink). */
const CONTAINER_LOG = /^([a-z0-9.-]{1,253})_([a-z0-9.-]{1,63})_([a-z0-9.-]{1,63})-([0-9a-f]{64})\.log$/;

/** Writes the names of pods and their containers, where the kubelet keeps their logs. `root` is '' for this machine. */
export function tellPods(look: LookBuilder, root = ''): void {
  const pods = (namesIn(`${root}/var/log/pods`) ?? []).slice(0, MOST_LOGS).flatMap((name) => {
    const [, namespace, pod, uid] = POD_LOGS.exec(name) ?? [];
    return uid === undefined ? [] : [{ uid, namespace, pod }];
  });
  if (pods.length === 0) return;
  const containers = new Map<string, [name: string, id: string][]>();
  for (const name of (namesIn(`${root}/var/log/containers`) ?? []).slice(0, MOST_LOGS)) {
    const [, pod, namespace, container, id] = CONTAINER_LOG.exec(name) ?? [];
    if (id === undefined) continue;
    const key = `${namespace}/${pod}`;
    containers.set(key, [...(containers.get(key) ?? []), [container, id]]);
  }
  look.table(
    'table/pods',
    pods.flatMap(({ uid, namespace, pod }) =>
      // Pods that had the same name one after the other share the list: a container is looked up by its id alone.
      (containers.get(`${namespace}/${pod}`) ?? [[null, null] as const]).map((of) => [uid, namespace, pod, ...of]),
    ),
  );
}

/** Cgroups with a limit whose counts of events are read again: a second look must stay short. */
const MOST_LIMITED = 50;
/** Below this share of its limit nothing happens at a limit. */
const USED_SHARE = 0.5;

/**
 * Writes 'table/cgroups' of those alone that are near their limit, for how their counts of events change. `before`:
 * the table of the first look.
 */
export function tellLimited(look: LookBuilder, tree: CgroupTree, before: string): void {
  const limited: { cgroup: Cgroup; share: number }[] = [];
  for (const line of before.split('\n').slice(1)) {
    // path, version, current, max: a hundred thousand rows are not taken apart.
    const [path, , current, max] = line.split('\t', 4);
    const share = Number(current) / Number(max);
    // A path with an escape is not worth the work.
    if (max !== undefined && max !== '' && share > USED_SHARE && !path.includes('\\')) {
      limited.push({ cgroup: { path, isSmall: false, current: null, max: Number(max) }, share });
    }
  }
  const nearest = limited.toSorted((one, other) => other.share - one.share).slice(0, MOST_LIMITED);
  if (nearest.length === 0) return;
  const file = tree.version === 2 ? 'memory.current' : 'memory.usage_in_bytes';
  look.table(
    'table/cgroups',
    nearest.flatMap(({ cgroup }) => {
      const current = oneNumber(readShort(`${tree.mount}${cgroup.path}/${file}`) ?? undefined);
      // It may be gone.
      return current === null ? [] : [detailedRow(tree, { ...cgroup, current }, new Map())];
    }),
  );
}

/** Returns the tree with the memory controller, as this process sees it mounted. */
export function findCgroupTree(): CgroupTree | null {
  const mounts = (readShort('/proc/self/mounts') ?? '').split('\n').map((line) => line.split(' ', 4));
  for (const [, path, type, options] of mounts) {
    if (type === 'cgroup' && (options ?? '').split(',').includes('memory'))
      // Version 1 without a hierarchy ended in 5.11 (commit bef8620cd8e0).
      return { mount: unescapePath(path), version: 1, hierarchical: kernelNumber(release()) >= 5011 };
  }
  for (const [, path, type] of mounts) {
    const mount = type === 'cgroup2' ? unescapePath(path) : '';
    if (mount !== '' && (readShort(`${mount}/cgroup.controllers`) ?? '').split(/\s/).includes('memory')) {
      return { mount, version: 2, hierarchical: true };
    }
  }
  return null;
}

/** Returns how many memory cgroups have a directory, as the kernel counts; null if it does not tell. Removed ones of version 1 are among them. */
function countAll({ mount, version }: CgroupTree): number | null {
  if (version === 1) return memoryCgroups(readShort('/proc/cgroups') ?? '');
  const below = keyedNumbers(readShort(`${mount}/cgroup.stat`) ?? '').get('nr_descendants');
  return below === undefined ? null : below + 1;
}

/** Returns the cgroups, parents first; `known`: with those that were found but not read. */
async function findCgroups(
  look: LookBuilder,
  tree: CgroupTree,
  from: number,
): Promise<{ cgroups: Cgroup[]; whole: boolean; known: number }> {
  const cgroups: Cgroup[] = [];
  const found: { path: string; parent: Cgroup | null }[] = [{ path: '/', parent: null }];
  const [currentFile, maxFile] =
    tree.version === 2 ? ['memory.current', 'memory.max'] : ['memory.usage_in_bytes', 'memory.limit_in_bytes'];
  // The list grows while it is walked.
  for (const { path, parent } of found) {
    if (look.isDue()) await look.pause();
    if (cgroups.length >= CGROUP_LIMIT || (cgroups.length % CHECKED === 0 && look.isOver(from, WALK_SHARE))) {
      return { cgroups, whole: false, known: found.length };
    }
    const folder = path === '/' ? tree.mount : tree.mount + path;
    const many = cgroups.length > STAT_LIMIT;
    const belowSmall = many && tree.hierarchical && parent?.isSmall === true;
    const current = belowSmall ? null : readNumber(`${folder}/${currentFile}`);
    const isSmall = belowSmall || (current ?? SMALL) < SMALL;
    // "max" of version 2, and LONG_MAX of version 1, are no numbers that can be counted with: no limit.
    const max = many && isSmall ? null : readNumber(`${folder}/${maxFile}`);
    const cgroup = { path, isSmall, current, max };
    cgroups.push(cgroup);
    // A directory counts its subdirectories in its links: most have none, and need not be listed.
    if (linksOf(folder) === 2) continue;
    for (const name of foldersIn(folder)) found.push({ path: `${path === '/' ? '' : path}/${name}`, parent: cgroup });
  }
  return { cgroups, whole: true, known: found.length };
}

/** Returns those with most memory, and those near their limit. */
function largest(cgroups: readonly Cgroup[]): Cgroup[] {
  const near = cgroups.filter(({ current, max }) => max !== null && (current ?? 0) > max * NEAR_LIMIT);
  const most = cgroups.toSorted((a, b) => (b.current ?? 0) - (a.current ?? 0)).slice(0, STAT_LIMIT);
  return [...near.slice(0, STAT_LIMIT), ...most];
}

type Details = Partial<CgroupStat> & {
  dying?: number | null;
  oomKills?: number | null;
  maxEvents?: number | null;
  processes?: number | null;
  peak?: number | null;
};

function detailedRow(tree: CgroupTree, cgroup: Cgroup, cgroupOf: Map<number, string>): (string | number | null)[] {
  const folder = tree.mount + cgroup.path;
  const of = (file: string): string => readShort(`${folder}/${file}`) ?? '';
  const pids = of('cgroup.procs')
    .split('\n', 40_000)
    .filter((line) => line !== '');
  for (const pid of pids) cgroupOf.set(Number(pid), cgroup.path);
  const stat = parseCgroupStat(of('memory.stat'), tree.version);
  if (tree.version === 1) {
    return row(tree, cgroup, {
      ...stat,
      kernel: oneNumber(of('memory.kmem.usage_in_bytes')),
      oomKills: keyedNumbers(of('memory.oom_control')).get('oom_kill') ?? null,
      maxEvents: oneNumber(of('memory.failcnt')),
      processes: pids.length,
      peak: oneNumber(of('memory.max_usage_in_bytes')),
    });
  }
  const events = keyedNumbers(of('memory.events'));
  return row(tree, cgroup, {
    ...stat,
    swap: oneNumber(of('memory.swap.current')),
    dying: keyedNumbers(of('cgroup.stat')).get('nr_dying_descendants') ?? null,
    oomKills: events.get('oom_kill') ?? null,
    maxEvents: events.get('max') ?? null,
    processes: pids.length,
    peak: oneNumber(of('memory.peak')),
  });
}

function row(tree: CgroupTree, { path, current, max }: Cgroup, details: Details): (string | number | null)[] {
  return [
    path,
    tree.version,
    // The root of version 2 has no memory.current.
    current ?? (details.anon == null ? null : details.anon + (details.file ?? 0) + (details.kernel ?? 0)),
    max,
    details.swap ?? null,
    details.anon ?? null,
    details.file ?? null,
    details.shmem ?? null,
    details.inactiveFile ?? null,
    details.kernel ?? null,
    details.slabReclaimable ?? null,
    details.slabUnreclaimable ?? null,
    details.percpu ?? null,
    details.sock ?? null,
    details.kernelStack ?? null,
    details.pageTables ?? null,
    details.vmalloc ?? null,
    details.dying ?? null,
    details.oomKills ?? null,
    details.maxEvents ?? null,
    details.refaults ?? null,
    details.processes ?? null,
    details.peak ?? null,
  ];
}
