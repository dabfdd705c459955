/** The cgroups that hold a row, by the tasks that took it. */
import { cgroupName, parseCgroup } from '../../event/tables/cgroups.js';
import type { PairingCore } from '../../pair/pairing-core.js';
import type { CgroupShare, CommShare } from '../report/report-rows.js';

/** What the tasks of one id hold of a row. */
export interface TaskShare {
  commId: number;
  bytes: number;
  count: number;
}

/** Returns the shares by cgroup, greatest first; none where no cgroup is known. */
export function cgroupShares(core: PairingCore, tasks: readonly TaskShare[]): CgroupShare[] {
  const { comms, cgroups } = core.dictionary;
  const sums = new Map<number, CgroupShare>();
  const tasksOf = new Map<number, TaskShare[]>();
  for (const task of tasks) {
    const { commId, bytes, count } = task;
    const entry = comms.cgroup(commId);
    if (entry === 0) continue;
    const known = sums.get(entry);
    if (known !== undefined) {
      tasksOf.get(entry)?.push(task);
      known.bytes += bytes;
      known.count += count;
      continue;
    }
    const text = cgroups.name(entry);
    tasksOf.set(entry, [task]);
    const parsed = parseCgroup(text);
    const cgroup = cgroupName(parsed);
    const name = core.containers.label(cgroup);
    sums.set(entry, { cgroup, name, id: parsed.id, removed: core.removedCgroups.has(text), bytes, count, comms: [] });
  }
  for (const [entry, share] of sums) share.comms = commShares(core, tasksOf.get(entry) ?? []);
  return [...sums.values()].toSorted(byBytes);
}

/** Returns the shares by process name, greatest first. A name may have run in several cgroups. */
export function commShares({ dictionary: { comms } }: PairingCore, tasks: readonly TaskShare[]): CommShare[] {
  const sums = new Map<number, CommShare>();
  for (const { commId, bytes, count } of tasks) {
    const nameId = comms.nameId(commId);
    const known = sums.get(nameId);
    if (known === undefined) {
      sums.set(nameId, { comm: comms.nameOf(nameId), bytes, count });
      continue;
    }
    known.bytes += bytes;
    known.count += count;
  }
  return [...sums.values()].toSorted((a, b) => b.bytes - a.bytes || b.count - a.count || (a.comm < b.comm ? -1 : 1));
}

/** How an entry of the trace's cgroups is named in a list; null for 0. Untrusted text. */
export function cgroupLabel(core: PairingCore, entry: number): string | null {
  if (entry === 0) return null;
  const text = core.dictionary.cgroups.name(entry);
  return `${cgroupName(parseCgroup(text))}${core.removedCgroups.has(text) ? ' (removed)' : ''}`;
}

function byBytes(a: CgroupShare, b: CgroupShare): number {
  return b.bytes - a.bytes || b.count - a.count || (a.cgroup < b.cgroup ? -1 : 1);
}
