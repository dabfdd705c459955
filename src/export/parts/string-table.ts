/** StringTable: stores each text once, in the order in which the texts were first added. */
export class StringTable {
  readonly strings: string[] = [];
  private readonly indexOf = new Map<string, number>();

  constructor(first: readonly string[] = []) {
    for (const text of first) this.index(text);
  }

  /** Returns the index of a text in `strings`; adds it if it is new. */
  index(text: string): number {
    const known = this.indexOf.get(text);
    if (known !== undefined) return known;
    const index = this.strings.push(text) - 1;
    this.indexOf.set(text, index);
    return index;
  }
}
