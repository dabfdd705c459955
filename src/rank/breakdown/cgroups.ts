/**
 * Outstanding memory by the cgroup of the task that took it, from the same walk as that by process
 * (processes.ts). Memory of tasks whose cgroup is not known is one row, with an empty path.
 */
import { cgroupName, parseCgroup } from '../../event/tables/cgroups.js';
import type { CgroupAccount } from '../../proc/process/cgroup-files.js';
import type { Selection } from '../report/selection.js';
import type { CompiledSelection } from '../select/compiled-selection.js';
import type { PairedTrace } from '../select/paired-trace.js';
import { statesOf } from './process-states.js';
import { type HolderFigures, holdersOf } from './processes.js';

export interface HolderCgroup {
  /** Its path, or 'cgroup 4711' where that is not known; '' = the tasks' cgroup is not known. Untrusted text. */
  path: string;
  /** Short for a list. Untrusted text. */
  name: string;
  /** When it was removed, ns of the trace; null = it is there. */
  removedNs: number | null;
  /** Null = nobody could ask the kernel, or it counts no memory there. */
  account: CgroupAccount | null;
}

export interface CgroupRow extends HolderFigures {
  cgroup: HolderCgroup;
  /** Number of processes that took some of what it holds. */
  pids: number;
}

/**
 * Returns all cgroups that hold something which passes the selection, by bytes, with their states. The
 * selection's limit, sort and group have no effect.
 */
export function cgroupRowsOf(trace: PairedTrace, selection: Selection | CompiledSelection): CgroupRow[] {
  const { core } = trace;
  const { comms, cgroups } = core.dictionary;
  const keys = { keyOf: (task: number) => comms.cgroup(task), withPids: false };
  const states = new Map(statesOf(trace, selection, keys).map(({ key, state }) => [key, state]));
  const rows = holdersOf(trace, selection, { ...keys, sinceNs: -1 }).map(({ key, pids, figures }): CgroupRow => {
    const text = cgroups.name(key);
    const path = key === 0 ? '' : cgroupName(parseCgroup(text));
    const cgroup = {
      path,
      name: core.containers.label(path),
      removedNs: core.removedCgroups.get(text) ?? null,
      account: null,
    };
    return { ...figures, pids, state: states.get(key), cgroup };
  });
  return rows.toSorted(
    (a, b) => b.bytes - a.bytes || b.backingBytes - a.backingBytes || (a.cgroup.path < b.cgroup.path ? -1 : 1),
  );
}
