/** Texts, each once, by the order in which they were first asked for. */
export class StringTable {
  readonly strings: string[] = [];
  private readonly indexOf = new Map<string, number>();

  constructor(first: readonly string[] = []) {
    for (const text of first) this.index(text);
  }

  /** Index in `strings`, added when it is new. */
  index(text: string): number {
    const known = this.indexOf.get(text);
    if (known !== undefined) return known;
    const index = this.strings.push(text) - 1;
    this.indexOf.set(text, index);
    return index;
  }
}
