/**
 * Cgroups before and after. A cgroup is the same if its path is; within one trace, where a removed one and a new one may
 * have one path, if its number (kernfs id) is too. Of the others, one before and one after count as one restarted
 * container, pod or unit if they have one name, or else if their paths differ in numbers and ids alone and most of both is held
 * by one process name. A cgroup that holds nothing is not listed, so new and gone mean that it holds nothing on the other side.
 */
import type { DiffCgroup } from '../report/diff-report.js';
import type { Report } from '../report/report.js';
import { changesInOrder, heldChange } from './held-change.js';

/** What a cgroup holds in one report. */
interface CgroupHeld {
  path: string;
  name: string;
  id: string;
  bytes: number;
  count: number;
  /** Bytes by process name. */
  comms: Map<string, number>;
}

/**
 * Ids of containers and pods, in hex, and numbers: what a restart changes in a path. The last is what Kubernetes puts behind
 * the name of a pod's owner.
 */
const RENEWED =
  /[0-9a-f]{12,}|[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|\d+|-[a-z0-9]{8,10}-[a-z0-9]{5}(?=[./]|$)/g;

/** Returns the cgroups that changed, growth first, and the number of those that did not. */
export function diffCgroups(
  before: Report,
  after: Report,
  sameTrace: boolean,
): { cgroups: DiffCgroup[]; unchanged: number } {
  const rounds: ((held: CgroupHeld) => string)[] = [
    ({ path, id }) => (sameTrace ? `${id}:${path}` : path),
    ({ path, name }) => (name === path ? '' : name),
    (held) => `${held.path.replace(RENEWED, '*')}\0${mainComm(held)}`,
  ];
  const found: DiffCgroup[] = [];
  let [old, now] = [heldBy(before, sameTrace), heldBy(after, sameTrace)];
  for (const [round, keyOf] of rounds.entries()) {
    const left = byKey(old, keyOf);
    const unmatched: CgroupHeld[] = [];
    for (const held of now) {
      const key = keyOf(held);
      const match = key === '' ? undefined : left.get(key)?.shift();
      if (match === undefined) unmatched.push(held);
      else found.push(compared(match, held, round > 0));
    }
    now = unmatched;
    old = [...left.values()].flat();
  }
  for (const held of now) found.push(compared(null, held, false));
  for (const held of old) found.push(compared(held, null, false));
  const { changed, unchanged } = changesInOrder(found, (a, b) => (a.cgroup < b.cgroup ? -1 : 1));
  return { cgroups: changed, unchanged };
}

/** By bytes. Backing pages are left out, for their bytes are in other rows. */
function heldBy(report: Report, sameTrace: boolean): CgroupHeld[] {
  const sums = new Map<string, CgroupHeld>();
  for (const stack of report.stacks) {
    if (stack.category === 'backing') continue;
    for (const { cgroup, name, id = '', bytes, count, comms } of stack.cgroups) {
      const key = sameTrace ? `${id}:${cgroup}` : cgroup;
      const sum = sums.get(key) ?? { path: cgroup, name, id, bytes: 0, count: 0, comms: new Map<string, number>() };
      sums.set(key, sum);
      sum.bytes += bytes;
      sum.count += count;
      for (const share of comms) sum.comms.set(share.comm, (sum.comms.get(share.comm) ?? 0) + share.bytes);
    }
  }
  return [...sums.values()].toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
}

function mainComm({ comms }: CgroupHeld): string {
  let [main, most] = ['', -1];
  for (const [comm, bytes] of comms) if (bytes > most || (bytes === most && comm < main)) [main, most] = [comm, bytes];
  return main;
}

function byKey(held: readonly CgroupHeld[], keyOf: (held: CgroupHeld) => string): Map<string, CgroupHeld[]> {
  const groups = new Map<string, CgroupHeld[]>();
  for (const one of held) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

function compared(before: CgroupHeld | null, after: CgroupHeld | null, restarted: boolean): DiffCgroup {
  const there = after ?? before;
  return {
    cgroup: there?.path ?? '',
    name: there?.name ?? '',
    cgroupBefore: restarted ? (before?.path ?? null) : null,
    ...heldChange(before, after, restarted),
  };
}
