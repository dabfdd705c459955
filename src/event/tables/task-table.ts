/**
 * TaskTable: interns tasks, a process name with the cgroup that its memory is charged to, to dense ids
 * from 1; 0 = unknown. An event has one such id (EventBatch.commId). Two ids have one name if tasks of
 * that name ran in two cgroups: whoever sums by name uses nameId().
 *
 * The same bounds hold as for a NameTable: when most of the table is taken, a new task shares the id of
 * its family ('job-#'), first in its own cgroup, then in none that is known.
 */
import { NameTable, OTHERS } from './name-table.js';

/** Ids kept for families; at most a sixteenth of the table. */
const FAMILIES = 4096;

export class TaskTable {
  size = 0;
  private readonly limit: number;
  private readonly names: NameTable;
  /** By id: id of the name, and of the cgroup in the trace's table of cgroups. */
  private readonly nameIds: number[] = [0];
  private readonly cgroups: number[] = [0];
  /** By cgroup: ids by id of the name. */
  private readonly ids = new Map<number, Map<number, number>>();

  constructor(limit: number) {
    this.limit = limit;
    this.names = new NameTable(limit);
  }

  /** Returns the id of a task; never 0. `cgroup`: id of its cgroup, 0 = not known. */
  intern(name: string, cgroup = 0): number {
    const nameId = this.names.intern(name);
    const known = this.ids.get(cgroup)?.get(nameId);
    if (known !== undefined) return known;
    const kept = Math.min(FAMILIES, this.limit >>> 4);
    if (this.size < this.limit - kept - 1) return this.add(nameId, cgroup);
    const family = this.names.intern(this.names.name(nameId).replaceAll(/[0-9]+/g, '#'));
    return (
      this.ids.get(cgroup)?.get(family) ??
      (this.size < this.limit - kept / 2 - 1 ? this.add(family, cgroup) : undefined) ??
      this.ids.get(0)?.get(family) ??
      (this.size < this.limit - 1 ? this.add(family, 0) : undefined) ??
      this.others()
    );
  }

  /** Name of a task, '' for 0. Untrusted text: it must pass through safeText() before it is shown. */
  name(id: number): string {
    return this.names.name(this.nameIds[id] ?? 0);
  }

  /** Id of the name alone, equal for all tasks of one name; 0 for 0. */
  nameId(id: number): number {
    return this.nameIds[id] ?? 0;
  }

  /** The name of a nameId(). Untrusted text. */
  nameOf(nameId: number): string {
    return this.names.name(nameId);
  }

  /** The cgroup of a task, an id of the trace's table of cgroups; 0 = not known. */
  cgroup(id: number): number {
    return this.cgroups[id] ?? 0;
  }

  private others(): number {
    const nameId = this.names.intern(OTHERS);
    return this.ids.get(0)?.get(nameId) ?? this.add(nameId, 0);
  }

  private add(nameId: number, cgroup: number): number {
    const id = ++this.size;
    this.nameIds.push(nameId);
    this.cgroups.push(cgroup);
    let ofCgroup = this.ids.get(cgroup);
    if (ofCgroup === undefined) {
      ofCgroup = new Map();
      this.ids.set(cgroup, ofCgroup);
    }
    ofCgroup.set(nameId, id);
    return id;
  }
}
