/**
 * NameTable: untrusted short texts (process names, slab cache names) interned to dense ids from 1; 0 = unknown.
 * At most `limit` names are kept, so that a process which renames itself in a loop cannot eat the tracer's memory;
 * what comes after is id 0 and counted in `refused`.
 */
export class NameTable {
  size = 0;
  refused = 0;
  private readonly names: string[] = [''];
  private readonly ids = new Map<string, number>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  intern(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    if (this.size >= this.limit) {
      this.refused++;
      return 0;
    }
    const id = ++this.size;
    this.names.push(name);
    this.ids.set(name, id);
    return id;
  }

  /** The text of an id as it was recorded: raw, to be made safe by whoever shows it. '' for 0. */
  name(id: number): string {
    return this.names[id] ?? '';
  }
}
