/** FlatTail: the last `limit` characters of a text that comes in pieces. */
export class FlatTail {
  text = '';
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(piece: string): void {
    const joined = this.text + piece;
    this.text = joined.length > this.limit ? joined.slice(-this.limit) : joined;
  }
}
