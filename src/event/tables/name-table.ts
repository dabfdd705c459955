/**
 * NameTable: interns untrusted short texts (process names, slab cache names) to dense ids from 1; 0
 * = unknown. It keeps at most `limit` names, so that a process which renames itself in a loop
 * cannot exhaust the tracer's memory.
 *
 * No name is left without an id. When most of the table is taken, a new name shares the id of its
 * family: the name with '#' in place of its numbers ('job-17' and 'job-18' become 'job-#'). When
 * the rest is taken by families too, what comes then is OTHERS.
 */

/** Names of which the table has no room for a family. */
export const OTHERS = '(other names)';
/** Ids kept for families, and for names without numbers that come late; at most a sixteenth of the table. */
const FAMILIES = 4096;

export class NameTable {
  size = 0;
  private readonly names: string[] = [''];
  private readonly ids = new Map<string, number>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Returns the id of a name; never 0. */
  intern(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const forFamilies = Math.min(FAMILIES, this.limit >>> 4);
    if (this.size < this.limit - forFamilies - 1) return this.add(name);
    const family = name.replaceAll(/[0-9]+/g, '#');
    const knownFamily = this.ids.get(family);
    if (knownFamily !== undefined) return knownFamily;
    // The last id is that of OTHERS.
    if (this.size < this.limit - 1) return this.add(family);
    return this.ids.get(OTHERS) ?? this.add(OTHERS);
  }

  /** Returns the id of a name that has one of its own, else 0. */
  find(name: string): number {
    return this.ids.get(name) ?? 0;
  }

  /**
   * Returns the text of an id as it was recorded, '' for 0. The text is not safe: it must pass
   * through safeText() before it is shown.
   */
  name(id: number): string {
    return this.names[id] ?? '';
  }

  private add(name: string): number {
    const id = ++this.size;
    this.names.push(name);
    this.ids.set(name, id);
    return id;
  }
}
