/**
 * NameTable: interns untrusted short texts (process names, slab cache names) to dense ids from 1; 0
 * = unknown. It keeps at most `limit` names, so that a process which renames itself in a loop
 * cannot exhaust the tracer's memory. Later new names get id 0 and are counted in `refused`.
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

  /** Returns the id of a name, 0 if it is new and the table is full. */
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

  /**
   * Returns the text of an id as it was recorded, '' for 0. The text is not safe: it must pass
   * through safeText() before it is shown.
   */
  name(id: number): string {
    return this.names[id] ?? '';
  }
}
